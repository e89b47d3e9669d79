//! View models: plain structs, already laid out, computed by pure functions.
//!
//! - [`keys`]: which colour and shape a record key has
//! - [`flow`]: the flow diagram

pub mod flow;
pub mod keys;
