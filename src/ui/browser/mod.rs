//! What only a browser can do, each behind a small function.

pub mod clock;
pub mod files;
pub mod media;
pub mod storage;
