//! Taking batches in: as leader from producers, as follower from the leader.

use bytes::Bytes;
use protocol::ErrorCode;
use records::{
    Assignment, Batch, BatchError, BatchOptions, Batches, Marker, Outcome, TimestampType, assign,
    close, open,
};

use crate::log::PartitionLog;
use crate::log::producers::{BatchClaim, MarkerClaim, Verdict};

/// Who sends a batch to the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A producer: nothing in its batch is taken on trust.
    Client,
    /// A producer, and the transaction coordinator counts the partition in.
    VerifiedClient,
    /// This broker's own group coordinator, which has asked the transaction coordinator if need be.
    Coordinator,
}

/// How a leader appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaderAppend {
    /// The time, in milliseconds.
    pub now_ms: i64,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// Who sends.
    pub origin: Origin,
}

/// A marker to append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkerAppend {
    /// The time, in milliseconds.
    pub now_ms: i64,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// Whose transaction ends, and who says so.
    pub claim: MarkerClaim,
    /// How it ends.
    pub outcome: Outcome,
}

/// Where a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Offset of its first record.
    pub base_offset: i64,
    /// Offset of its last record.
    pub last_offset: i64,
    /// The time it was stamped with, in milliseconds; -1 if the producer's timestamps stand.
    pub log_append_time_ms: i64,
    /// Whether it was in the log already, from an earlier try.
    pub duplicate: bool,
}

/// Why a batch was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendError {
    /// Kafka's error.
    pub code: ErrorCode,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The records at fault, by their place in the batch, each with a sentence.
    pub records: Vec<(i32, String)>,
}

impl AppendError {
    fn new(code: ErrorCode, message: impl Into<String>) -> AppendError {
        AppendError {
            code,
            message: message.into(),
            records: Vec::new(),
        }
    }
}

impl From<BatchError> for AppendError {
    fn from(error: BatchError) -> AppendError {
        let code = match error {
            BatchError::CrcMismatch { .. } | BatchError::Truncated => ErrorCode::CorruptMessage,
            BatchError::UnknownCodec(_) => ErrorCode::UnsupportedCompressionType,
            _ => ErrorCode::InvalidRecord,
        };
        AppendError::new(code, error.to_string())
    }
}

impl PartitionLog {
    /// Appends the one batch that `bytes` must be, if it is sound and its producer's sequence is.
    pub fn append_as_leader(
        &mut self,
        bytes: &Bytes,
        how: LeaderAppend,
    ) -> Result<Appended, AppendError> {
        let batch = sole_batch(bytes)?;
        self.check_size(bytes.len())?;
        batch.check_produced()?;
        // Kafka opens every compressed batch to look at its records, whether it keeps them so or not.
        let plain = open(bytes)?;
        let max_timestamp = self.check_records(&Batch::parse(&plain)?, how)?;
        if let Some(already) = self.check_sequence(&batch, how)? {
            return Ok(already);
        }
        let stamp = match self.config().timestamp_type {
            TimestampType::LogAppendTime => Some(how.now_ms),
            TimestampType::CreateTime => None,
        };
        let placed = assign(
            self.in_codec_of_topic(bytes, &plain)?,
            &Assignment {
                base_offset: self.log_end_offset(),
                partition_leader_epoch: how.leader_epoch,
                log_append_time: stamp,
            },
        )?;
        let header = Batch::parse(&placed)?.header;
        self.store(&header, stamp.unwrap_or(max_timestamp), placed);
        Ok(Appended {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            log_append_time_ms: stamp.unwrap_or(-1),
            duplicate: false,
        })
    }

    /// Appends the marker that ends a transaction here, even if it has no records here.
    #[inline(never)]
    pub fn append_marker(&mut self, append: MarkerAppend) -> Result<Appended, ErrorCode> {
        self.producers().judge_marker(&append.claim)?;
        let marker = Marker {
            outcome: append.outcome,
            coordinator_epoch: append.claim.coordinator_epoch,
        };
        let options = BatchOptions {
            base_offset: self.log_end_offset(),
            partition_leader_epoch: append.leader_epoch,
            producer_id: append.claim.producer_id,
            producer_epoch: append.claim.epoch,
            ..BatchOptions::default()
        };
        let unsound = |_| ErrorCode::UnknownServerError;
        let bytes = marker.build(options, append.now_ms).map_err(unsound)?;
        let header = Batch::parse(&bytes).map_err(unsound)?.header;
        self.store(&header, append.now_ms, bytes);
        Ok(Appended {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            log_append_time_ms: -1,
            duplicate: false,
        })
    }

    /// Appends what the leader sent: its offsets and epochs stand. A last batch that is cut off is
    /// left for the next fetch.
    pub fn append_as_follower(&mut self, bytes: &Bytes) -> Result<(), ErrorCode> {
        for batch in Batches::new(bytes) {
            let batch = batch.map_err(|_| ErrorCode::CorruptMessage)?;
            batch.check().map_err(|_| ErrorCode::CorruptMessage)?;
            let header = batch.header;
            if header.base_offset < self.log_end_offset() || header.last_offset_delta < 0 {
                return Err(ErrorCode::CorruptMessage);
            }
            let own = bytes.slice_ref(batch.bytes);
            self.store(&header, header.max_timestamp, own);
        }
        Ok(())
    }

    /// The batch compressed as the topic wants it; `plain` is the same one opened.
    fn in_codec_of_topic(&self, bytes: &Bytes, plain: &Bytes) -> Result<Bytes, AppendError> {
        let header = Batch::parse(bytes)?.header;
        let Some(wanted) = self.config().compression else {
            return Ok(bytes.clone());
        };
        // Markers are too small to gain anything.
        if header.codec()? == wanted.codec || header.is_control() {
            return Ok(bytes.clone());
        }
        let packed = close(plain, wanted)?;
        self.check_size(packed.len())?;
        Ok(packed)
    }

    fn check_size(&self, size: usize) -> Result<(), AppendError> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let config = self.config();
        if size > config.max_message_bytes {
            let limit = config.max_message_bytes;
            let text = format!("the batch has {size} bytes, max.message.bytes allows {limit}");
            return Err(AppendError::new(ErrorCode::MessageTooLarge, text));
        }
        if size > config.segment_bytes {
            let limit = config.segment_bytes;
            let text = format!("the batch has {size} bytes, a segment holds {limit}");
            return Err(AppendError::new(ErrorCode::RecordListTooLarge, text));
        }
        Ok(())
    }

    /// Looks at each record of an opened batch; gives the largest timestamp.
    fn check_records(&self, batch: &Batch<'_>, how: LeaderAppend) -> Result<i64, AppendError> {
        let header = &batch.header;
        if how.origin != Origin::Coordinator && header.is_control() {
            let text = "only brokers write control records";
            return Err(AppendError::new(ErrorCode::InvalidRecord, text));
        }
        if how.origin != Origin::Coordinator && header.base_offset != 0 {
            let text = "a producer numbers its records from offset 0";
            return Err(AppendError::new(ErrorCode::InvalidRecord, text));
        }
        let survey = batch.survey()?;
        if !survey.in_order {
            let text = "the records' offsets do not follow one another";
            return Err(AppendError::new(ErrorCode::InvalidRecord, text));
        }
        let mut ends = [survey.earliest, survey.latest].into_iter();
        let timely = survey.earliest > survey.latest
            || ends.all(|end| self.check_timestamp(end, how.now_ms).is_ok());
        if timely && !(self.config().compact && survey.keyless) {
            return Ok(survey.latest);
        }
        Err(self.records_at_fault(batch, how))
    }

    /// Names the records that the log does not take.
    fn records_at_fault(&self, batch: &Batch<'_>, how: LeaderAppend) -> AppendError {
        let (mut untimely, mut keyless) = (Vec::new(), Vec::new());
        for (place, record) in (0..).zip(batch.records().into_iter().flatten().flatten()) {
            if let Err(text) = self.check_timestamp(record.timestamp, how.now_ms) {
                untimely.push((place, text));
            }
            if self.config().compact && record.key.is_none() {
                keyless.push((place, String::from("a compacted topic needs keys")));
            }
        }
        let (code, records) = if keyless.is_empty() {
            (ErrorCode::InvalidTimestamp, untimely)
        } else {
            (ErrorCode::InvalidRecord, keyless)
        };
        let text = records.first().map(|(_, text)| text.clone());
        AppendError {
            code,
            message: text.unwrap_or_default(),
            records,
        }
    }

    fn check_timestamp(&self, timestamp: i64, now_ms: i64) -> Result<(), String> {
        let config = self.config();
        if config.timestamp_type == TimestampType::LogAppendTime || timestamp < 0 {
            return Ok(());
        }
        let (earliest, latest) = (
            now_ms.saturating_sub(config.timestamp_before_max_ms),
            now_ms.saturating_add(config.timestamp_after_max_ms),
        );
        if timestamp < earliest || timestamp > latest {
            return Err(format!(
                "timestamp {timestamp} is not between {earliest} and {latest}"
            ));
        }
        Ok(())
    }

    /// `Some` if the batch is in the log already.
    fn check_sequence(
        &self,
        batch: &Batch<'_>,
        how: LeaderAppend,
    ) -> Result<Option<Appended>, AppendError> {
        let header = &batch.header;
        let unsequenced = header.base_sequence < 0;
        if header.producer_id >= 0 && unsequenced && how.origin != Origin::Coordinator {
            let text = "a batch with a producer id needs a sequence number";
            return Err(AppendError::new(ErrorCode::InvalidRecord, text));
        }
        let claim = BatchClaim {
            producer_id: header.producer_id,
            epoch: header.producer_epoch,
            first_sequence: header.base_sequence,
            last_sequence: header.last_sequence(),
            transactional: header.is_transactional(),
            verified: how.origin != Origin::Client,
        };
        let verdict = if unsequenced && claim.transactional {
            self.producers().judge_unsequenced(&claim)
        } else {
            self.producers().judge(&claim)
        };
        let (code, text) = match verdict {
            Verdict::Append => return Ok(None),
            Verdict::Duplicate(batch) => {
                return Ok(Some(Appended {
                    base_offset: batch.first_offset,
                    last_offset: batch.last_offset,
                    log_append_time_ms: batch.timestamp,
                    duplicate: true,
                }));
            }
            Verdict::StaleEpoch => (
                ErrorCode::InvalidProducerEpoch,
                "a newer instance of this producer has taken over",
            ),
            Verdict::OutOfOrder => (
                ErrorCode::OutOfOrderSequenceNumber,
                "records of this producer are missing before this batch",
            ),
            Verdict::NoTransaction => (
                ErrorCode::InvalidTxnState,
                "no transaction of this producer is under way",
            ),
            Verdict::InTransaction => (
                ErrorCode::InvalidTxnState,
                "a transaction of this producer is under way, and the batch is not part of it",
            ),
        };
        Err(AppendError::new(code, text))
    }
}

/// A produce request carries one batch a partition, no more and no less.
fn sole_batch(bytes: &Bytes) -> Result<Batch<'_>, AppendError> {
    if bytes.is_empty() {
        let text = "a produce request carries one batch a partition, and this has none";
        return Err(AppendError::new(ErrorCode::InvalidRecord, text));
    }
    let batch = Batch::parse(bytes)?;
    if batch.bytes.len() != bytes.len() {
        let text = "a produce request carries one batch a partition, and this has more";
        return Err(AppendError::new(ErrorCode::InvalidRecord, text));
    }
    Ok(batch)
}
