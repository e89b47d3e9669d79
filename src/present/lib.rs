//! View models: plain structs, already laid out, computed by pure functions.
//!
//! - [`keys`]: which colour and shape a record key has
//! - [`memory`]: what views remember between frames
//! - [`flow`]: the flow diagram
//! - [`dock`], [`inspector`]: the panels below and at the right

pub mod dock;
pub mod flow;
pub mod inspector;
pub mod keys;
pub mod memory;
pub mod top;
