//! The small text files beside the logs, in Kafka's forms.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use engine::ids::{BrokerId, TopicPartition};
use engine::log::epochs::EpochStart;
use protocol::Uuid;

use crate::data::files::{read_text, replace};
use crate::data::layout;

/// An offset for each partition.
pub type Offsets = BTreeMap<TopicPartition, i64>;

/// What `meta.properties` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The broker.
    pub node_id: BrokerId,
    /// Its cluster.
    pub cluster_id: String,
    /// The directory's own id.
    pub directory_id: Uuid,
}

/// Reads a checkpoint of offsets; an absent one has none.
pub fn read_offsets(path: &Path) -> Result<Offsets, String> {
    let lines = read_lines(path)?;
    let entries = lines.iter().map(|line| {
        let mut parts = line.split(' ');
        let topic = parts.next()?;
        let partition = parts.next()?.parse().ok()?;
        let offset = parts.next()?.parse().ok()?;
        Some((TopicPartition::new(topic, partition), offset))
    });
    entries
        .collect::<Option<Offsets>>()
        .ok_or_else(|| odd(path))
}

/// Writes a checkpoint of offsets.
pub fn write_offsets(path: &Path, offsets: &Offsets) -> Result<(), String> {
    let mut text = format!("0\n{}\n", offsets.len());
    for (partition, offset) in offsets {
        let TopicPartition { topic, partition } = partition;
        let _ = writeln!(text, "{topic} {partition} {offset}");
    }
    replace(path, text.as_bytes())
}

/// Reads where leader epochs begin.
pub fn read_epochs(path: &Path) -> Result<Vec<EpochStart>, String> {
    let lines = read_lines(path)?;
    let entries = lines.iter().map(|line| {
        let (epoch, start) = line.split_once(' ')?;
        Some(EpochStart {
            epoch: epoch.parse().ok()?,
            start_offset: start.parse().ok()?,
        })
    });
    entries.collect::<Option<Vec<_>>>().ok_or_else(|| odd(path))
}

/// Writes where leader epochs begin.
pub fn write_epochs(path: &Path, epochs: &[EpochStart]) -> Result<(), String> {
    let mut text = format!("0\n{}\n", epochs.len());
    for entry in epochs {
        let _ = writeln!(text, "{} {}", entry.epoch, entry.start_offset);
    }
    replace(path, text.as_bytes())
}

/// Reads which topic a log belongs to.
pub fn read_topic_id(dir: &Path) -> Result<Uuid, String> {
    let path = dir.join(layout::PARTITION);
    let Some(text) = read_text(&path)? else {
        return Err(format!(
            "{} has no {}, so it is not known which topic it belongs to: move it away or restore that file",
            dir.display(),
            layout::PARTITION
        ));
    };
    let id = property(&text, ": ", "topic_id").and_then(|id| id.parse().ok());
    id.ok_or_else(|| odd(&path))
}

/// Writes which topic a log belongs to.
pub fn write_topic_id(dir: &Path, topic_id: Uuid) -> Result<(), String> {
    let text = format!("version: 0\ntopic_id: {topic_id}");
    replace(&dir.join(layout::PARTITION), text.as_bytes())
}

/// Reads whose directory this is; `None` if nobody's yet.
pub fn read_meta(dir: &Path) -> Result<Option<Meta>, String> {
    let path = dir.join(layout::META);
    let Some(text) = read_text(&path)? else {
        return Ok(None);
    };
    let meta = || {
        Some(Meta {
            node_id: property(&text, "=", "node.id")?.parse().ok()?,
            cluster_id: property(&text, "=", "cluster.id")?.to_owned(),
            directory_id: property(&text, "=", "directory.id")?.parse().ok()?,
        })
    };
    meta().map(Some).ok_or_else(|| odd(&path))
}

/// Writes whose directory this is.
pub fn write_meta(dir: &Path, meta: &Meta) -> Result<(), String> {
    let text = format!(
        "#\nnode.id={}\ndirectory.id={}\nversion=1\ncluster.id={}\n",
        meta.node_id, meta.directory_id, meta.cluster_id
    );
    replace(&dir.join(layout::META), text.as_bytes())
}

/// Reads the epoch of a broker that stopped in order; `None` if it did not.
pub fn read_clean(dir: &Path) -> Result<Option<i64>, String> {
    let text = read_text(&dir.join(layout::CLEAN_SHUTDOWN))?;
    let epoch = text.map(|text| {
        let (_, epoch) = text.split_once("\"brokerEpoch\":")?;
        epoch.trim_end().strip_suffix('}')?.parse().ok()
    });
    // One that cannot be read is as good as none, except that nothing is torn.
    Ok(epoch.map(|epoch| epoch.unwrap_or(-1)))
}

/// Notes that a broker stopped in order.
pub fn write_clean(dir: &Path, epoch: i64) -> Result<(), String> {
    let text = format!("{{\"version\":0,\"brokerEpoch\":{epoch}}}");
    replace(&dir.join(layout::CLEAN_SHUTDOWN), text.as_bytes())
}

/// Writes who leads the quorum of one.
pub fn write_quorum(dir: &Path, leader: BrokerId, epoch: i32) -> Result<(), String> {
    let text = format!(
        "{{\"clusterId\":\"\",\"leaderId\":{leader},\"leaderEpoch\":{epoch},\"votedId\":-1,\
         \"appliedOffset\":0,\"currentVoters\":[{{\"voterId\":{leader}}}],\"data_version\":0}}"
    );
    replace(&dir.join(layout::QUORUM), text.as_bytes())
}

/// The lines of a checkpoint after its version and their number.
fn read_lines(path: &Path) -> Result<Vec<String>, String> {
    let Some(text) = read_text(path)? else {
        return Ok(Vec::new());
    };
    let mut lines = text.lines();
    let version = lines.next();
    let count = lines.next().and_then(|count| count.parse::<usize>().ok());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if version == Some("0") && count == Some(lines.len()) {
        Ok(lines)
    } else {
        Err(odd(path))
    }
}

fn property<'a>(text: &'a str, separator: &str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(separator))
}

fn odd(path: &Path) -> String {
    format!(
        "{} is not what Kafka writes there: it is damaged or somebody else's; restore it or move it away",
        path.display()
    )
}
