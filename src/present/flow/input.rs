//! The scene: all that the diagram shows, as plain data, before anything has a place.

use records::sorted::{SortedMap, SortedSet};

use engine::ids::{BrokerId, TopicPartition};
use engine::time::SimTime;
use session::selection::Selection;
use world::input::ClientId;

use crate::keys::KeyMark;

/// Everything the diagram is computed from, but for the records, which a [`RecordSource`] hands out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowInput {
    /// The world's time: what moves stands where it is at this moment.
    pub now: SimTime,
    /// The brokers by number; empty while no cluster runs.
    pub brokers: Vec<BrokerIn>,
    /// The topics that users made, in the order to show them.
    pub topics: Vec<TopicIn>,
    /// The consumer groups in the order to show them.
    pub groups: Vec<GroupIn>,
    /// The producers in the order to show them.
    pub producers: Vec<ProducerIn>,
    /// Records under way now.
    pub travels: Vec<Travel>,
    /// What the user chose to see.
    pub settings: FlowSettings,
}

/// What the user chose to see, and on what.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowSettings {
    /// What is selected on the page.
    pub selection: Option<Selection>,
    /// Text that dims whatever has nothing to do with it; empty dims nothing.
    pub filter: String,
    /// 1 is 100 %.
    pub zoom: f64,
    /// Width and height of the canvas on screen, in CSS pixels.
    pub viewport: (f64, f64),
    /// How far the canvas is scrolled down, in CSS pixels.
    pub scroll: f64,
    /// Desk or phone.
    pub form: Form,
    /// Lanes grouped by topic or by broker.
    pub arrangement: Arrangement,
    /// The order of a topic's lanes.
    pub sort: LaneSort,
    /// Lanes scrolled back: the offset at the right edge, behind the last record in sight.
    pub scrolled: SortedMap<TopicPartition, i64>,
    /// Lanes that stay open though they have nothing to say now.
    pub held_open: SortedSet<TopicPartition>,
    /// Topics whose lanes are folded although they would be open, or open although they would fold.
    pub toggled_topics: SortedSet<String>,
    /// Client groups (`agent-*`) and consumer groups that show all they hold.
    pub expanded: SortedSet<String>,
    /// Whether nothing may travel: the system asks for reduced motion.
    pub still: bool,
}

impl Default for FlowSettings {
    fn default() -> FlowSettings {
        FlowSettings {
            selection: None,
            filter: String::new(),
            zoom: 1.0,
            viewport: (780.0, 506.0),
            scroll: 0.0,
            form: Form::Desk,
            arrangement: Arrangement::Topics,
            sort: LaneSort::Number,
            scrolled: SortedMap::new(),
            held_open: SortedSet::new(),
            toggled_topics: SortedSet::new(),
            expanded: SortedSet::new(),
            still: false,
        }
    }
}

/// Which arrangement of the page the diagram stands in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Three columns: producers, storage, groups.
    #[default]
    Desk,
    /// One column: producers above, groups below.
    Phone,
}

/// What the storage's frames stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// One frame, lanes under their topics.
    #[default]
    Topics,
    /// A frame for each broker, lanes as the replicas it holds.
    Brokers,
}

/// The order of a topic's lanes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LaneSort {
    /// By partition number.
    #[default]
    Number,
    /// The greatest lag first.
    Lag,
    /// The busiest first.
    Rate,
}

/// A broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerIn {
    /// Its number.
    pub id: BrokerId,
    /// How it is.
    pub health: Health,
    /// Whether the controller runs in it, or beside it.
    pub controller: bool,
}

/// How a broker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Running, and in sync wherever it holds a replica.
    Up,
    /// Running, and out of sync somewhere.
    CatchingUp,
    /// Not yet taken up by the controller.
    Starting,
    /// Not running.
    Down,
}

/// A topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TopicIn {
    /// Its name.
    pub name: String,
    /// Replicas per partition.
    pub replication: usize,
    /// Keys met in it, in the order to list them.
    pub keys: Vec<KeyMark>,
    /// Records a second arriving now.
    pub rate: f64,
    /// Its partitions by number.
    pub partitions: Vec<PartitionIn>,
}

/// A partition, as its leader's log and the cluster's metadata have it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartitionIn {
    /// Its number.
    pub id: i32,
    /// Its leader, `None` if it has none now.
    pub leader: Option<BrokerId>,
    /// Its replicas by broker.
    pub replicas: Vec<ReplicaIn>,
    /// The first offset still stored.
    pub log_start: i64,
    /// The offset up to which consumers may read.
    pub high_watermark: i64,
    /// The offset the next record gets.
    pub log_end: i64,
    /// Records a second arriving now.
    pub rate: f64,
}

/// One replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaIn {
    /// The broker that holds it.
    pub broker: BrokerId,
    /// How it stands to the leader.
    pub state: ReplicaState,
    /// The end of this replica's own log.
    pub log_end: i64,
}

/// How a replica stands to the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaState {
    /// It leads.
    Leader,
    /// It is in the ISR.
    InSync,
    /// It is not in the ISR.
    OutOfSync,
}

/// A consumer group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupIn {
    /// `group.id`
    pub name: String,
    /// Its state by Kafka's name (`Stable`, `PreparingRebalance`, …), or the page's word for what it does.
    pub state: String,
    /// How far a replay has come.
    pub replay: Option<Replay>,
    /// Committed offsets.
    pub committed: SortedMap<TopicPartition, i64>,
    /// Its members.
    pub members: Vec<MemberIn>,
}

impl GroupIn {
    /// The partitions it has to do with: committed in, or assigned.
    pub fn partitions(&self) -> SortedSet<&TopicPartition> {
        let assigned = self
            .members
            .iter()
            .flat_map(|member| member.assigned.iter().map(|a| &a.at));
        self.committed.keys().chain(assigned).collect()
    }
}

/// How far a replay has come, in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// Read again already.
    pub done: i64,
    /// To read again in all.
    pub total: i64,
}

/// A member of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemberIn {
    /// `member.id`
    pub id: String,
    /// The client of this world that it is, if it is one.
    pub client: Option<ClientId>,
    /// What to call it: its client id, numbered where several share one.
    pub name: String,
    /// What it is assigned.
    pub assigned: Vec<AssignedIn>,
    /// A word when it is not simply reading: `joining`, `paused`.
    pub note: Option<String>,
    /// The last exception's name.
    pub error: Option<String>,
}

/// A partition assigned to a member.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignedIn {
    /// The partition.
    pub at: TopicPartition,
    /// The next offset it will read, once known.
    pub position: Option<i64>,
    /// Records a second read now.
    pub rate: f64,
}

/// A producer.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerIn {
    /// The world's number for it.
    pub id: ClientId,
    /// `client.id`
    pub client_id: String,
    /// How many keys it used.
    pub keys: usize,
    /// Records sent so far.
    pub sent: u64,
    /// Records a second it sends by itself; `None` for one that sends when told.
    pub rate: Option<f64>,
    /// Its rate lately, oldest first, for the sparkline of one that sends by itself.
    pub history: Vec<f64>,
    /// Partitions it sent to, with records a second now.
    pub targets: Vec<(TopicPartition, f64)>,
    /// Whether its sending is paused.
    pub paused: bool,
    /// The last exception's name.
    pub error: Option<String>,
}

impl Default for ProducerIn {
    fn default() -> ProducerIn {
        ProducerIn {
            id: ClientId(0),
            client_id: String::new(),
            keys: 0,
            sent: 0,
            rate: None,
            history: Vec::new(),
            targets: Vec::new(),
            paused: false,
            error: None,
        }
    }
}

/// A record under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Travel {
    /// From where to where.
    pub leg: Leg,
    /// The partition it goes to or comes from.
    pub at: TopicPartition,
    /// Its key.
    pub key: KeyMark,
    /// Its place among the records of its batch: those behind trail.
    pub nth: u8,
    /// When it set off.
    pub sent: SimTime,
    /// When it arrives.
    pub arrives: SimTime,
}

/// Between what a record travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leg {
    /// From a producer to the log's end.
    Produce {
        /// The producer.
        producer: ClientId,
    },
    /// From a partition to the member that reads it.
    Fetch {
        /// The group.
        group: String,
        /// The member's id.
        member: String,
    },
    /// From a leader to a follower.
    Replicate {
        /// The leader.
        from: BrokerId,
        /// The follower.
        to: BrokerId,
    },
}

/// A record as a cell shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CellIn {
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: KeyMark,
    /// The beginning of its value, where asked for.
    pub preview: String,
}

/// Hands out the records of a log, so that only those in sight are ever decoded.
pub trait RecordSource {
    /// The records of `at` from `from` up to but not including `to`, in order; offsets that hold no record are left out.
    /// `preview` asks for the beginning of each value.
    fn cells(&mut self, at: &TopicPartition, from: i64, to: i64, preview: bool) -> Vec<CellIn>;
}
