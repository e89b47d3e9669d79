//! Producer, consumer and admin client, with the Java client's behaviour, names and defaults.
//!
//! Each is an [`engine::net::Machine`]: whoever holds it carries its frames and its wake-ups. An
//! application calls its verbs (`send`, `poll`, `seek`, …) between those calls and takes what
//! happened with `take_events`.

pub mod admin;
pub mod assignor;
pub mod consumer;
pub mod event;
pub mod murmur2;
mod net;
pub mod producer;
