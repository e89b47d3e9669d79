//! What only a phone's screen has.
//!
//! - [`tabs`]: one panel at a time
//! - [`transport`]: play, step, a small timeline, speed
//! - [`sheet`]: the handle of the dock, which is a sheet there

pub mod sheet;
pub mod tabs;
pub mod transport;
