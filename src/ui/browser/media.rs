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

/// Whether the inspector lies over the diagram for want of width.
pub fn inspector_overlays() -> bool {
    matches("(max-width: 1359px)")
}

/// Whether the walkthrough lies over the diagram too.
pub fn walkthrough_overlays() -> bool {
    matches("(max-width: 1099px)")
}

/// Whether the system's theme is dark.
pub fn system_is_dark() -> bool {
    matches("(prefers-color-scheme: dark)")
}

/// Sets the theme of the whole page; the system's where none is chosen.
pub fn set_theme(theme: Theme) {
    let dark = match theme {
        Theme::Light => false,
        Theme::Dark => true,
        Theme::System => system_is_dark(),
    };
    let name = if dark { "dark" } else { "light" };
    let _ = document_element().set_attribute("data-theme", name);
}

fn matches(query: &str) -> bool {
    window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}
