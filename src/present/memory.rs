//! What views remember between frames: which mark a key has, and what is costly to compute again.

use crate::keys::KeySlots;

/// What views remember between frames. One for the whole page, made anew with each scene.
#[derive(Debug, Default)]
pub struct Memory {
    /// The marks of keys, shared by all panels.
    pub keys: KeySlots,
}
