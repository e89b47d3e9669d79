//! The topics a consumer wants to know of: named, or found by a pattern.

use regex_lite::Regex;

use protocol::ErrorCode;

use super::Subscription;
use super::machine::Consumer;
use crate::event::ClientError;
use crate::net::metadata::Wanted;

impl Consumer {
    /// Tells metadata which topics matter.
    pub(super) fn want_topics(&mut self) {
        let wanted = match &self.subscription {
            Some(Subscription::Pattern(_)) => Wanted::All,
            _ => {
                let others = self.group.topics_of_others().into_iter().flatten();
                Wanted::Topics(self.topics.iter().chain(others).cloned().collect())
            }
        };
        self.core.metadata.want(wanted);
    }

    /// Finds the topics whose names match the pattern, if there is one.
    pub(super) fn match_pattern(&mut self) {
        let Some(Subscription::Pattern(pattern)) = &self.subscription else {
            return;
        };
        let Some(regex) = whole_name(pattern) else {
            return;
        };
        let topics = self.core.metadata.topics.iter();
        let matching = topics.filter(|(name, info)| !info.internal && regex.is_match(name));
        self.topics = matching.map(|(name, _)| name.clone()).collect();
    }

    /// A topic whose name no topic may have will not come: the application has to know.
    pub(super) fn refuse_invalid_topics(&mut self) {
        let invalid = self.core.metadata.invalid_topics().join(", ");
        if !invalid.is_empty() {
            let text = format!("Invalid topics: [{invalid}]");
            let code = ErrorCode::InvalidTopicException.code();
            self.fail(ClientError::of(code, Some(&text)));
        }
    }
}

/// The pattern as one that has to match a whole name; `None` if it is none.
pub(super) fn whole_name(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("^(?:{pattern})$")).ok()
}
