//! The wire: our messages and batches against Kafka's own table, Kafka's own bytes, another
//! implementation, and bytes that mean harm.

// The helpers outside test functions are tests all the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod bytes;
mod conformance;
mod differential;
mod hostile;
mod schema;
mod vectors;
