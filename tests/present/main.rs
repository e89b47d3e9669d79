//! The diagram's arithmetic: places, labels, numbers.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod flow;
mod properties;
#[path = "../components/scene.rs"]
mod scene;
mod sitting;
mod stored;
