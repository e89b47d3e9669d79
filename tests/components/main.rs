//! Components rendered to strings, natively.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod flow;
mod render;
mod scene;
