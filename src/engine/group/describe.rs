//! DescribeGroups, ListGroups, ConsumerGroupDescribe: what can be seen of groups from outside.

use bytes::Bytes;
use protocol::ErrorCode;
use protocol::messages::consumer_group_describe;
use protocol::messages::describe_groups::{DescribedGroup, DescribedGroupMember};
use protocol::messages::list_groups::{ListGroupsRequest, ListedGroup};

use crate::group::face::TopicResolver;
use crate::group::membership::Group;
use crate::group::state::GroupState;

/// From this version on DescribeGroups says that a group does not exist; before, it was just dead.
const GROUP_ID_NOT_FOUND_SINCE: i16 = 6;
/// Everything one may do with a group, as a set of bits: read, delete, describe, and describe and alter
/// its configuration. Without an authorizer everyone may.
const ALL_OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

impl Group {
    /// As DescribeGroups shows it. What members subscribe to and got is settled only in Stable.
    pub(super) fn describe(&self) -> DescribedGroup {
        let stable = self.state.is_stable();
        let protocol = self.protocol.as_deref();
        let members = self.members.values().map(|member| {
            let (member_metadata, member_assignment) = if stable {
                (member.metadata(protocol), member.assignment.clone())
            } else {
                (Bytes::new(), Bytes::new())
            };
            DescribedGroupMember {
                member_id: member.id.clone(),
                group_instance_id: member.instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                member_metadata,
                member_assignment,
            }
        });
        DescribedGroup {
            group_id: self.id.clone(),
            group_state: self.state.name().to_owned(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol_data: protocol.filter(|_| stable).unwrap_or_default().to_owned(),
            members: members.collect(),
            ..DescribedGroup::default()
        }
    }

    /// As ListGroups shows it.
    pub(super) fn list(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.clone(),
            protocol_type: match &self.consumer {
                Some(_) => CONSUMER.to_owned(),
                None => self.protocol_type.clone().unwrap_or_default(),
            },
            group_state: self.state_name().to_owned(),
            group_type: self.kind().to_owned(),
        }
    }

    fn kind(&self) -> &'static str {
        if self.consumer.is_some() {
            CONSUMER
        } else {
            CLASSIC
        }
    }

    /// Whether ListGroups asks for it.
    pub(super) fn is_listed_by(&self, request: &ListGroupsRequest) -> bool {
        let among = |filter: &[String], name: &str| {
            filter.is_empty() || filter.iter().any(|f| f.eq_ignore_ascii_case(name))
        };
        among(&request.states_filter, self.state_name())
            && among(&request.types_filter, self.kind())
    }
}

const CLASSIC: &str = "classic";
const CONSUMER: &str = "consumer";

/// A group of this name, or what DescribeGroups says if there is none.
pub(super) fn describe(
    group: Option<&Group>,
    id: &str,
    version: i16,
    operations: bool,
) -> DescribedGroup {
    let mut described = match group {
        Some(group) if group.state != GroupState::Dead && group.consumer.is_none() => {
            group.describe()
        }
        group => {
            let end = match group {
                Some(group) if group.state != GroupState::Dead => " is not a classic group.",
                _ => " not found.",
            };
            let mut dead = DescribedGroup {
                group_id: id.to_owned(),
                group_state: GroupState::Dead.name().to_owned(),
                ..DescribedGroup::default()
            };
            if version >= GROUP_ID_NOT_FOUND_SINCE {
                dead.error_code = ErrorCode::GroupIdNotFound.code();
                dead.error_message = Some(["Group ", id, end].concat());
            }
            dead
        }
    };
    if operations && described.error_code == 0 {
        described.authorized_operations = ALL_OPERATIONS;
    }
    described
}

/// ConsumerGroupDescribe is for groups of the consumer protocol only.
pub(super) fn consumer_group(
    group: Option<&Group>,
    id: &str,
    operations: bool,
    topics: &dyn TopicResolver,
) -> consumer_group_describe::DescribedGroup {
    let alive = group.filter(|group| group.state != GroupState::Dead);
    if let Some(consumer) = alive.and_then(|group| group.consumer.as_ref()) {
        let mut described = consumer.describe(id, topics);
        if operations {
            described.authorized_operations = ALL_OPERATIONS;
        }
        return described;
    }
    let end = match group {
        Some(group) if group.state != GroupState::Dead => " is not a consumer group.",
        _ => " not found.",
    };
    consumer_group_describe::DescribedGroup {
        group_id: id.to_owned(),
        error_code: ErrorCode::GroupIdNotFound.code(),
        error_message: Some(["Group ", id, end].concat()),
        ..consumer_group_describe::DescribedGroup::default()
    }
}
