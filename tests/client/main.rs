//! The clients: against recordings of the Java client, and in stories with a small cluster.

// The helpers outside test functions are tests all the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod admin_stories;
mod broker;
mod cluster;
mod consumer_stories;
mod hostile;
mod producer_stories;
mod real;
mod vectors;
