//! The rules that no compiler holds, as tests: layers, bans, design tokens, sizes.
#![cfg(not(target_arch = "wasm32"))]
