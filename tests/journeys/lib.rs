//! The page in the words of the person who uses it: open, press, fill, type, see.
//!
//! A journey is one file that calls [`journey()`]; `main.rs` lists them. Every journey ends with a
//! picture in `target/screenshots/`, and with a look at the console, where nothing may have gone wrong.

mod browser;
mod journey;
mod page;
mod script;

pub use journey::{Look, Screen, journey};
pub use page::Page;
