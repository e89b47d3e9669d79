//! The table of groups: where each stands in every partition it reads.

use records::sorted::SortedSet as BTreeSet;

use engine::group::Group;
use engine::ids::TopicPartition;
use session::session::Session;
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

/// One group and its partitions.
pub fn rows_of(world: &World, group: &Group, selected: bool) -> GroupRows {
    let mut partitions: BTreeSet<TopicPartition> = group.offsets.keys().cloned().collect();
    for (_, client) in facts::members_of(world, &group.id) {
        if let world::client::Body::Consumer(consumer) = &client.body {
            partitions.extend(consumer.assignment());
        }
    }
    let mut topics: Vec<String> = partitions.iter().map(|at| at.topic.clone()).collect();
    topics.dedup();
    GroupRows {
        id: group.id.clone(),
        state: group.state.name(),
        members: group.members.len(),
        lag: facts::group_lag(world, group),
        selected,
        topics,
        rows: partitions
            .into_iter()
            .map(|partition| row(world, group, partition))
            .collect(),
    }
}

fn row(world: &World, group: &Group, partition: TopicPartition) -> GroupRow {
    let committed = group
        .offsets
        .get(&partition)
        .map(|committed| committed.offset);
    let owner = facts::owner_of(world, &group.id, &partition);
    let owner = owner.and_then(|id| Some((world.client(id)?.client_id.clone(), id)));
    let log = facts::leader_log(world, &partition);
    GroupRow {
        committed,
        end: log.map(engine::log::PartitionLog::high_watermark),
        lag: facts::lag(world, &partition, committed),
        owner,
        partition,
    }
}
