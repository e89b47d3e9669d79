//! Names of files and directories, as Kafka has them.

use std::path::{Path, PathBuf};

use engine::ids::{BrokerId, TopicPartition};

/// Says that the broker stopped as it should: nothing needs to be checked.
pub const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// Held while a process uses the directory.
pub const LOCK: &str = ".lock";
/// Whose directory this is.
pub const META: &str = "meta.properties";
/// Up to where logs are committed.
pub const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
/// Up to where logs are known to be safely on disk.
pub const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
/// Where logs start whose first records were deleted.
pub const LOG_STARTS: &str = "log-start-offset-checkpoint";
/// Which topic a log belongs to.
pub const PARTITION: &str = "partition.metadata";
/// Where its leader epochs begin.
pub const EPOCHS: &str = "leader-epoch-checkpoint";
/// Who leads the quorum.
pub const QUORUM: &str = "quorum-state";
/// The directory of the metadata log.
pub const METADATA: &str = "__cluster_metadata-0";
/// Ends the name of a directory that is being made, or deleted.
pub const UNFINISHED: &str = ".unfinished";
/// Ends the name of a directory that is being deleted.
pub const DELETED: &str = "-delete";
/// Ends the name of a compacted segment that is being written.
pub const CLEANED: &str = ".log.cleaned";
/// Ends the name of a compacted segment that is whole, while it takes its place.
pub const SWAP: &str = ".log.swap";

/// The directory of a broker.
pub fn broker_dir(root: &Path, broker: BrokerId) -> PathBuf {
    root.join(format!("broker-{broker}"))
}

/// The broker that a directory name stands for.
pub fn broker_of(name: &str) -> Option<BrokerId> {
    let number = name.strip_prefix("broker-")?;
    number.parse().ok().filter(|id| *id > 0)
}

/// The partition that a directory name stands for.
pub fn partition_of(name: &str) -> Option<TopicPartition> {
    let (topic, number) = name.rsplit_once('-')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|_| digits)?;
    (!topic.is_empty()).then(|| TopicPartition::new(topic, number))
}

/// The file of a segment.
pub fn segment(dir: &Path, base_offset: i64) -> PathBuf {
    offset_file(dir, base_offset, ".log")
}

/// A file named after an offset.
pub fn offset_file(dir: &Path, offset: i64, ending: &str) -> PathBuf {
    dir.join(format!("{offset:020}{ending}"))
}

/// The offset that a file of this ending is named after.
pub fn offset_of(name: &str, ending: &str) -> Option<i64> {
    let digits = name.strip_suffix(ending)?;
    let right = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| right)
}

/// The file of a snapshot.
pub fn snapshot(dir: &Path, end_offset: i64, epoch: i32) -> PathBuf {
    dir.join(format!("{end_offset:020}-{epoch:010}.checkpoint"))
}

/// The end offset and epoch that a snapshot's file is named after.
pub fn snapshot_of(name: &str) -> Option<(i64, i32)> {
    let (offset, epoch) = name.strip_suffix(".checkpoint")?.split_once('-')?;
    (offset.len() == 20 && epoch.len() == 10)
        .then(|| Some((offset.parse().ok()?, epoch.parse().ok()?)))?
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use engine::ids::TopicPartition;

    use super::{broker_of, offset_of, partition_of, segment, snapshot, snapshot_of};

    #[test]
    fn names_are_read_as_they_are_written() {
        let tp = TopicPartition::new("a-b.c", 12);
        assert_eq!(partition_of(&tp.to_string()), Some(tp));
        for other in ["lost+found", "-0", "a-", "a-+1", "a-0.1f-delete", "x"] {
            assert_eq!(partition_of(other), None, "{other}");
        }
        assert_eq!(
            (broker_of("broker-3"), broker_of("broker-x")),
            (Some(3), None)
        );
        let path = segment(Path::new("d"), 42);
        assert_eq!(path, Path::new("d/00000000000000000042.log"));
        assert_eq!(offset_of("00000000000000000042.log", ".log"), Some(42));
        assert_eq!(offset_of("42.log", ".log"), None);
        let path = snapshot(Path::new("d"), 7, 2);
        let name = path.file_name().and_then(|name| name.to_str());
        assert_eq!(name.and_then(snapshot_of), Some((7, 2)));
    }
}
