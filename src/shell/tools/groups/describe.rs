//! `--describe`

use records::sorted::Arrange;
use records::sorted::SortedMap;

use client::admin::{
    AdminAnswer, AdminCall, GroupDescription, GroupOffset, MemberDescription, OffsetSpec,
};
use engine::ids::TopicPartition;
use serde::Serialize;

use super::{Going, executed, pad, strange, width};
use crate::io::Io;
use crate::screen::{Piece, Stream, Tone};
use crate::tools::admin::Next;
use crate::tools::options::{Failure, Parsed};

/// The columns of a group's offsets; the epoch only shows with `--verbose`.
const OFFSET_COLUMNS: [&str; 10] = [
    "GROUP",
    "TOPIC",
    "PARTITION",
    "LEADER-EPOCH",
    "CURRENT-OFFSET",
    "LOG-END-OFFSET",
    "LAG",
    "CONSUMER-ID",
    "HOST",
    "CLIENT-ID",
];

/// What is known so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Describe {
    groups: Vec<GroupDescription>,
    /// Which group's offsets are being asked for.
    at: usize,
    committed: SortedMap<TopicPartition, GroupOffset>,
}

/// One line of a group's offsets.
struct Row {
    partition: TopicPartition,
    end: Option<i64>,
    member: Option<MemberDescription>,
}

impl Describe {
    pub(super) fn answer(
        &mut self,
        io: &mut Io<'_>,
        options: &Parsed,
        answer: AdminAnswer,
    ) -> Going {
        match answer {
            AdminAnswer::DescribeGroups(groups) => {
                for (_, outcome) in groups {
                    let group = outcome.map_err(|error| executed(&Failure::of(&error)))?;
                    self.groups.push(group);
                }
                self.groups.arrange_by(|a, b| a.group_id.cmp(&b.group_id));
                if options.has("members") || options.has("state") {
                    for group in &self.groups {
                        if !say_state(io, group) {
                            continue;
                        }
                        match options.has("members") {
                            true => print_members(io, options, group),
                            false => print_state(io, options, group),
                        }
                    }
                    return Ok(Next::Exit(0));
                }
                Ok(self.next_group())
            }
            AdminAnswer::ListGroupOffsets(outcome) => {
                let offsets = outcome.map_err(|error| executed(&Failure::of(&error)))?;
                self.committed = offsets
                    .into_iter()
                    .map(|found| (found.partition.clone(), found))
                    .collect();
                let partitions = self.partitions();
                if partitions.is_empty() {
                    return Ok(self.print_offsets(io, options, &SortedMap::new()));
                }
                let specs = partitions
                    .into_iter()
                    .map(|partition| (partition, OffsetSpec::Latest));
                Ok(Next::Call(AdminCall::ListOffsets(specs.collect())))
            }
            AdminAnswer::ListOffsets(found) => {
                let ends = found
                    .into_iter()
                    .filter_map(|(partition, outcome)| Some((partition, outcome.ok()?.offset)))
                    .collect();
                Ok(self.print_offsets(io, options, &ends))
            }
            _ => Err(strange()),
        }
    }

    fn next_group(&self) -> Next {
        match self.groups.get(self.at) {
            Some(group) => Next::Call(AdminCall::ListGroupOffsets(group.group_id.clone(), None)),
            None => Next::Exit(0),
        }
    }

    /// Everything the group reads or has offsets of.
    fn partitions(&self) -> Vec<TopicPartition> {
        let members = self
            .groups
            .get(self.at)
            .into_iter()
            .flat_map(|group| &group.members);
        let mut partitions: Vec<TopicPartition> = members
            .flat_map(|member| member.assignment.iter().cloned())
            .collect();
        partitions.extend(self.committed.keys().cloned());
        partitions.arrange();
        partitions.dedup();
        partitions
    }

    fn print_offsets(
        &mut self,
        io: &mut Io<'_>,
        options: &Parsed,
        ends: &SortedMap<TopicPartition, i64>,
    ) -> Next {
        if let Some(group) = self.groups.get(self.at)
            && say_state(io, group)
        {
            let rows = self.rows(group, ends);
            if !rows.is_empty() {
                self.print_rows(io, options, &group.group_id, &rows);
            }
        }
        self.at = self.at.saturating_add(1);
        self.next_group()
    }

    fn rows(&self, group: &GroupDescription, ends: &SortedMap<TopicPartition, i64>) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut members: Vec<&MemberDescription> = group.members.iter().collect();
        members.arrange_by_key(|member| member.assignment.len());
        let row = |partition: &TopicPartition, member: Option<&MemberDescription>| Row {
            partition: partition.clone(),
            end: ends.get(partition).copied().filter(|end| *end >= 0),
            member: member.cloned(),
        };
        for member in members {
            let mut assigned = member.assignment.clone();
            assigned.arrange();
            rows.extend(
                assigned
                    .iter()
                    .map(|partition| row(partition, Some(member))),
            );
        }
        let owned = |partition: &TopicPartition| {
            group
                .members
                .iter()
                .any(|member| member.assignment.contains(partition))
        };
        let unowned = self.committed.keys().filter(|partition| !owned(partition));
        rows.extend(unowned.map(|partition| row(partition, None)));
        rows
    }

    fn print_rows(&self, io: &mut Io<'_>, options: &Parsed, group: &str, rows: &[Row]) {
        let members = || rows.iter().filter_map(|row| row.member.as_ref());
        let group_width = width(15, [group].into_iter());
        let topic_width = width(15, rows.iter().map(|row| row.partition.topic.as_str()));
        let id_width = width(15, members().map(|member| member.member_id.as_str()));
        let host_width = width(15, members().map(|member| member.host.as_str()));
        let verbose = options.has("verbose");
        let line = |cells: [&str; 10]| {
            let [
                group,
                topic,
                partition,
                epoch,
                current,
                end,
                lag,
                id,
                host,
                client,
            ] = cells;
            let epoch = match verbose {
                false => String::new(),
                true => format!("{} ", pad(epoch, 15)),
            };
            format!(
                "{} {} {} {epoch}{} {} {} {} {} {client}\n",
                pad(group, group_width),
                pad(topic, topic_width),
                pad(partition, 10),
                pad(current, 15),
                pad(end, 15),
                pad(lag, 15),
                pad(id, id_width),
                pad(host, host_width),
            )
        };
        io.print("\n");
        io.print(&line(OFFSET_COLUMNS));
        for row in rows {
            let committed = self.committed.get(&row.partition);
            let current = committed.map(|found| found.offset);
            let epoch = committed.and_then(|found| found.leader_epoch);
            let lag = row
                .end
                .zip(current)
                .map(|(end, current)| end.saturating_sub(current));
            let number = |number: Option<i64>| number.map_or("-".to_owned(), |n| n.to_string());
            let member = row.member.as_ref();
            let text = line([
                group,
                &row.partition.topic,
                &row.partition.partition.to_string(),
                &number(epoch.map(i64::from)),
                &number(current),
                &number(row.end),
                &number(lag),
                member.map_or("-", |member| member.member_id.as_str()),
                member.map_or("-", |member| member.host.as_str()),
                member.map_or("-", |member| member.client_id.as_str()),
            ]);
            io.print(&text);
        }
    }
}

/// Says on the error output what is odd about the group; whether there is anything to print.
fn say_state(io: &mut Io<'_>, group: &GroupDescription) -> bool {
    let id = &group.group_id;
    let (text, go_on) = match group.state.as_str() {
        "Dead" => (format!("Consumer group '{id}' does not exist."), false),
        "Empty" => (
            format!("Consumer group '{id}' has no active members."),
            true,
        ),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => (
            format!("Warning: Consumer group '{id}' is rebalancing."),
            true,
        ),
        _ => return true,
    };
    io.piece(Piece::new(
        Stream::Err,
        Tone::Warning,
        format!("\n{text}\n"),
    ));
    go_on
}

fn print_state(io: &mut Io<'_>, options: &Parsed, group: &GroupDescription) {
    let (id, address) = &group.coordinator;
    let coordinator = format!("{address}  ({id})");
    let strategy = if group.protocol.is_empty() {
        "-"
    } else {
        &group.protocol
    };
    let group_width = width(15, [group.group_id.as_str()].into_iter());
    let coordinator_width = width(25, [coordinator.as_str()].into_iter());
    let line = |cells: [&str; 5], epochs: [&str; 2]| {
        let [group, coordinator, strategy, state, members] = cells;
        let epochs = match options.has("verbose") {
            true => format!("{} {} ", pad(epochs[0], 15), pad(epochs[1], 25)),
            false => String::new(),
        };
        format!(
            "{} {} {} {} {epochs}{members}\n",
            pad(group, group_width),
            pad(coordinator, coordinator_width),
            pad(strategy, 20),
            pad(state, 20),
        )
    };
    io.print("\n");
    io.print(&line(
        [
            "GROUP",
            "COORDINATOR (ID)",
            "ASSIGNMENT-STRATEGY",
            "STATE",
            "#MEMBERS",
        ],
        ["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"],
    ));
    let members = group.members.len().to_string();
    io.print(&line(
        [
            &group.group_id,
            &coordinator,
            strategy,
            &group.state,
            &members,
        ],
        [
            &epoch(group.epochs.map(|(own, _)| own)),
            &epoch(target_epoch(group)),
        ],
    ));
}

fn target_epoch(group: &GroupDescription) -> Option<i32> {
    group.epochs.map(|(_, target)| target)
}

/// Only groups of the consumer protocol have epochs.
fn epoch(epoch: Option<i32>) -> String {
    epoch.map_or("-".to_owned(), |epoch| epoch.to_string())
}

/// How wide the columns of the members are.
struct MemberWidths {
    group: usize,
    id: usize,
    /// `None` if no member has an instance id: then there is no such column.
    instance: Option<usize>,
    host: usize,
    client: usize,
    assignment: usize,
}

impl MemberWidths {
    fn of(group: &GroupDescription, assignments: &[String]) -> MemberWidths {
        let members = &group.members;
        let instances = members
            .iter()
            .filter_map(|member| member.instance_id.as_deref());
        let with_instances = instances.clone().count() > 0;
        MemberWidths {
            group: width(15, [group.group_id.as_str()].into_iter()),
            id: width(15, members.iter().map(|member| member.member_id.as_str())),
            instance: with_instances.then(|| width(17, instances)),
            host: width(15, members.iter().map(|member| member.host.as_str())),
            client: width(15, members.iter().map(|member| member.client_id.as_str())),
            assignment: width(20, assignments.iter().map(String::as_str)),
        }
    }

    fn line(&self, cells: [&str; 6]) -> String {
        let [group, id, instance, host, client, partitions] = cells;
        let instance = match self.instance {
            Some(width) => format!("{} ", pad(instance, width)),
            None => String::new(),
        };
        format!(
            "{} {} {instance}{} {} {} ",
            pad(group, self.group),
            pad(id, self.id),
            pad(host, self.host),
            pad(client, self.client),
            pad(partitions, 15),
        )
    }

    fn more(&self, cells: [&str; 4]) -> String {
        let [epoch, current, target_epoch, target] = cells;
        format!(
            "{} {} {} {}",
            pad(epoch, 15),
            pad(current, self.assignment),
            pad(target_epoch, 15),
            pad(target, 20),
        )
    }
}

fn print_members(io: &mut Io<'_>, options: &Parsed, group: &GroupDescription) {
    let members = &group.members;
    let assignments: Vec<String> = members
        .iter()
        .map(|member| assignment(&member.assignment))
        .collect();
    let widths = MemberWidths::of(group, &assignments);
    let mut head = widths.line([
        "GROUP",
        "CONSUMER-ID",
        "GROUP-INSTANCE-ID",
        "HOST",
        "CLIENT-ID",
        "#PARTITIONS",
    ]);
    if options.has("verbose") {
        head.push_str(&widths.more([
            "CURRENT-EPOCH",
            "CURRENT-ASSIGNMENT",
            "TARGET-EPOCH",
            "TARGET-ASSIGNMENT",
        ]));
    }
    io.print("\n");
    io.line(&head);
    for (member, assigned) in members.iter().zip(&assignments) {
        let mut text = widths.line([
            &group.group_id,
            &member.member_id,
            member.instance_id.as_deref().unwrap_or("-"),
            &member.host,
            &member.client_id,
            &member.assignment.len().to_string(),
        ]);
        let target = assignment(&member.target);
        let (own, aimed) = (epoch(member.epoch), epoch(target_epoch(group)));
        if options.has("verbose") {
            text.push_str(&widths.more([&own, assigned, &aimed, &target]));
        }
        io.line(&text);
    }
}

/// `t:0,1;u:3`
fn assignment(partitions: &[TopicPartition]) -> String {
    let mut topics: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for partition in partitions {
        topics
            .entry(&partition.topic)
            .or_default()
            .push(partition.partition);
    }
    if topics.is_empty() {
        return "-".to_owned();
    }
    let topics = topics.into_iter().map(|(topic, mut numbers)| {
        numbers.arrange();
        let numbers: Vec<String> = numbers.iter().map(i32::to_string).collect();
        format!("{topic}:{}", numbers.join(","))
    });
    topics.collect::<Vec<_>>().join(";")
}
