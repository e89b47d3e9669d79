//! Letting records in: which partition, whether they fit, and how long they may wait.

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;

use super::accumulator::{Accumulator, Limits, Placed};
use super::machine::{Blocked, Producer};
use super::partitioner::Choice;
use super::{ProducerEvent, ProducerRecord};
use crate::event::ClientError;
use crate::murmur2::partition_for_key;

impl Producer {
    /// Takes records from the line as long as metadata and memory allow.
    pub(super) fn admit(&mut self, now: SimTime) {
        while let Some(mut first) = self.blocked.pop_front() {
            match self.place(now, &first) {
                Ok(Some(())) => {}
                Ok(None) => {
                    first.for_memory = self.core.metadata.topics.contains_key(&first.record.topic);
                    if let Some(error) = self.blocked_too_long(now, &first) {
                        let id = first.id;
                        self.events.push(ProducerEvent::Failed { id, error });
                    } else {
                        self.blocked.push_front(first);
                        return;
                    }
                }
                Err(error) => {
                    let id = first.id;
                    self.events.push(ProducerEvent::Failed { id, error });
                }
            }
            if let Some(next) = self.blocked.front_mut() {
                next.since = now;
            }
        }
    }

    /// Puts a record into a batch. `None` if it has to wait.
    fn place(&mut self, now: SimTime, blocked: &Blocked) -> Result<Option<()>, ClientError> {
        let record = &blocked.record;
        let topic = &record.topic;
        if self.core.metadata.errors.get(topic) == Some(&ErrorCode::InvalidTopicException) {
            let text = format!("Invalid topics: [{topic}]");
            return Err(ClientError::of(
                ErrorCode::InvalidTopicException.code(),
                Some(&text),
            ));
        }
        let count = self
            .core
            .metadata
            .partition_count(topic)
            .filter(|count| *count > 0);
        let Some(count) = count else {
            return Ok(None);
        };
        if record.partition.is_some_and(|p| p < 0) {
            return Err(ClientError::local(
                "java.lang.IllegalArgumentException",
                format!(
                    "Invalid partition: {}. Partition number should always be non-negative or null.",
                    record.partition.unwrap_or(0)
                ),
            ));
        }
        if record.partition.is_some_and(|p| p >= count) {
            return Ok(None);
        }
        self.check_size(record)?;
        let (tp, sticky) = self.partition(record, count);
        let placed = Placed {
            id: blocked.id,
            timestamp: record.timestamp.unwrap_or(now.as_millis()),
            record,
        };
        let limits = Limits {
            batch_size: self.config.batch_size,
            buffer_memory: self.config.buffer_memory,
            compression: self.config.compression,
        };
        let Some(added) = self.accumulator.append(now, &tp, &placed, limits) else {
            return Ok(None);
        };
        if sticky {
            self.maybe_move_on(&tp, added);
        }
        Ok(Some(()))
    }

    fn check_size(&self, record: &ProducerRecord) -> Result<(), ClientError> {
        let size = Accumulator::size_upper_bound(record);
        let start = format!("The message is {size} bytes when serialized which is larger than ");
        let too_large = |end: String| {
            let code = ErrorCode::MessageTooLarge.code();
            let text = format!("{start}{end}");
            Err(ClientError {
                code: 0,
                ..ClientError::of(code, Some(&text))
            })
        };
        let most = self.config.max_request_size;
        if size > most {
            let end = ", which is the value of the max.request.size configuration.";
            return too_large(format!("{most}{end}"));
        }
        if size > self.config.buffer_memory {
            return too_large(
                "the total memory buffer you have configured with the buffer.memory configuration."
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Where a record goes, and whether that was the partitioner's free choice.
    fn partition(&mut self, record: &ProducerRecord, count: i32) -> (TopicPartition, bool) {
        let topic = record.topic.as_str();
        if let Some(partition) = record.partition {
            return (TopicPartition::new(topic, partition), false);
        }
        if let Some(key) = record.key.as_deref().filter(|_| !self.config.ignore_keys) {
            return (
                TopicPartition::new(topic, partition_for_key(key, count)),
                false,
            );
        }
        if let Some(partition) = self.partitioner.current(topic).filter(|p| *p < count) {
            let tp = TopicPartition::new(topic, partition);
            self.maybe_move_on(&tp, 0);
        }
        let chosen = self.partitioner.current(topic).filter(|p| *p < count);
        let partition = chosen.or_else(|| self.choose(topic)).unwrap_or(0);
        (TopicPartition::new(topic, partition), true)
    }

    fn maybe_move_on(&mut self, tp: &TopicPartition, added: usize) {
        let full = self.accumulator.is_full(tp);
        if self
            .partitioner
            .produced(&tp.topic, added, self.config.batch_size, full)
        {
            self.choose(&tp.topic);
        }
    }

    fn choose(&mut self, topic: &str) -> Option<i32> {
        let info = self.core.metadata.topics.get(topic)?;
        let choice = |partition: &i32| {
            let tp = TopicPartition::new(topic, *partition);
            let queue = self.accumulator.queues.get(&tp);
            Choice {
                partition: *partition,
                waiting: queue.map_or(0, |queue| queue.waiting.len()),
            }
        };
        let led = info.partitions.iter().filter(|(_, p)| p.leader.is_some());
        let mut choices: Vec<Choice> = led.map(|(partition, _)| choice(partition)).collect();
        if choices.is_empty() {
            choices = info.partitions.keys().map(choice).collect();
        }
        self.partitioner.choose(topic, &choices, &mut self.core.rng)
    }

    #[inline(never)]
    fn blocked_too_long(&self, now: SimTime, blocked: &Blocked) -> Option<ClientError> {
        let most = self.config.max_block_ms;
        if now < blocked.since.plus_millis(most) {
            return None;
        }
        let record = &blocked.record;
        let most = most.to_string();
        let count = self.core.metadata.partition_count(&record.topic);
        let text = match (count, record.partition) {
            (Some(count), Some(partition)) if partition >= count => format!(
                "Partition {partition} of topic {} with partition count {count} is not present in metadata after {most} ms.",
                record.topic
            ),
            (Some(_), _) => {
                let needed = self
                    .config
                    .batch_size
                    .max(Accumulator::size_upper_bound(record));
                return Some(ClientError::local(
                    "org.apache.kafka.clients.producer.BufferExhaustedException",
                    format!(
                        "Failed to allocate {needed} bytes within the configured max blocking time {most} ms."
                    ),
                ));
            }
            (None, _) => format!(
                "Topic {} not present in metadata after {most} ms.",
                record.topic
            ),
        };
        Some(ClientError::timeout(text))
    }
}
