//! Components rendered to strings, natively.
#![cfg(not(target_arch = "wasm32"))]

mod flow;
mod render;
mod scene;
