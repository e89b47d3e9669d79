//! The engine, tested from outside.

// The helpers outside test functions are tests all the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod cluster;
mod controller;
mod group;
mod versions;
