//! The inspector: what is selected, in detail.

use session::session::Session;

use crate::memory::Memory;

/// The inspector.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectorView {
    /// Whether it shows.
    pub open: bool,
}

/// The inspector as the sitting has it.
pub fn inspector(session: &Session, memory: &mut Memory) -> InspectorView {
    let _ = memory;
    InspectorView {
        open: session.layout().right_open,
    }
}
