//! What `--create` asks for.

use client::admin::{AdminCall, NewTopic};

use super::{State, Topics};
use crate::io::Io;
use crate::screen::{Piece, Stream, Tone};
use crate::tools::options::Failure;

impl Topics {
    /// The call that creates the topic; warns about names whose metrics could collide.
    pub(super) fn create(&mut self, io: &mut Io<'_>) -> Result<AdminCall, Failure> {
        let name = self.topic.clone().unwrap_or_default();
        let partitions: Option<i32> = self.options.number("partitions")?;
        let factor: Option<i32> = self.options.number("replication-factor")?;
        let assignment = self.assignment()?;
        let configs = self.configs()?;
        if name.contains(['.', '_']) {
            let text = "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.\n";
            io.piece(Piece::new(Stream::Out, Tone::Warning, text));
        }
        let replication_factor = match factor.map(i16::try_from) {
            None => None,
            Some(Ok(factor)) if factor >= 1 => Some(factor),
            Some(_) => {
                return Err(Failure::illegal_argument(
                    "The replication factor must be between 1 and 32767 inclusive",
                ));
            }
        };
        if partitions.is_some_and(|partitions| partitions < 1) {
            return Err(Failure::illegal_argument(
                "The partitions must be greater than 0",
            ));
        }
        let assignments = (0..).zip(assignment.unwrap_or_default()).collect();
        self.state = State::Creating;
        Ok(AdminCall::CreateTopics(vec![NewTopic {
            name,
            partitions,
            replication_factor,
            assignments,
            configs,
        }]))
    }

    fn configs(&self) -> Result<Vec<(String, String)>, Failure> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => Err(Failure::illegal_argument(
                "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
            )),
        };
        self.options.all("config").iter().map(pair).collect()
    }

    /// The brokers of each partition that `--replica-assignment` names.
    pub(super) fn assignment(&self) -> Result<Option<Vec<Vec<i32>>>, Failure> {
        let Some(text) = self.options.one("replica-assignment")? else {
            return Ok(None);
        };
        let mut partitions: Vec<Vec<i32>> = Vec::new();
        for partition in text.split(',') {
            let mut replicas = Vec::new();
            for broker in partition.split(':') {
                let id = broker.trim().parse().map_err(|_| {
                    let message = format!("For input string: \"{broker}\"");
                    Failure::new("java.lang.NumberFormatException", message)
                })?;
                if replicas.contains(&id) {
                    return Err(Failure::new(
                        "org.apache.kafka.tools.AdminCommandFailedException",
                        format!("Partition replica lists may not contain duplicate entries: {id}"),
                    ));
                }
                replicas.push(id);
            }
            if partitions
                .first()
                .is_some_and(|first| first.len() != replicas.len())
            {
                return Err(Failure::new(
                    "org.apache.kafka.tools.AdminOperationException",
                    format!(
                        "Partition {} has different replication factor: {replicas:?}",
                        partitions.len()
                    ),
                ));
            }
            partitions.push(replicas);
        }
        Ok(Some(partitions))
    }
}
