//! What responses say of a group.

use engine::ids::TopicPartition;
use protocol::consumer_protocol::ConsumerProtocolAssignment;
use protocol::messages::consumer_group_describe;
use protocol::messages::describe_groups::{DescribedGroup, DescribedGroupMember};
use protocol::messages::offset_delete::OffsetDeleteResponse;
use protocol::{Response, Versioned};

use super::answer::{Answerer, checked};
use super::plan::Found;
use super::{GroupDescription, GroupOffset, MemberDescription, Outcome};
use crate::event::ClientError;
use crate::net::requests::committed_offsets;

/// What a response says of a group; `None` if nothing.
#[inline(never)]
pub(super) fn of_group(
    group: &str,
    response: &Response,
    from: &Answerer,
) -> Option<Outcome<Found>> {
    match response {
        Response::ConsumerGroupDescribe(body) => {
            let row = body.groups.iter().find(|row| row.group_id == group)?;
            Some(checked(row.error_code, row.error_message.as_ref(), || {
                Found::Group(described_consumers(row, from))
            }))
        }
        Response::DescribeGroups(body) => {
            let row = body.groups.iter().find(|row| row.group_id == group)?;
            Some(checked(row.error_code, row.error_message.as_ref(), || {
                Found::Group(described_group(row, from))
            }))
        }
        Response::DeleteGroups(body) => {
            let row = body.results.iter().find(|row| row.group_id == group)?;
            Some(checked(row.error_code, None, || Found::Nothing))
        }
        Response::OffsetFetch(body) => Some(match committed_offsets(body, group) {
            Err(code) => Err(ClientError::of(code, None)),
            Ok(offsets) => Ok(Found::Committed(
                offsets
                    .into_iter()
                    .filter(|found| found.error_code == 0 && found.offset >= 0)
                    .map(|found| GroupOffset {
                        partition: found.tp,
                        offset: found.offset,
                        leader_epoch: (found.leader_epoch >= 0).then_some(found.leader_epoch),
                        metadata: found.metadata,
                    })
                    .collect(),
            )),
        }),
        Response::OffsetCommit(body) => {
            let each = body.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|p| {
                    let tp = TopicPartition::new(topic.name.clone(), p.partition_index);
                    (tp, checked(p.error_code, None, || ()))
                })
            });
            Some(Ok(Found::Each(each.collect())))
        }
        Response::OffsetDelete(body) => Some(deleted_offsets(body)),
        Response::LeaveGroup(body) => {
            let member = body
                .members
                .iter()
                .map(|m| m.error_code)
                .find(|code| *code != 0);
            let code = if body.error_code != 0 {
                Some(body.error_code)
            } else {
                member
            };
            Some(checked(code.unwrap_or(0), None, || Found::Nothing))
        }
        _ => None,
    }
}

fn deleted_offsets(body: &OffsetDeleteResponse) -> Outcome<Found> {
    checked(body.error_code, None, || {
        let each = body.topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(|p| {
                let tp = TopicPartition::new(topic.name.clone(), p.partition_index);
                (tp, checked(p.error_code, None, || ()))
            })
        });
        Found::Each(each.collect())
    })
}

fn described_group(row: &DescribedGroup, from: &Answerer) -> GroupDescription {
    GroupDescription {
        group_id: row.group_id.clone(),
        state: row.group_state.clone(),
        protocol_type: row.protocol_type.clone(),
        protocol: row.protocol_data.clone(),
        epochs: None,
        members: row.members.iter().map(member).collect(),
        coordinator: from.clone(),
    }
}

fn member(row: &DescribedGroupMember) -> MemberDescription {
    // A member that waits for its assignment has none yet, and other protocols have their own form.
    let assigned = ConsumerProtocolAssignment::decode(&row.member_assignment);
    let topics = assigned
        .map(|(_, a)| a.assigned_partitions)
        .unwrap_or_default();
    MemberDescription {
        member_id: row.member_id.clone(),
        instance_id: row.group_instance_id.clone(),
        client_id: row.client_id.clone(),
        host: row.client_host.clone(),
        assignment: topics
            .iter()
            .flat_map(|t| {
                t.partitions
                    .iter()
                    .map(|p| TopicPartition::new(t.topic.clone(), *p))
            })
            .collect(),
        epoch: None,
        target: Vec::new(),
    }
}

fn described_consumers(
    row: &consumer_group_describe::DescribedGroup,
    from: &Answerer,
) -> GroupDescription {
    let members = row.members.iter().map(|member| MemberDescription {
        member_id: member.member_id.clone(),
        instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        host: member.client_host.clone(),
        assignment: partitions(&member.assignment),
        epoch: Some(member.member_epoch),
        target: partitions(&member.target_assignment),
    });
    GroupDescription {
        group_id: row.group_id.clone(),
        state: row.group_state.clone(),
        protocol_type: "consumer".to_owned(),
        protocol: row.assignor_name.clone(),
        epochs: Some((row.group_epoch, row.assignment_epoch)),
        members: members.collect(),
        coordinator: from.clone(),
    }
}

fn partitions(assignment: &consumer_group_describe::Assignment) -> Vec<TopicPartition> {
    let mut all = Vec::new();
    for topic in &assignment.topic_partitions {
        for partition in &topic.partitions {
            all.push(TopicPartition::new(topic.topic_name.clone(), *partition));
        }
    }
    all
}
