//! The clients against what the real Java client does.

mod vectors;
