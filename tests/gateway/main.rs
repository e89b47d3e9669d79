//! The server as its users have it: the program itself, spoken to over real sockets.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test that fails panics

mod data;
mod host;
mod hostile;
mod killed;
mod options;
mod peer;
mod recording;
mod restart;
mod server;
mod serving;
