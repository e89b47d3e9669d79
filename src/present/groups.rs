//! The table of groups: where each stands in every partition it reads.

use records::sorted::{SortedMap, SortedSet};

use engine::group::Group;
use engine::ids::TopicPartition;
use engine::log::PartitionLog;
use session::session::Session;
use world::client::Body;
use world::facts;
use world::input::ClientId;
use world::world::World;

/// The table of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupsView {
    /// The groups by name.
    pub groups: Vec<GroupRows>,
    /// What to say where there are none.
    pub empty: &'static str,
}

/// A group and its partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRows {
    /// Its name.
    pub id: String,
    /// Kafka's word for its state.
    pub state: &'static str,
    /// How many members it has.
    pub members: usize,
    /// Records not committed, in all partitions.
    pub lag: u64,
    /// Whether it is selected.
    pub selected: bool,
    /// The topics it reads or has read.
    pub topics: Vec<String>,
    /// Its partitions, by topic and number.
    pub rows: Vec<GroupRow>,
}

/// A group in one partition.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// The partition.
    pub partition: TopicPartition,
    /// The committed offset.
    pub committed: Option<i64>,
    /// The log end offset, as the group can see it: the high watermark.
    pub end: Option<i64>,
    /// Records not committed.
    pub lag: Option<u64>,
    /// The member that reads it, by its client id.
    pub owner: Option<(String, ClientId)>,
}

/// The table of groups as the sitting has it.
#[inline(never)]
pub fn groups(session: &Session) -> GroupsView {
    let world = session.world();
    let selected = match session.selection() {
        Some(session::selection::Selection::Group(id)) => Some(id.as_str()),
        _ => None,
    };
    let groups = facts::groups(world);
    GroupsView {
        groups: groups
            .iter()
            .map(|group| rows_of(world, group, selected == Some(group.id.as_str())))
            .collect(),
        empty: match world.cluster() {
            None => "No cluster is running. Start one with docker-compose up -d.",
            Some(_) => "No consumer groups yet. Add one, or run a console consumer with --group.",
        },
    }
}

/// Who reads which partition in a group: client ids and clients.
type Owners = SortedMap<TopicPartition, (String, ClientId)>;

/// One group and its partitions.
pub fn rows_of(world: &World, group: &Group, selected: bool) -> GroupRows {
    let owners = owners(world, group);
    let mut partitions: SortedSet<&TopicPartition> = group.offsets.keys().collect();
    partitions.extend(owners.keys());
    let mut topics: Vec<String> = partitions.iter().map(|at| at.topic.clone()).collect();
    topics.dedup();
    GroupRows {
        id: group.id.clone(),
        state: group.state_name(),
        members: group.roster().len(),
        lag: facts::group_lag(world, group),
        selected,
        topics,
        rows: partitions
            .into_iter()
            .map(|partition| row(world, group, &owners, partition))
            .collect(),
    }
}

fn owners(world: &World, group: &Group) -> Owners {
    let mut owners = Owners::new();
    for (id, client) in facts::members_of(world, &group.id) {
        if let Body::Consumer(consumer) = &client.body {
            for partition in consumer.assignment() {
                owners
                    .entry(partition)
                    .or_insert_with(|| (client.client_id.clone(), id));
            }
        }
    }
    owners
}

fn row(world: &World, group: &Group, owners: &Owners, partition: &TopicPartition) -> GroupRow {
    let committed = group.offsets.get(partition).map(|found| found.offset);
    let log = facts::leader_log(world, partition);
    GroupRow {
        partition: partition.clone(),
        committed,
        end: log.map(PartitionLog::high_watermark),
        lag: facts::lag(world, partition, committed),
        owner: owners.get(partition).cloned(),
    }
}
