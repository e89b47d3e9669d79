//! From compressed batches to plain ones and back.

use bytes::Bytes;

use crate::batch::Batch;
use crate::codec::{self, Compression, MAX_OPENED};
use crate::crc;
use crate::error::BatchError;
use crate::header::{BatchHeader, CODEC_BITS, CRC_END, Codec, HEADER_SIZE, LENGTH_END};

/// The first batch of `bytes` with its records plain, so that they can be walked.
///
/// One that is plain already is shared, not copied. Errors if the records are damaged, or open to
/// more than [`MAX_OPENED`] bytes.
pub fn open(bytes: &Bytes) -> Result<Bytes, BatchError> {
    let batch = Batch::parse(bytes)?;
    let codec = batch.header.codec()?;
    if codec == Codec::None {
        return Ok(bytes.slice(..batch.bytes.len()));
    }
    let room = vec![0; HEADER_SIZE];
    let limit = MAX_OPENED.saturating_add(HEADER_SIZE);
    let plain = codec::decompress(codec, content(batch.bytes), room, limit)?;
    Ok(finish(with_codec(batch.header, Codec::None), plain))
}

/// The first batch of `bytes` compressed as asked, whatever it was before. Its records stay as they
/// are, byte for byte.
pub fn close(bytes: &Bytes, how: Compression) -> Result<Bytes, BatchError> {
    let plain = open(bytes)?;
    if how.codec == Codec::None {
        return Ok(plain);
    }
    let header = Batch::parse(&plain)?.header;
    Ok(finish(
        with_codec(header, how.codec),
        compressed(&plain, how),
    ))
}

/// Bytes that the records of a batch take when they are plain.
pub fn opened_size(bytes: &Bytes) -> Result<usize, BatchError> {
    Ok(open(bytes)?.len().saturating_sub(HEADER_SIZE))
}

/// Room for a header, then the compressed records of a plain batch.
pub(crate) fn compressed(batch: &[u8], how: Compression) -> Vec<u8> {
    let mut out = vec![0; HEADER_SIZE];
    codec::compress(how, content(batch), &mut out);
    out
}

/// Writes the header before records, with the length and the checksum that come of them.
pub(crate) fn finish(mut header: BatchHeader, mut bytes: Vec<u8>) -> Bytes {
    header.batch_length = bytes.len().saturating_sub(LENGTH_END) as i32;
    let mut head = [0; HEADER_SIZE];
    header.write(&mut head);
    let covered = crc::append(0, head.get(CRC_END..).unwrap_or_default());
    header.crc = crc::append(covered, content(&bytes));
    header.write(&mut head);
    if let Some(start) = bytes.first_chunk_mut() {
        *start = head;
    }
    Bytes::from(bytes)
}

fn content(batch: &[u8]) -> &[u8] {
    batch.get(HEADER_SIZE..).unwrap_or_default()
}

fn with_codec(header: BatchHeader, codec: Codec) -> BatchHeader {
    BatchHeader {
        attributes: header.attributes & !CODEC_BITS | codec as i16,
        ..header
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{close, open, opened_size};
    use crate::{
        Batch, BatchBuilder, BatchError, BatchOptions, Codec, Compression, HEADER_SIZE, Record,
        RecordHeader,
    };

    fn batch(codec: Codec) -> Bytes {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: 7,
            producer_id: 5,
            producer_epoch: 1,
            base_sequence: 2,
            compression: Compression::new(codec),
            ..BatchOptions::default()
        });
        for number in 0..50 {
            let header = RecordHeader {
                key: "h",
                value: None,
            };
            let record = Record {
                timestamp: 1_700_000_000_000 + number,
                key: Some(b"clan"),
                value: Some(b"bagpipe bagpipe bagpipe"),
                headers: &[header],
            };
            builder.append(&record).unwrap();
        }
        builder.build()
    }

    #[test]
    fn a_batch_goes_from_every_codec_to_every_other() {
        let plain = batch(Codec::None);
        for from in Codec::ALL {
            let packed = batch(from);
            let view = Batch::parse(&packed).unwrap();
            view.check_produced().unwrap();
            assert_eq!(view.header.codec(), Ok(from));
            assert_eq!(open(&packed), Ok(plain.clone()), "{}", from.name());
            assert_eq!(opened_size(&packed), Ok(plain.len() - HEADER_SIZE));
            if from != Codec::None {
                assert!(packed.len() * 3 < plain.len());
                assert_eq!(view.records().err(), Some(BatchError::Compressed(from)));
            }
            for to in Codec::ALL {
                assert_eq!(close(&packed, Compression::new(to)), Ok(batch(to)));
            }
        }
    }

    #[test]
    fn only_the_first_batch_is_opened_and_a_plain_one_is_shared() {
        for codec in Codec::ALL {
            let packed = batch(codec);
            let two = Bytes::from([&packed[..], &packed[..]].concat());
            let opened = open(&two).unwrap();
            assert_eq!(opened, batch(Codec::None));
            assert_eq!(opened.as_ptr() == two.as_ptr(), codec == Codec::None);
        }
    }

    #[test]
    fn records_that_are_not_what_the_header_says_are_an_error() {
        for codec in Codec::ALL.into_iter().skip(1) {
            let mut wrong = batch(Codec::None).to_vec();
            wrong[22] = codec as u8;
            let opened = open(&Bytes::from(wrong));
            assert_eq!(opened, Err(BatchError::Damaged(codec)));
        }
    }
}
