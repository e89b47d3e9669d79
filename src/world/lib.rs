//! One simulated world: brokers, clients, the network between them, the clock, the seeded generator.
//!
//! - [`input`]: everything that can be done to it, as data
//! - [`event`]: everything that happens in it, as data
//! - [`world`]: carries frames and time to the machines
//! - [`network`]: connections and frames under way
//! - [`cluster`]: brokers and their controller
//! - [`facts`]: what can be read of it across machines
//! - [`client`]: clients, and the applications ([`app`]) that drive some of them

pub mod app;
pub mod client;
pub mod cluster;
pub mod event;
pub mod facts;
pub mod input;
pub mod network;
mod wire;
pub mod world;
