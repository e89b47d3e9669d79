//! Components rendered to strings, natively.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod dock;
mod flow;
mod inspector;
mod render;
mod scene;
