//! What is asked before something is gone for good.

use session::action::Action;
use session::command::command_for;
use session::msg::Msg;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What would be done.
    pub title: String,
    /// What would be gone.
    pub text: String,
    /// The button's words.
    pub verb: &'static str,
    /// What the button does.
    pub msg: Msg,
}

impl Question {
    /// A question before an action.
    pub fn before(title: String, text: String, verb: &'static str, action: Action) -> Question {
        Question {
            title,
            text,
            verb,
            msg: Msg::Acted(action),
        }
    }

    /// The command that would do the same.
    pub fn command(&self) -> Option<String> {
        match &self.msg {
            Msg::Acted(action) => command_for(action),
            _ => None,
        }
    }
}
