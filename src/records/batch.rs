//! Batches one after another, as in a segment of the log or a fetch response.

use crate::crc;
use crate::error::BatchError;
use crate::header::{BatchHeader, CRC_END, Codec, HEADER_SIZE, LENGTH_END};
use crate::record::Records;

/// One whole batch within borrowed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch<'a> {
    /// What stands before the records.
    pub header: BatchHeader,
    /// All bytes of the batch, the header's too.
    pub bytes: &'a [u8],
}

/// What a walk over all records of a batch finds: what a leader looks at in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// Whether each record's offset follows the one before, beginning with the batch's own.
    pub in_order: bool,
    /// The least timestamp that is set (not negative); `i64::MAX` if none is.
    pub earliest: i64,
    /// The largest timestamp; -1 if none is set.
    pub latest: i64,
    /// Whether a record has no key.
    pub keyless: bool,
}

/// Walks batches that stand one after another.
///
/// A last batch that is cut off is left out, as Kafka's clients do: a broker may cut a response at
/// any byte. After an error the walk is over.
#[derive(Debug, Clone)]
pub struct Batches<'a> {
    rest: &'a [u8],
}

impl<'a> Batch<'a> {
    /// The batch at the start of `bytes`; more may follow it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let bytes = bytes.get(..header.size()).ok_or(BatchError::Truncated)?;
        Ok(Self { header, bytes })
    }

    /// Holds the batch against its checksum; gives an error for an unknown codec too.
    pub fn check(&self) -> Result<(), BatchError> {
        let computed = crc::append(0, self.bytes.get(CRC_END..).unwrap_or_default());
        let stored = self.header.crc;
        if stored != computed {
            return Err(BatchError::CrcMismatch { stored, computed });
        }
        self.header.codec().map(|_| ())
    }

    /// What a broker asks of a batch that a producer sends: sound, not empty, and as many records as
    /// offsets. (A batch that went through compaction has fewer.)
    pub fn check_produced(&self) -> Result<(), BatchError> {
        self.check()?;
        let BatchHeader {
            records_count: records,
            last_offset_delta,
            ..
        } = self.header;
        if records <= 0 || last_offset_delta != records - 1 {
            return Err(BatchError::InvalidCount {
                records,
                last_offset_delta,
            });
        }
        Ok(())
    }

    /// Walks all records once. Errors if one is damaged, or if they are compressed.
    pub fn survey(&self) -> Result<Survey, BatchError> {
        let mut survey = Survey {
            in_order: true,
            earliest: i64::MAX,
            latest: -1,
            keyless: false,
        };
        let mut expected = self.header.base_offset;
        for record in self.records()? {
            let record = record?;
            survey.in_order &= record.offset == expected;
            expected = expected.saturating_add(1);
            survey.latest = survey.latest.max(record.timestamp);
            if record.timestamp >= 0 {
                survey.earliest = survey.earliest.min(record.timestamp);
            }
            survey.keyless |= record.key.is_none();
        }
        Ok(survey)
    }

    /// The records, not copied. Compressed ones are an error that says so.
    pub fn records(&self) -> Result<Records<'a>, BatchError> {
        match self.header.codec()? {
            Codec::None => {
                let records = self.bytes.get(HEADER_SIZE..).unwrap_or_default();
                Ok(Records::new(&self.header, records))
            }
            codec => Err(BatchError::Compressed(codec)),
        }
    }
}

impl<'a> Batches<'a> {
    /// Starts at the first byte, where a batch must begin.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The bytes not walked yet; after the end, a cut-off batch if there is one.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Batch<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        // The length comes first: a batch that is cut off within its header must not look damaged.
        let length = self.rest.get(8..LENGTH_END)?;
        let length = length
            .first_chunk()
            .map_or(0, |bytes| i32::from_be_bytes(*bytes));
        let size = usize::try_from(length).map_or(0, |length| length.saturating_add(LENGTH_END));
        let outcome = if size < HEADER_SIZE {
            Err(BatchError::InvalidLength(length))
        } else {
            Batch::parse(self.rest.get(..size)?)
        };
        match outcome {
            Ok(_) => self.rest = self.rest.get(size..).unwrap_or_default(),
            Err(_) => self.rest = &[],
        }
        Some(outcome)
    }
}
