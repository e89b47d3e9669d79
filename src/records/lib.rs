//! Record batches: the bytes of Kafka's log, CRC-32C, variable-length numbers.
//!
//! - [`Batches`] walks a region of the log; [`BatchHeader`] is what stands before the records;
//!   [`Batch::check`] holds a batch against its checksum.
//! - [`Batch::records`] walks the records without copying them.
//! - [`open`] gives a compressed batch as a plain one, [`close`] the reverse.
//! - [`BatchBuilder`] makes a batch; [`Marker`] is the record that ends a transaction.
//! - [`retain`] leaves records of a batch out, as compaction does.
//! - [`assign`] gives a batch its place in the log.
//!
//! Nothing here allocates by a count or length that the bytes merely claim.

mod assign;
mod batch;
mod builder;
mod codec;
mod crc;
mod cursor;
pub mod decimal;
mod error;
mod header;
mod marker;
mod open;
mod record;
mod retain;
pub mod sorted;
#[cfg(test)]
mod tests;
mod varint;

pub use assign::{Assignment, assign};
pub use batch::{Batch, Batches, Survey};
pub use builder::{BatchBuilder, BatchOptions, Record, RecordHeader};
pub use codec::{Compression, MAX_OPENED};
pub use error::BatchError;
pub use header::{BatchHeader, Codec, HEADER_SIZE, TimestampType};
pub use marker::{Marker, Outcome};
pub use open::{close, open, opened_size};
pub use record::{HeaderView, Headers, RecordView, Records};
pub use retain::{Retained, retain};
