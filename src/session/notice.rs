//! What the page has to say: how an action went, in Kafka's own words where it failed.

use std::collections::VecDeque;

use serde::Serialize;

/// Older notices than this many are forgotten.
const LIMIT: usize = 20;

/// Notices that were not closed yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Notices {
    open: VecDeque<Notice>,
    next: u64,
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Counts up.
    pub id: u64,
    /// Whether something failed.
    pub is_error: bool,
    /// One sentence.
    pub text: String,
    /// Kafka's exception, verbatim, if it said one.
    pub exception: Option<String>,
}

impl Notices {
    /// Those that were not closed yet, oldest first.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Notice> + ExactSizeIterator {
        self.open.iter()
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.push(false, text.into(), None);
    }

    pub(crate) fn fail(&mut self, text: impl Into<String>, exception: Option<String>) {
        self.push(true, text.into(), exception);
    }

    pub(crate) fn close(&mut self, id: u64) {
        self.open.retain(|notice| notice.id != id);
    }

    fn push(&mut self, is_error: bool, text: String, exception: Option<String>) {
        self.open.push_back(Notice {
            id: self.next,
            is_error,
            text,
            exception,
        });
        self.next += 1;
        if self.open.len() > LIMIT {
            self.open.pop_front();
        }
    }
}
