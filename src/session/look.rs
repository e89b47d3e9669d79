//! Changes of what of the page is open and how the diagram is looked at.

use crate::dock::DockSettings;
use crate::layout::{FlowSettings, Layout, Sheet};
use crate::msg::Look;

/// The zoom's bounds in per cent.
pub const ZOOM_MIN: u16 = 25;
/// The zoom's bounds in per cent.
pub const ZOOM_MAX: u16 = 300;

/// What a look can change.
pub(crate) struct Looks<'a> {
    pub(crate) layout: &'a mut Layout,
    pub(crate) flow: &'a mut FlowSettings,
    pub(crate) dock: &'a mut DockSettings,
}

/// Applies one change.
pub(crate) fn apply(looks: Looks<'_>, look: Look) {
    let Looks { layout, flow, dock } = looks;
    match look {
        Look::LeftToggled => layout.left_open = !layout.left_open,
        Look::RightToggled => layout.right_open = !layout.right_open,
        Look::DockToggled => layout.dock_open = !layout.dock_open,
        Look::DockTab(tab) => {
            layout.dock = tab;
            layout.dock_open = true;
        }
        Look::Split(terminal) => layout.split = terminal,
        Look::ProjectorToggled => layout.projector = !layout.projector,
        Look::Theme(theme) => layout.theme = theme,
        Look::PhonePanel(panel) => layout.phone_panel = panel,
        Look::Sheet(sheet) => {
            layout.dock_open = sheet != Sheet::Peek;
            layout.sheet = sheet;
        }
        Look::Resized(edge, size) => layout.sizes.set(edge, size),
        Look::Window(window) => layout.window = window,
        Look::InspectorTab(tab) => {
            layout.inspector = tab;
            layout.right_open = true;
        }
        Look::ShortcutsToggled => layout.shortcuts = !layout.shortcuts,
        Look::Arranged(arrange) => flow.arrange = arrange,
        Look::Filtered(filter) => flow.filter = filter,
        Look::Zoomed(zoom) => flow.zoom = zoom.clamp(ZOOM_MIN, ZOOM_MAX),
        Look::LaneScrolled(partition, Some(offset)) => {
            flow.scrolled.insert(partition, offset);
        }
        Look::LaneScrolled(partition, None) => {
            flow.scrolled.remove(&partition);
        }
        Look::TopicToggled(topic) => {
            if !flow.toggled_topics.remove(&topic) {
                flow.toggled_topics.insert(topic);
            }
        }
        Look::InternalToggled => flow.show_internal = !flow.show_internal,
        Look::Dock(look) => dock.apply(look),
    }
}
