//! The dock: its tabs, and what stands open in it.

use session::session::Session;

use crate::memory::Memory;

/// The dock.
#[derive(Debug, Clone, PartialEq)]
pub struct DockView {
    /// Whether more than its tabs show.
    pub open: bool,
}

/// The dock as the sitting has it.
pub fn dock(session: &Session, memory: &mut Memory) -> DockView {
    let _ = memory;
    DockView {
        open: session.layout().dock_open,
    }
}
