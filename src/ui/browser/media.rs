//! What the system and the window say of how the page should look.

use gloo::utils::{document_element, window};
use session::layout::Theme;

/// Whether the system asks for less motion.
pub fn wants_less_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the window is as narrow as a phone's, also by zoom.
pub fn is_phone() -> bool {
    matches("(max-width: 640px)")
}

/// Whether the system's theme is dark.
pub fn system_is_dark() -> bool {
    matches("(prefers-color-scheme: dark)")
}

/// Sets the theme of the whole page; the system's where none is chosen.
pub fn set_theme(theme: Theme) {
    let name = match theme {
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
        Theme::System => None,
    };
    let root = document_element();
    let _ = match name {
        Some(name) => root.set_attribute("data-theme", name),
        None => root.remove_attribute("data-theme"),
    };
}

fn matches(query: &str) -> bool {
    window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}
