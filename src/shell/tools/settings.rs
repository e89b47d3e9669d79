//! Client settings given to a tool as `name=value`, checked as Kafka's clients check them.

use client::consumer::{Assignor, ConsumerConfig, GroupProtocol, OffsetReset};
use client::producer::ProducerConfig;
use engine::config::value::{Kind, Valid, check};
use records::Codec;

use super::options::{Failure, Parsed};
use crate::commands::Process;
use crate::files::{Files, Place};

/// The levels of gzip; -1 is its usual one.
const GZIP: Valid = Valid::BetweenOrMinusOne(1, 9);

/// `name=value` pairs of an option given any number of times; without `=` the value is empty.
pub(crate) fn pairs(parsed: &Parsed, name: &str) -> Vec<(String, String)> {
    parsed.all(name).iter().map(|text| pair(text)).collect()
}

fn pair(text: &str) -> (String, String) {
    match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

/// The pairs in a properties file that an option names.
pub(crate) fn from_file(
    parsed: &Parsed,
    name: &str,
    files: &Files,
    place: &Place,
) -> Result<Vec<(String, String)>, Failure> {
    let Some(path) = parsed.one(name)? else {
        return Ok(Vec::new());
    };
    let Ok(text) = files.read(place, path) else {
        return Err(Failure::new("java.nio.file.NoSuchFileException", path));
    };
    let lines = text.lines().map(str::trim);
    let settings = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!']));
    Ok(settings
        .map(|line| {
            let (name, value) = pair(line);
            (name.trim().to_owned(), value.trim().to_owned())
        })
        .collect())
}

/// A setting with a value it cannot have.
pub(crate) fn invalid(name: &str, value: &str, why: &str) -> Failure {
    Failure::new(
        "org.apache.kafka.common.config.ConfigException",
        format!("Invalid value {value} for configuration {name}: {why}"),
    )
}

fn number<T: std::str::FromStr>(name: &str, value: &str, kind: &str) -> Result<T, Failure> {
    value
        .trim()
        .parse()
        .map_err(|_| invalid(name, value, &format!("Not a number of type {kind}")))
}

fn at_least<T: PartialOrd + std::fmt::Display>(
    name: &str,
    value: T,
    least: T,
) -> Result<T, Failure> {
    match value >= least {
        true => Ok(value),
        false => Err(invalid(
            name,
            &value.to_string(),
            &format!("Value must be at least {least}"),
        )),
    }
}

fn long(name: &str, value: &str) -> Result<i64, Failure> {
    at_least(name, number(name, value, "LONG")?, 0)
}

fn int(name: &str, value: &str) -> Result<i32, Failure> {
    at_least(name, number(name, value, "INT")?, 0)
}

fn size(name: &str, value: &str) -> Result<usize, Failure> {
    Ok(usize::try_from(int(name, value)?).unwrap_or(0))
}

fn boolean(name: &str, value: &str) -> Result<bool, Failure> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid(
            name,
            value,
            "Expected value to be either true or false",
        )),
    }
}

/// Sets one of a producer's settings; names that no producer knows are passed over, as Kafka does.
pub(crate) fn producer(
    config: &mut ProducerConfig,
    name: &str,
    value: &str,
) -> Result<(), Failure> {
    match name {
        "client.id" => config.client_id = value.to_owned(),
        "acks" => {
            config.acks = match value {
                "all" | "-1" => -1,
                "0" => 0,
                "1" => 1,
                _ => return Err(invalid(name, value, "String must be one of: all, -1, 0, 1")),
            };
        }
        "linger.ms" => config.linger_ms = long(name, value)?,
        "batch.size" => config.batch_size = size(name, value)?,
        "max.request.size" => config.max_request_size = size(name, value)?,
        "buffer.memory" => config.buffer_memory = usize::try_from(long(name, value)?).unwrap_or(0),
        "retries" => config.retries = int(name, value)?,
        "retry.backoff.ms" => config.retry_backoff_ms = long(name, value)?,
        "request.timeout.ms" => config.request_timeout_ms = i64::from(int(name, value)?),
        "delivery.timeout.ms" => config.delivery_timeout_ms = i64::from(int(name, value)?),
        "max.block.ms" => config.max_block_ms = long(name, value)?,
        "enable.idempotence" => config.enable_idempotence = boolean(name, value)?,
        "max.in.flight.requests.per.connection" => {
            config.max_in_flight = at_least(name, size(name, value)?, 1)?;
        }
        "metadata.max.age.ms" => config.metadata_max_age_ms = long(name, value)?,
        "partitioner.ignore.keys" => config.ignore_keys = boolean(name, value)?,
        "compression.type" => config.compression.codec = codec(name, value)?,
        "compression.gzip.level" => config.compression.level = level(name, value, GZIP)?,
        // Checked, though these codecs have one level here.
        "compression.lz4.level" => drop(level(name, value, Valid::Between(1, 17))?),
        "compression.zstd.level" => drop(level(name, value, Valid::Between(-131_072, 22))?),
        _ => {}
    }
    Ok(())
}

fn codec(name: &str, value: &str) -> Result<Codec, Failure> {
    let why = "String must be one of: none, gzip, snappy, lz4, zstd";
    Codec::named(value).ok_or_else(|| invalid(name, value, why))
}

fn level(name: &str, value: &str, valid: Valid) -> Result<i32, Failure> {
    let level = number(name, value, "INT")?;
    check(name, Kind::Int, valid, value)
        .map_err(|text| Failure::new("org.apache.kafka.common.config.ConfigException", text))?;
    Ok(level)
}

/// Sets one of a consumer's settings; names that no consumer knows are passed over.
pub(crate) fn consumer(
    config: &mut ConsumerConfig,
    name: &str,
    value: &str,
) -> Result<(), Failure> {
    match name {
        "client.id" => config.client_id = value.to_owned(),
        "group.id" => config.group_id = Some(value.to_owned()),
        "group.protocol" => config.group_protocol = group_protocol(name, value)?,
        "group.remote.assignor" => config.group_remote_assignor = Some(value.to_owned()),
        "group.instance.id" => config.group_instance_id = Some(value.to_owned()),
        "auto.offset.reset" => config.auto_offset_reset = offset_reset(name, value)?,
        "enable.auto.commit" => config.enable_auto_commit = boolean(name, value)?,
        "auto.commit.interval.ms" => config.auto_commit_interval_ms = i64::from(int(name, value)?),
        "session.timeout.ms" => config.session_timeout_ms = int(name, value)?,
        "heartbeat.interval.ms" => config.heartbeat_interval_ms = i64::from(int(name, value)?),
        "max.poll.interval.ms" => {
            config.max_poll_interval_ms = at_least(name, int(name, value)?, 1)?
        }
        "max.poll.records" => config.max_poll_records = at_least(name, size(name, value)?, 1)?,
        "fetch.min.bytes" => config.fetch_min_bytes = int(name, value)?,
        "fetch.max.wait.ms" => config.fetch_max_wait_ms = int(name, value)?,
        "fetch.max.bytes" => config.fetch_max_bytes = int(name, value)?,
        "max.partition.fetch.bytes" => config.max_partition_fetch_bytes = int(name, value)?,
        "isolation.level" => config.read_committed = read_committed(name, value)?,
        "request.timeout.ms" => config.request_timeout_ms = i64::from(int(name, value)?),
        "retry.backoff.ms" => config.retry_backoff_ms = long(name, value)?,
        "metadata.max.age.ms" => config.metadata_max_age_ms = long(name, value)?,
        "allow.auto.create.topics" => config.allow_auto_create_topics = boolean(name, value)?,
        "partition.assignment.strategy" => config.assignors = assignors(name, value)?,
        _ => {}
    }
    Ok(())
}

fn group_protocol(name: &str, value: &str) -> Result<GroupProtocol, Failure> {
    match value.to_ascii_uppercase().as_str() {
        "CLASSIC" => Ok(GroupProtocol::Classic),
        "CONSUMER" => Ok(GroupProtocol::Consumer),
        _ => Err(invalid(
            name,
            value,
            "String must be one of (case insensitive): CLASSIC, CONSUMER",
        )),
    }
}

fn offset_reset(name: &str, value: &str) -> Result<OffsetReset, Failure> {
    match value {
        "earliest" => Ok(OffsetReset::Earliest),
        "latest" => Ok(OffsetReset::Latest),
        "none" => Ok(OffsetReset::None),
        _ => Err(invalid(
            name,
            value,
            &format!(
                "Invalid value `{value}` for configuration {name}. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
            ),
        )),
    }
}

pub(crate) fn read_committed(name: &str, value: &str) -> Result<bool, Failure> {
    match value {
        "read_committed" => Ok(true),
        "read_uncommitted" => Ok(false),
        _ => Err(invalid(
            name,
            value,
            "String must be one of: read_committed, read_uncommitted",
        )),
    }
}

fn assignors(name: &str, value: &str) -> Result<Vec<Assignor>, Failure> {
    let one = |class: &str| match class.trim().rsplit('.').next().unwrap_or_default() {
        "RangeAssignor" => Ok(Assignor::Range),
        "RoundRobinAssignor" => Ok(Assignor::RoundRobin),
        "StickyAssignor" => Ok(Assignor::Sticky),
        "CooperativeStickyAssignor" => Ok(Assignor::CooperativeSticky),
        _ => Err(invalid(
            name,
            class,
            &format!("Class {class} could not be found."),
        )),
    };
    value.split(',').map(one).collect()
}

/// A note on standard output for every option given under its old name.
pub(crate) fn deprecations(parsed: &Parsed, notes: &[(&str, &str)]) -> Vec<crate::screen::Piece> {
    use crate::screen::{Piece, Stream, Tone};
    let given = notes.iter().filter(|(name, _)| parsed.has(name));
    given
        .map(|(_, note)| Piece::new(Stream::Out, Tone::Warning, format!("{note}\n")))
        .collect()
}

/// A process that says `before`, then what was thrown, and ends with status 1.
pub(crate) fn thrown(mut before: Vec<crate::screen::Piece>, line: &str) -> Process {
    use crate::screen::{Piece, Stream, Tone};
    before.push(Piece::new(Stream::Err, Tone::Error, format!("{line}\n")));
    Process::Said(before, 1)
}

#[cfg(test)]
mod tests {
    use client::producer::ProducerConfig;
    use records::{Codec, Compression};

    use super::producer;

    #[test]
    fn settings_are_checked_as_kafka_does() {
        let mut config = ProducerConfig::new("p", Vec::new());
        let mut message = |name, value| producer(&mut config, name, value).unwrap_err().message;
        assert_eq!(
            message("acks", "9"),
            "Invalid value 9 for configuration acks: String must be one of: all, -1, 0, 1"
        );
        assert_eq!(
            message("linger.ms", "abc"),
            "Invalid value abc for configuration linger.ms: Not a number of type LONG"
        );
        assert!(message("linger.ms", "-1").ends_with("Value must be at least 0"));
        assert!(message("compression.type", "rar").ends_with("none, gzip, snappy, lz4, zstd"));
        assert_eq!(
            message("compression.gzip.level", "0"),
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1"
        );
        assert!(message("compression.lz4.level", "18").ends_with("Value must be no more than 17"));
        assert!(message("compression.zstd.level", "x").ends_with("Not a number of type INT"));
        assert_eq!(
            producer(&mut config, "compression.zstd.level", "-5"),
            Ok(())
        );
        assert_eq!(producer(&mut config, "compression.gzip.level", "9"), Ok(()));
        assert_eq!(producer(&mut config, "compression.type", "gzip"), Ok(()));
        let compression = Compression {
            codec: Codec::Gzip,
            level: 9,
        };
        assert_eq!(config.compression, compression);
        assert_eq!(producer(&mut config, "acks", "all"), Ok(()));
        assert_eq!(producer(&mut config, "no.such", "x"), Ok(()));
    }
}
