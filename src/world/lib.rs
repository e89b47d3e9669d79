//! One simulated world: brokers, clients, the network between them, the clock, the seeded generator.
//!
//! - [`input`]: everything that can be done to it, as data
//! - [`event`]: everything that happens in it, as data

pub mod event;
pub mod input;
