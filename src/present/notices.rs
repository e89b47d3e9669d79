//! What the page has to say about what was done.

use session::notice::Notice;
use session::session::Session;

/// So many notices are shown at once; older ones wait.
const SHOWN: usize = 4;

/// The notices in view.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NoticesView {
    /// What went well, newest last.
    pub calm: Vec<Notice>,
    /// What failed, newest last.
    pub errors: Vec<Notice>,
}

/// The notices of a sitting that are to be seen now.
pub fn notices(session: &Session) -> NoticesView {
    let open = session.notices().open();
    let newest = open.len().saturating_sub(SHOWN);
    let (errors, calm) = open
        .skip(newest)
        .cloned()
        .partition(|notice: &Notice| notice.is_error);
    NoticesView { calm, errors }
}
