//! The coordinator of groups of both protocols: stories, as tables and step by step, and random sittings.

mod apis;
mod assignors;
mod consumer;
mod consumer_apis;
mod consumer_random;
mod random;
mod stories;
mod table;
