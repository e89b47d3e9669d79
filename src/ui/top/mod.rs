//! The bar on top.
//!
//! - [`bar`]: the bar itself
//! - [`menu`]: a menu that opens below its button
//! - [`transport`]: play, pause, step, speed, clock

pub mod bar;
pub mod menu;
pub mod transport;
