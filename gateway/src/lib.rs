//! The gateway: the engine's cluster behind sockets, so that any Kafka client can talk to it.
//!
//! Clock, sockets, files and chance live here and nowhere below. One thread owns the cluster and
//! works in turns: it takes what has arrived, lets the machines handle it, keeps what must be kept,
//! and only then hands out the answers.
//!
//! - [`options`], [`settings`]: what a user may ask for
//! - [`serve`]: starts and stops it all
//! - [`cluster`]: the machines and the frames between them; the same inputs give the same outputs
//! - [`turns`]: the loop around it, with the [`clock`]
//! - [`listener`], [`connection`], [`incoming`], [`ledger`]: sockets, and what peers may hold
//! - [`storage`], [`data`], [`kept`]: what outlives the process
//! - [`recording`], [`replay`]: every input with its time, and the same run again
//! - [`setup`]: topics that are there from the start
//! - [`control`]: orders on standard input
//! - [`log`]: lines for people

pub mod clock;
pub mod cluster;
pub mod connection;
pub mod control;
pub mod data;
pub mod incoming;
pub mod kept;
pub mod ledger;
pub mod listener;
pub mod log;
pub mod options;
pub mod recording;
pub mod replay;
pub mod serve;
pub mod settings;
pub mod setup;
pub mod storage;
pub mod turns;
