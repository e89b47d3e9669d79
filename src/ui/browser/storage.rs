//! What the page remembers from visit to visit: its look, and nothing of what was sent.

use gloo::storage::{LocalStorage, Storage};
use session::layout::{Layout, Theme};

const LOOK: &str = "kafka-playground.look";
/// Read by `boot.js` before the first paint.
const THEME: &str = "kafka-playground.theme";

/// The look as it was left, if the browser keeps one that can be read.
pub fn remembered_look() -> Option<Layout> {
    LocalStorage::get(LOOK).ok()
}

/// Remembers the look. A browser that forbids storage forgets it; nothing else is lost.
pub fn remember_look(layout: &Layout) {
    let theme = match layout.theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let _ = LocalStorage::set(LOOK, layout);
    let _ = LocalStorage::set(THEME, theme);
}
