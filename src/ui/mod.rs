//! The page: the only layer that knows Yew, the browser and its clock.

pub mod browser;
pub mod command;
pub mod copy;
pub mod dialogs;
pub mod divider;
pub mod dock;
pub mod effects;
pub mod flow;
pub mod flow_intents;
pub mod glyph;
pub mod icons;
pub mod inspector;
pub mod keyboard;
pub mod link;
pub mod notices;
pub mod page;
pub mod phone;
pub mod prose;
pub mod root;
pub mod tabs;
pub mod timeline;
pub mod top;
mod trouble;
pub mod views;
pub mod walkthrough;

use crate::ui::root::Root;

/// Puts the page into the document, in place of the empty layout that stands there first.
pub fn mount() {
    trouble::say_when_the_page_stops();
    match gloo::utils::document().get_element_by_id("app") {
        Some(host) => yew::Renderer::<Root>::with_root(host).render(),
        None => yew::Renderer::<Root>::new().render(),
    };
}
