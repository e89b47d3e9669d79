//! `--reset-offsets`

use records::sorted::Arrange;
use records::sorted::SortedMap;

use client::admin::{AdminAnswer, AdminCall, FoundOffset, OffsetSpec, Outcome};
use client::event::LogLevel;
use engine::ids::TopicPartition;
use serde::Serialize;

use super::delete::first_error;
use super::topics_arg::TopicsArg;
use super::{Going, Trouble, executed, pad, strange, width};
use crate::io::Io;
use crate::java;
use crate::tools::admin::Next;
use crate::tools::options::{Failure, Parsed, clash};

const SCENARIOS: [&str; 8] = [
    "to-offset",
    "to-datetime",
    "by-duration",
    "to-earliest",
    "to-latest",
    "to-current",
    "shift-by",
    "from-file",
];

/// Two scenarios at once, as a message.
pub(super) fn scenario_clash(options: &Parsed) -> Option<String> {
    SCENARIOS.iter().find_map(|one| {
        let others: Vec<&str> = SCENARIOS
            .iter()
            .copied()
            .filter(|other| other != one)
            .collect();
        clash(options, one, &others)
    })
}

/// Where to move offsets.
#[derive(Debug, Clone, PartialEq, Serialize)]
enum Scenario {
    Offset(i64),
    Time(i64),
    /// So many milliseconds ago.
    Ago(i64),
    Earliest,
    Latest,
    Current,
    Shift(i64),
    /// Group (if the file names it), partition, offset.
    File(Vec<(Option<String>, TopicPartition, i64)>),
    FilePath(String),
}

/// `--reset-offsets` while it runs: one group after another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Reset {
    scenario: Scenario,
    topics: TopicsArg,
    groups: Vec<String>,
    committed: SortedMap<TopicPartition, i64>,
    partitions: Vec<TopicPartition>,
    earliest: SortedMap<TopicPartition, i64>,
    latest: SortedMap<TopicPartition, i64>,
    at_time: SortedMap<TopicPartition, i64>,
    stage: Stage,
    plan: Vec<(String, TopicPartition, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Stage {
    Earliest,
    Latest,
    Time,
}

impl Reset {
    pub(super) fn new(options: &Parsed) -> Result<Reset, Trouble> {
        let topics = TopicsArg::of(options.all("topic")).map_err(Trouble::Usage)?;
        let scoped = options.has("topic") || options.has("all-topics") || options.has("from-file");
        if !scoped {
            let message = "One of the reset scopes should be defined: --all-topics, --topic.";
            return Err(Trouble::Usage(message.to_owned()));
        }
        Ok(Reset {
            scenario: scenario(options)?,
            topics,
            groups: Vec::new(),
            committed: SortedMap::new(),
            partitions: Vec::new(),
            earliest: SortedMap::new(),
            latest: SortedMap::new(),
            at_time: SortedMap::new(),
            stage: Stage::Earliest,
            plan: Vec::new(),
        })
    }

    pub(super) fn begin(
        &mut self,
        io: &mut Io<'_>,
        options: &Parsed,
        groups: Vec<String>,
    ) -> Going {
        match &self.scenario {
            Scenario::FilePath(path) => {
                let Ok(text) = io.files.read(io.place, path) else {
                    let failure =
                        Failure::new("java.io.IOException", format!("Unable to read file {path}"));
                    let line = failure.line();
                    return Err(Failure::new("java.lang.RuntimeException", line).into());
                };
                let rows = read_plan(text, options.all("group").len() == 1)?;
                self.scenario = Scenario::File(rows);
            }
            Scenario::Ago(millis) => {
                let then = io.host.now().as_millis().saturating_sub(*millis);
                self.scenario = Scenario::Time(then);
            }
            _ => {}
        }
        if groups.is_empty() {
            return Ok(self.finish(io, options));
        }
        Ok(Next::Call(AdminCall::DescribeGroups(groups)))
    }

    pub(super) fn answer(
        &mut self,
        io: &mut Io<'_>,
        options: &Parsed,
        answer: AdminAnswer,
    ) -> Going {
        match answer {
            AdminAnswer::DescribeGroups(described) => {
                for (id, outcome) in described {
                    // A group nobody has heard of is as good as an empty one.
                    let state = outcome.map_or("Dead".to_owned(), |group| group.state);
                    match state.as_str() {
                        "Empty" | "Dead" => self.groups.push(id),
                        _ => io.print(&format!(
                            "\nError: Assignments can only be reset if the group '{id}' is inactive, but the current state is {state}.\n"
                        )),
                    }
                }
                self.groups.reverse();
                Ok(self.next_group(io, options))
            }
            AdminAnswer::ListGroupOffsets(outcome) => {
                let offsets = outcome.unwrap_or_default();
                self.committed = offsets
                    .into_iter()
                    .map(|found| (found.partition, found.offset))
                    .collect();
                self.choose(io, options)
            }
            AdminAnswer::DescribeTopics(described) => self.chosen(io, options, described),
            AdminAnswer::ListOffsets(found) => self.found(io, options, found),
            AdminAnswer::AlterGroupOffsets(outcomes) => {
                first_error(outcomes)?;
                self.groups.pop();
                Ok(self.next_group(io, options))
            }
            _ => Err(strange()),
        }
    }

    fn next_group(&mut self, io: &mut Io<'_>, options: &Parsed) -> Next {
        match self.groups.last() {
            Some(group) => Next::Call(AdminCall::ListGroupOffsets(group.clone(), None)),
            None => self.finish(io, options),
        }
    }

    /// Which partitions: from the file, all that the group has, or those of `--topic`.
    fn choose(&mut self, io: &mut Io<'_>, options: &Parsed) -> Going {
        let group = self.groups.last().cloned().unwrap_or_default();
        if let Scenario::File(rows) = &self.scenario {
            let of_group = rows
                .iter()
                .filter(|(named, _, _)| named.as_ref().is_none_or(|named| *named == group));
            self.partitions = of_group
                .map(|(_, partition, _)| partition.clone())
                .collect();
            return self.look_up(io, options);
        }
        if options.has("all-topics") {
            self.partitions = self.committed.keys().cloned().collect();
            return self.look_up(io, options);
        }
        Ok(Next::Call(AdminCall::DescribeTopics(self.topics.names())))
    }

    fn chosen(
        &mut self,
        io: &mut Io<'_>,
        options: &Parsed,
        described: Vec<(String, Outcome<client::admin::TopicDescription>)>,
    ) -> Going {
        const UNKNOWN: &str = "org.apache.kafka.common.errors.UnknownTopicOrPartitionException";
        let resolved = self.topics.resolve(described);
        if !resolved.missing_topics.is_empty() {
            let message = "This server does not host this topic-partition.";
            return Err(Failure::new(UNKNOWN, message).into());
        }
        if !resolved.missing.is_empty() {
            let names: Vec<String> = resolved
                .missing
                .iter()
                .map(TopicPartition::to_string)
                .collect();
            let message = format!("The partitions \"{}\" do not exist", names.join(","));
            return Err(Failure::new(UNKNOWN, message).into());
        }
        self.partitions = resolved.partitions;
        self.look_up(io, options)
    }

    fn look_up(&mut self, io: &mut Io<'_>, options: &Parsed) -> Going {
        java::hash_order(&mut self.partitions);
        self.partitions.dedup();
        self.stage = Stage::Earliest;
        match self.partitions.is_empty() {
            true => self.move_group(io, options),
            false => Ok(self.list(OffsetSpec::Earliest)),
        }
    }

    fn list(&self, spec: OffsetSpec) -> Next {
        let specs = self
            .partitions
            .iter()
            .map(|partition| (partition.clone(), spec));
        Next::Call(AdminCall::ListOffsets(specs.collect()))
    }

    fn found(
        &mut self,
        io: &mut Io<'_>,
        options: &Parsed,
        found: Vec<(TopicPartition, Outcome<FoundOffset>)>,
    ) -> Going {
        let mut offsets = SortedMap::new();
        for (partition, outcome) in found {
            let found = outcome.map_err(|error| executed(&Failure::of(&error)))?;
            offsets.insert(partition, found.offset);
        }
        match (self.stage, &self.scenario) {
            (Stage::Earliest, _) => {
                self.earliest = offsets;
                self.stage = Stage::Latest;
                Ok(self.list(OffsetSpec::Latest))
            }
            (Stage::Latest, Scenario::Time(time)) => {
                let time = *time;
                self.latest = offsets;
                self.stage = Stage::Time;
                Ok(self.list(OffsetSpec::Timestamp(time)))
            }
            (Stage::Latest, _) => {
                self.latest = offsets;
                self.move_group(io, options)
            }
            (Stage::Time, _) => {
                self.at_time = offsets;
                self.move_group(io, options)
            }
        }
    }

    fn move_group(&mut self, io: &mut Io<'_>, options: &Parsed) -> Going {
        let group = self.groups.last().cloned().unwrap_or_default();
        if let Scenario::Shift(_) = self.scenario {
            self.all_committed()?;
        }
        let mut moves = Vec::new();
        for partition in self.partitions.clone() {
            let target = self.target(io, &group, &partition)?;
            moves.push((partition, target));
        }
        for (partition, offset) in &moves {
            self.plan.push((group.clone(), partition.clone(), *offset));
        }
        if options.has("execute") && !moves.is_empty() {
            return Ok(Next::Call(AdminCall::AlterGroupOffsets(group, moves)));
        }
        self.groups.pop();
        Ok(self.next_group(io, options))
    }

    fn all_committed(&self) -> Result<(), Trouble> {
        let mut partitions: Vec<&TopicPartition> = self.partitions.iter().collect();
        partitions.arrange();
        match partitions
            .into_iter()
            .find(|partition| !self.committed.contains_key(partition))
        {
            None => Ok(()),
            Some(partition) => Err(Trouble::Usage(format!(
                "Cannot shift offset for partition {partition} since there is no current committed offset"
            ))),
        }
    }

    fn target(
        &self,
        io: &mut Io<'_>,
        group: &str,
        partition: &TopicPartition,
    ) -> Result<i64, Trouble> {
        let known = |offsets: &SortedMap<TopicPartition, i64>| offsets.get(partition).copied();
        let latest = known(&self.latest).unwrap_or(0);
        let wanted = match &self.scenario {
            Scenario::Earliest => return Ok(known(&self.earliest).unwrap_or(0)),
            Scenario::Latest => return Ok(latest),
            Scenario::Current => return Ok(known(&self.committed).unwrap_or(latest)),
            Scenario::Time(_) | Scenario::Ago(_) => {
                return Ok(match known(&self.at_time).filter(|offset| *offset >= 0) {
                    Some(offset) => offset,
                    None => {
                        io.print(&format!(
                            "\nWarn: Partition {} from topic {} is empty. Falling back to latest known offset.\n",
                            partition.partition, partition.topic
                        ));
                        latest
                    }
                });
            }
            Scenario::Offset(offset) => *offset,
            Scenario::Shift(by) => known(&self.committed).unwrap_or(latest).saturating_add(*by),
            Scenario::File(rows) => {
                let named = |row: &&(Option<String>, TopicPartition, i64)| {
                    row.1 == *partition && row.0.as_ref().is_none_or(|named| named == group)
                };
                rows.iter().rev().find(named).map_or(latest, |row| row.2)
            }
            Scenario::FilePath(_) => latest,
        };
        Ok(self.within(io, partition, wanted))
    }

    /// An offset that exists, with a warning if that is another one than was wanted.
    fn within(&self, io: &mut Io<'_>, partition: &TopicPartition, wanted: i64) -> i64 {
        let earliest = self.earliest.get(partition).copied().unwrap_or(0);
        let latest = self.latest.get(partition).copied().unwrap_or(i64::MAX);
        let (how, limit) = if wanted > latest {
            ("higher than latest", latest)
        } else if wanted < earliest {
            ("lower than earliest", earliest)
        } else {
            return wanted;
        };
        let text = format!(
            "New offset ({wanted}) is {how} offset for topic partition {partition}. Value will be set to {limit}"
        );
        java::log(
            io,
            LogLevel::Warn,
            &text,
            "org.apache.kafka.tools.OffsetsUtils",
        );
        limit
    }

    fn finish(&self, io: &mut Io<'_>, options: &Parsed) -> Next {
        let single = options.all("group").len() == 1;
        if options.has("export") {
            for (group, TopicPartition { topic, partition }, offset) in &self.plan {
                match single {
                    true => io.line(&format!("{topic},{partition},{offset}")),
                    false => io.line(&format!("{group},{topic},{partition},{offset}")),
                }
            }
            return Next::Exit(0);
        }
        let group_width = width(15, self.plan.iter().map(|(group, _, _)| group.as_str()));
        let topic_width = width(
            15,
            self.plan
                .iter()
                .map(|(_, partition, _)| partition.topic.as_str()),
        );
        let row = |group: &str, topic: &str, partition: &str, offset: &str| {
            format!(
                "{} {} {} {offset}",
                pad(group, group_width),
                pad(topic, topic_width),
                pad(partition, 10)
            )
        };
        io.print("\n");
        io.line(&row("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"));
        for (group, partition, offset) in &self.plan {
            let text = row(
                group,
                &partition.topic,
                &partition.partition.to_string(),
                &offset.to_string(),
            );
            io.line(&text);
        }
        Next::Exit(0)
    }
}

fn scenario(options: &Parsed) -> Result<Scenario, Trouble> {
    if let Some(offset) = options.number("to-offset")? {
        return Ok(Scenario::Offset(offset));
    }
    if let Some(text) = options.one("to-datetime")? {
        let time = java::parse_date_time(text).map_err(|message| {
            let parse = Failure::new("java.text.ParseException", message);
            Trouble::from(Failure::new("java.lang.RuntimeException", parse.line()))
        })?;
        return Ok(Scenario::Time(time));
    }
    if let Some(text) = options.one("by-duration")? {
        let millis = java::parse_duration(text).ok_or_else(|| {
            let class = "java.time.format.DateTimeParseException";
            Trouble::from(Failure::new(class, "Text cannot be parsed to a Duration"))
        })?;
        return Ok(Scenario::Ago(millis));
    }
    if let Some(by) = options.number("shift-by")? {
        return Ok(Scenario::Shift(by));
    }
    if let Some(path) = options.one("from-file")? {
        return Ok(Scenario::FilePath(path.to_owned()));
    }
    let flags = [
        ("to-earliest", Scenario::Earliest),
        ("to-latest", Scenario::Latest),
        ("to-current", Scenario::Current),
    ];
    let chosen = flags.into_iter().find(|(name, _)| options.has(name));
    chosen.map(|(_, scenario)| scenario).ok_or_else(|| {
        Trouble::Usage("Option '[reset-offsets]' requires one of the following scenarios: [[to-latest], [by-duration], [to-datetime], [from-file], [shift-by], [to-offset], [to-earliest], [to-current]]".to_owned())
    })
}

type PlanRow = (Option<String>, TopicPartition, i64);

/// The rows of a plan file: `topic,partition,offset`, or with the group in front.
fn read_plan(text: &str, single_group: bool) -> Result<Vec<PlanRow>, Trouble> {
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let fields: Vec<&str> = line
            .split(',')
            .map(|field| field.trim().trim_matches('"'))
            .collect();
        let row = match (single_group, fields.as_slice()) {
            (true, [topic, partition, offset]) => plan_row(None, topic, partition, offset),
            (false, [group, topic, partition, offset]) => {
                plan_row(Some(group), topic, partition, offset)
            }
            _ => None,
        };
        let shape = if single_group {
            "topic,partition,offset"
        } else {
            "group,topic,partition,offset"
        };
        let line_number = index.saturating_add(1);
        rows.push(row.ok_or_else(|| {
            let shown = crate::screen::prefix(line, 200);
            let message = format!("line {line_number} of the file is not {shape}: {shown}");
            Trouble::from(Failure::new("java.lang.RuntimeException", message))
        })?);
    }
    Ok(rows)
}

fn plan_row(group: Option<&str>, topic: &str, partition: &str, offset: &str) -> Option<PlanRow> {
    let partition = TopicPartition::new(topic, partition.parse().ok()?);
    Some((group.map(str::to_owned), partition, offset.parse().ok()?))
}
