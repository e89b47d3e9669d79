//! Journeys through the built page, one file each. `cargo xtask test --only journeys [FILTER]` runs them.

mod bad_input;
mod console;
mod group;
mod keyboard;
mod lecture;
mod looks;
mod measure;
mod memory;
mod opening;
mod opens;
mod phone;
mod readme;
mod replay;
mod scenes;
mod send;
mod steps;
mod time;
mod trouble;
