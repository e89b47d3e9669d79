//! Journeys through the built page, one file each. `cargo xtask test --only journeys [FILTER]` runs them.

mod console;
mod measure;
mod opens;
mod readme;
mod trouble;
