//! What consumers tell each other inside JoinGroup and SyncGroup: a version, then its fields.

use bytes::Bytes;

use crate::versioned::Versioned;
use crate::wire::{Versions, messages};

messages! {
    /// What a member subscribes to and owns.
    ConsumerProtocolSubscription {
        topics: Vec<String> [0+];
        user_data: Option<Bytes> [0+] none[0+];
        owned_partitions: Vec<TopicPartition> [1+];
        generation_id: i32 [2+] = -1;
        rack_id: Option<String> [3+] none[3+];
    }

    /// What a member is given.
    ConsumerProtocolAssignment {
        assigned_partitions: Vec<TopicPartition> [0+];
        user_data: Option<Bytes> [0+] none[0+];
    }

    /// Partitions of a topic.
    TopicPartition {
        topic: String [0+];
        partitions: Vec<i32> [0+];
    }
}

impl Versioned for ConsumerProtocolSubscription {
    const VERSIONS: Versions = Versions { first: 0, last: 3 };
    const NEWER_READS_AS_LAST: bool = true;
}

impl Versioned for ConsumerProtocolAssignment {
    const VERSIONS: Versions = Versions { first: 0, last: 3 };
    const NEWER_READS_AS_LAST: bool = true;
}
