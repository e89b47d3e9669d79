//! Transactions of a partition: which are open, which were aborted, and how far readers of committed
//! records may read.

use records::sorted::SortedMap;

use records::Outcome;
use serde::Serialize;

use crate::log::PartitionLog;

/// A transaction whose end the log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndedTransaction {
    /// The producer.
    pub producer_id: i64,
    /// Offset of its first record in the partition.
    pub first_offset: i64,
    /// Offset of the marker.
    pub last_offset: i64,
    /// How it ended.
    pub outcome: Outcome,
}

/// An aborted transaction, as readers of committed records are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AbortedTransaction {
    /// The producer.
    pub producer_id: i64,
    /// Offset of its first record in the partition.
    pub first_offset: i64,
    /// Offset of the marker.
    pub last_offset: i64,
    /// The last stable offset once the marker was there: no transaction that was aborted later
    /// begins below it.
    pub last_stable_offset: i64,
}

/// The transactions of a partition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Transactions {
    /// Open ones: first offset and producer.
    open: SortedMap<i64, i64>,
    /// Ended ones whose marker is not committed yet: first offset and that of the marker. A reader
    /// that has not seen the marker must not see the records either.
    unconfirmed: SortedMap<i64, i64>,
    /// Aborted ones, in the order of their markers.
    aborted: Vec<AbortedTransaction>,
}

impl Transactions {
    /// The open transactions: first offset and producer id.
    pub fn open(&self) -> impl Iterator<Item = (i64, i64)> {
        self.open
            .iter()
            .map(|(first, producer)| (*first, *producer))
    }

    /// The aborted transactions, in the order of their markers.
    pub fn aborted(&self) -> &[AbortedTransaction] {
        &self.aborted
    }

    /// The first offset that is not decided for all readers.
    pub(crate) fn first_unstable(&self) -> Option<i64> {
        let open = self.open.first_key_value().map(|(first, _)| *first);
        let ended = self.unconfirmed.first_key_value().map(|(first, _)| *first);
        match (open, ended) {
            (Some(open), Some(ended)) => Some(open.min(ended)),
            (open, ended) => open.or(ended),
        }
    }

    pub(crate) fn begin(&mut self, first_offset: i64, producer_id: i64) {
        self.open.insert(first_offset, producer_id);
    }

    pub(crate) fn end(&mut self, ended: EndedTransaction) {
        self.open.remove(&ended.first_offset);
        self.unconfirmed
            .insert(ended.first_offset, ended.last_offset);
        if ended.outcome == Outcome::Abort {
            let still_open = self.open.first_key_value().map(|(first, _)| *first);
            self.aborted.push(AbortedTransaction {
                producer_id: ended.producer_id,
                first_offset: ended.first_offset,
                last_offset: ended.last_offset,
                last_stable_offset: still_open.unwrap_or(ended.last_offset.saturating_add(1)),
            });
        }
    }

    /// The high watermark has come so far: markers below it are for everybody.
    pub(crate) fn confirm(&mut self, high_watermark: i64) {
        self.unconfirmed.retain(|_, last| *last >= high_watermark);
    }

    /// The log starts here now: transactions that ended before it concern nobody.
    pub(crate) fn delete_before(&mut self, offset: i64) {
        self.aborted.retain(|aborted| aborted.last_offset >= offset);
    }
}

impl PartitionLog {
    /// The transactions of the partition.
    pub fn transactions(&self) -> &Transactions {
        &self.transactions
    }

    /// The offset up to which all transactions are decided, at most the high watermark: readers of
    /// committed records read below it.
    pub fn last_stable_offset(&self) -> i64 {
        let high_watermark = self.high_watermark();
        match self.transactions.first_unstable() {
            // Records of an open transaction that were deleted no longer hold anybody back.
            Some(first) => first.max(self.log_start_offset()).min(high_watermark),
            None => high_watermark,
        }
    }

    /// The aborted transactions with records from `offset` up to `below`: producer id and the offset
    /// of its first record.
    pub fn aborted_between(&self, offset: i64, below: i64) -> Vec<(i64, i64)> {
        let aborted = self.transactions.aborted();
        let start = aborted.partition_point(|aborted| aborted.last_offset < offset);
        let mut found = Vec::new();
        for aborted in aborted.get(start..).unwrap_or_default() {
            if aborted.first_offset < below {
                found.push((aborted.producer_id, aborted.first_offset));
            }
            if aborted.last_stable_offset >= below {
                break;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use protocol::ErrorCode;
    use records::{BatchBuilder, BatchOptions, Outcome, Record};

    use crate::log::PartitionLog;
    use crate::log::append::{LeaderAppend, MarkerAppend, Origin};
    use crate::log::config::LogConfig;
    use crate::log::lookup::ReadLimit;
    use crate::log::producers::MarkerClaim;

    const NOW: i64 = 1_700_000_000_000;

    fn batch(producer_id: i64, producer_epoch: i16, base_sequence: i32, part: bool) -> Bytes {
        let mut builder = BatchBuilder::new(BatchOptions {
            producer_id,
            producer_epoch,
            base_sequence,
            transactional: part,
            ..BatchOptions::default()
        });
        let record = Record {
            timestamp: NOW,
            value: Some(b"v"),
            ..Record::default()
        };
        builder.append(&record).unwrap();
        builder.build()
    }

    fn append(log: &mut PartitionLog, origin: Origin, bytes: &Bytes) -> Result<i64, ErrorCode> {
        let how = LeaderAppend {
            now_ms: NOW,
            leader_epoch: 0,
            origin,
        };
        let appended = log.append_as_leader(bytes, how);
        appended
            .map(|done| done.base_offset)
            .map_err(|error| error.code)
    }

    fn send(log: &mut PartitionLog, producer: i64, sequence: i32) -> i64 {
        let bytes = batch(producer, 0, sequence, true);
        append(log, Origin::VerifiedClient, &bytes).unwrap()
    }

    fn mark(producer_id: i64, epoch: i16, outcome: Outcome) -> MarkerAppend {
        MarkerAppend {
            now_ms: NOW,
            leader_epoch: 0,
            claim: MarkerClaim {
                producer_id,
                epoch,
                coordinator_epoch: 5,
                epoch_per_transaction: true,
            },
            outcome,
        }
    }

    fn end(log: &mut PartitionLog, producer: i64, outcome: Outcome) {
        log.append_marker(mark(producer, 1, outcome)).unwrap();
    }

    fn commit_all(log: &mut PartitionLog) {
        log.set_high_watermark(log.log_end_offset());
    }

    fn follower_of(leader: &PartitionLog) -> PartitionLog {
        let mut follower = PartitionLog::new(LogConfig::default());
        let all = ReadLimit {
            below: i64::MAX,
            max_bytes: usize::MAX,
            at_least_one: true,
        };
        follower.append_as_follower(&leader.read(0, all)).unwrap();
        follower
    }

    #[test]
    fn committed_readers_stop_before_what_is_undecided() {
        let mut log = PartitionLog::new(LogConfig::default());
        append(&mut log, Origin::Client, &batch(-1, -1, -1, false)).unwrap();
        assert_eq!(send(&mut log, 7, 0), 1);
        assert_eq!(send(&mut log, 8, 0), 2);
        commit_all(&mut log);
        assert_eq!((log.high_watermark(), log.last_stable_offset()), (3, 1));
        end(&mut log, 7, Outcome::Abort);
        // The marker is not committed yet: whoever reads below the high watermark has not seen it.
        assert_eq!(log.last_stable_offset(), 1);
        commit_all(&mut log);
        assert_eq!(log.last_stable_offset(), 2);
        end(&mut log, 8, Outcome::Commit);
        commit_all(&mut log);
        assert_eq!(log.last_stable_offset(), 5);
        assert_eq!(log.aborted_between(0, 5), [(7, 1)]);
        assert_eq!(log.aborted_between(4, 5), []);
        assert_eq!(log.aborted_between(0, 1), []);
        let follower = follower_of(&log);
        assert_eq!(follower.last_stable_offset(), 0);
        assert_eq!(follower.producers(), log.producers());
        assert_eq!(
            follower.transactions().aborted(),
            log.transactions().aborted()
        );
    }

    #[test]
    fn what_is_cut_off_was_never_decided() {
        let mut log = PartitionLog::new(LogConfig::default());
        send(&mut log, 7, 0);
        commit_all(&mut log);
        end(&mut log, 7, Outcome::Abort);
        commit_all(&mut log);
        assert_eq!(log.last_stable_offset(), 2);
        log.truncate_to(1);
        commit_all(&mut log);
        assert_eq!(log.last_stable_offset(), 0);
        assert_eq!(log.transactions().aborted(), []);
        assert!(log.producers().has_open(7, 0));
        log.delete_before(1);
        assert_eq!(log.last_stable_offset(), 1);
    }

    #[test]
    fn nobody_writes_outside_of_a_transaction() {
        let mut log = PartitionLog::new(LogConfig::default());
        let first = batch(7, 0, 0, true);
        let refused = append(&mut log, Origin::Client, &first);
        assert_eq!(refused, Err(ErrorCode::InvalidTxnState));
        append(&mut log, Origin::VerifiedClient, &first).unwrap();
        // From the first batch on the log itself knows of the transaction.
        append(&mut log, Origin::Client, &batch(7, 0, 1, true)).unwrap();
        let outside = append(&mut log, Origin::Client, &batch(7, 0, 2, false));
        assert_eq!(outside, Err(ErrorCode::InvalidTxnState));
        let stale = log.append_marker(mark(7, 0, Outcome::Commit));
        assert_eq!(stale, Err(ErrorCode::InvalidProducerEpoch));
        end(&mut log, 7, Outcome::Commit);
        end(&mut log, 7, Outcome::Commit);
        let late = append(&mut log, Origin::VerifiedClient, &batch(7, 0, 2, true));
        assert_eq!(late, Err(ErrorCode::InvalidProducerEpoch));
        let mut old_coordinator = mark(7, 2, Outcome::Abort);
        old_coordinator.claim.coordinator_epoch = 4;
        let fenced = log.append_marker(old_coordinator);
        assert_eq!(fenced, Err(ErrorCode::TransactionCoordinatorFenced));
    }

    #[test]
    fn a_producer_is_not_forgotten_while_its_transaction_is_open() {
        let mut log = PartitionLog::new(LogConfig::default());
        send(&mut log, 7, 0);
        log.expire_producers(i64::MAX);
        assert_eq!(log.producers().iter().count(), 1);
        end(&mut log, 7, Outcome::Commit);
        log.expire_producers(i64::MAX);
        assert_eq!(log.producers().iter().count(), 0);
    }
}
