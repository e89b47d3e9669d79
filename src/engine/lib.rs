//! The cluster: brokers and their controller as sans-IO state machines.
//!
//! A broker or controller is a [`net::Machine`]: protocol frames and the time go in, frames and
//! "wake me at T because R" come out. No machine reads another's state; they exchange frames.
//!
//! - [`time`]: simulated time and reasoned wake-ups
//! - [`net`]: connections, frames, and the face every machine shows
//! - [`ids`]: topic-partitions, broker ids, offsets
//! - [`rng`]: the seeded generator
//! - [`broker`]: one broker
//! - [`group`]: the coordinator of groups and their offsets
//! - [`invariants`]: what must hold of a cluster at every moment
//! - [`txn`]: the coordinator of transactions
//! - [`log`]: the log of one partition
//! - [`replica`]: the replicas of one broker: leaders, followers, in-sync replicas
//! - [`image`]: the cluster's metadata, replayed from the metadata log
//! - [`controller`]: the machine that alone changes the metadata
//! - [`config`]: tables of configurations
//! - [`api`]: how brokers answer, one file an API

pub mod api;
pub mod broker;
pub mod config;
pub mod controller;
pub mod group;
pub mod ids;
pub mod image;
pub mod invariants;
pub mod log;
pub mod net;
pub mod replica;
pub mod rng;
pub mod time;
pub mod txn;
