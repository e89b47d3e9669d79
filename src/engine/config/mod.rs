//! Kafka's configuration tables: names, types, defaults, and what a value must look like.
//!
//! - [`value`]: types and Kafka's sentences about bad values
//! - [`topic`]: configurations of topics
//! - [`broker`]: configurations of brokers, as far as this cluster honours or shows them
//! - [`group`]: configurations of groups
//! - [`layers`]: where a value in force comes from

pub mod broker;
pub mod group;
pub mod layers;
pub mod topic;
pub mod value;

/// What a configuration belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceType {
    /// A topic.
    Topic,
    /// A broker, or all of them.
    Broker,
    /// A group.
    Group,
}

impl ResourceType {
    /// The type that stands for `code` in requests and metadata records.
    pub fn from_code(code: i8) -> Option<ResourceType> {
        match code {
            2 => Some(ResourceType::Topic),
            4 => Some(ResourceType::Broker),
            32 => Some(ResourceType::Group),
            _ => None,
        }
    }

    /// The number that stands for it in requests and metadata records.
    pub fn code(self) -> i8 {
        match self {
            ResourceType::Topic => 2,
            ResourceType::Broker => 4,
            ResourceType::Group => 32,
        }
    }
}
