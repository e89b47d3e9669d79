//! The flow diagram: producers → topics and partitions → groups and their members, laid out.
//!
//! - [`shape`]: the outlines of key glyphs

pub mod shape;
