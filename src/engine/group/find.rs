//! FindCoordinator: which broker looks after a group.

use protocol::ErrorCode;
use protocol::messages::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};

/// The broker that leads a partition of the offsets topic, as clients reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoordinatorNode {
    /// `node.id`
    pub id: i32,
    /// Its advertised host.
    pub host: String,
    /// Its advertised port.
    pub port: u16,
}

/// From this version on a request asks for several keys.
const KEYS_SINCE: i16 = 4;
/// What the keys of a request name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// Groups.
    Group,
    /// Transactional ids.
    Transaction,
}

impl KeyType {
    /// What a request's keys name, if it is something that is coordinated here.
    pub fn of(request: &FindCoordinatorRequest) -> Option<KeyType> {
        match request.key_type {
            0 => Some(KeyType::Group),
            1 => Some(KeyType::Transaction),
            _ => None,
        }
    }
}

/// Answers FindCoordinator. `leader_of` tells who leads a partition of the coordinator's topic, which
/// has `partitions` of them; `None` (no leader, or the topic is still being made) makes the client try again.
pub fn find_coordinator(
    request: &FindCoordinatorRequest,
    version: i16,
    partitions: i32,
    leader_of: impl Fn(i32) -> Option<CoordinatorNode>,
) -> FindCoordinatorResponse {
    let find = |key: &str| {
        if KeyType::of(request).is_none() {
            return Err(ErrorCode::InvalidRequest);
        }
        let leader = leader_of(partition_of_group(key, partitions));
        leader.ok_or(ErrorCode::CoordinatorNotAvailable)
    };
    if version >= KEYS_SINCE {
        let found = request.coordinator_keys.iter();
        return FindCoordinatorResponse {
            coordinators: found.map(|key| answer(key, find(key))).collect(),
            ..FindCoordinatorResponse::default()
        };
    }
    let found = answer(&request.key, find(&request.key));
    let message = match found.error_code {
        0 => "NONE",
        code => ErrorCode::from_code(code).message(),
    };
    FindCoordinatorResponse {
        error_code: found.error_code,
        error_message: Some(message.to_owned()),
        node_id: found.node_id,
        host: found.host,
        port: found.port,
        ..FindCoordinatorResponse::default()
    }
}

/// The offsets partition that keeps a group, out of `partitions`.
pub fn partition_of_group(group: &str, partitions: i32) -> i32 {
    // Java's absolute value of the smallest int would be negative; Kafka takes zero there.
    let hash = java_string_hash(group).checked_abs().unwrap_or(0);
    hash.checked_rem(partitions).unwrap_or(0)
}

fn answer(key: &str, found: Result<CoordinatorNode, ErrorCode>) -> Coordinator {
    let (node, error_code) = match found {
        Ok(node) => (Some(node), 0),
        Err(error) => (None, error.code()),
    };
    Coordinator {
        key: key.to_owned(),
        node_id: node.as_ref().map_or(-1, |n| n.id),
        port: node.as_ref().map_or(-1, |n| i32::from(n.port)),
        host: node.map(|n| n.host).unwrap_or_default(),
        error_code,
        ..Coordinator::default()
    }
}

/// `String.hashCode` of Java, over UTF-16 units.
fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

#[cfg(test)]
mod tests {
    use super::{java_string_hash, partition_of_group};

    #[test]
    fn hashes_as_java_does() {
        assert_eq!(java_string_hash(""), 0);
        assert_eq!(java_string_hash("hello"), 99_162_322);
        assert_eq!(java_string_hash("analytics"), -1_693_017_210);
        assert_eq!(java_string_hash("polygenelubricants"), i32::MIN);
        assert_eq!(partition_of_group("polygenelubricants", 50), 0);
        assert_eq!(partition_of_group("hello", 50), 22);
        assert_eq!(partition_of_group("hello", 0), 0);
    }
}
