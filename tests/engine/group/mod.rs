//! The coordinator of classic groups: stories as tables, and random sittings.

mod apis;
mod consumer;
mod random;
mod stories;
mod table;
