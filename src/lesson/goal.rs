//! What a step wants to see happen.

use crate::watch::Watch;

/// Something that can be seen to have happened, whoever did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// A cluster runs.
    ClusterRuns,
    /// Somebody entered the container.
    InContainer,
    /// A topic exists, or did.
    TopicCreated(&'static str),
    /// A topic that existed does no longer.
    TopicDeleted(&'static str),
    /// An admin client asked for the names of all topics.
    TopicsListed,
    /// An admin client asked for the description of a topic.
    TopicDescribed,
    /// So many records were stored in a topic.
    RecordsStored(&'static str, u64),
    /// A consumer reads a topic.
    TopicRead(&'static str),
    /// A consumer read a topic's records from the first on.
    ReadFromBeginning(&'static str),
}

impl Goal {
    /// Whether it has been reached.
    pub fn is_met(&self, watch: &Watch) -> bool {
        match self {
            Goal::ClusterRuns => watch.cluster_runs,
            Goal::InContainer => watch.in_container,
            Goal::TopicCreated(topic) => watch.created.contains(*topic),
            Goal::TopicDeleted(topic) => watch.deleted.contains(*topic),
            Goal::TopicsListed => watch.topics_listed,
            Goal::TopicDescribed => watch.topic_described,
            Goal::RecordsStored(topic, count) => watch.stored(topic) >= *count,
            Goal::TopicRead(topic) => watch.read.contains(*topic),
            Goal::ReadFromBeginning(topic) => watch.read_from_beginning.contains(*topic),
        }
    }

    /// The goal in words.
    pub fn sentence(&self) -> String {
        match self {
            Goal::ClusterRuns => "a broker runs".to_owned(),
            Goal::InContainer => "a terminal is inside the container".to_owned(),
            Goal::TopicCreated(topic) => format!("topic `{topic}` was created"),
            Goal::TopicDeleted(topic) => format!("topic `{topic}` was deleted"),
            Goal::TopicsListed => "the topics were listed".to_owned(),
            Goal::TopicDescribed => "a topic was described".to_owned(),
            Goal::RecordsStored(topic, count) => format!("`{topic}` stores {count} records"),
            Goal::TopicRead(topic) => format!("a consumer reads `{topic}`"),
            Goal::ReadFromBeginning(topic) => {
                format!("a consumer read `{topic}` from its first record")
            }
        }
    }

    /// How far it is, where that can be counted: so many of so many.
    pub fn progress(&self, watch: &Watch) -> Option<(u64, u64)> {
        match self {
            Goal::RecordsStored(topic, count) => Some((watch.stored(topic).min(*count), *count)),
            _ => None,
        }
    }
}
