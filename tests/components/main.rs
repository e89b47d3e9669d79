//! Components rendered to strings, natively.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod dialogs;
mod dock;
mod flow;
mod inspector;
mod keyboard;
mod look;
mod notices;
mod phone;
mod render;
mod scene;
mod sitting;
mod timeline;
mod walkthrough;
