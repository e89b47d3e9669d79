//! The engine, tested from outside.

mod group;
