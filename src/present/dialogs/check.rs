//! What a form adds up to: an action, or what is wrong with which field.

use session::action::Action;
use session::command::command_for;

/// A field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The name of what is made: a topic, a client.
    Name,
    /// A topic, or several.
    Topic,
    /// A partition.
    Partition,
    /// How many partitions.
    Partitions,
    /// How many replicas.
    Replicas,
    /// `name=value` lines.
    Configs,
    /// Keys.
    Keys,
    /// Values.
    Values,
    /// Headers.
    Headers,
    /// How many records.
    Count,
    /// How many a second.
    Rate,
    /// A consumer group.
    Group,
    /// An offset or a time.
    Where,
}

/// A checked form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    action: Option<Action>,
    problems: Vec<(Field, String)>,
}

impl Checked {
    /// What the form does, if nothing is wrong with it.
    pub fn action(&self) -> Option<&Action> {
        self.action.as_ref().filter(|_| self.problems.is_empty())
    }

    /// The command that does the same, if there is one.
    pub fn command(&self) -> Option<String> {
        command_for(self.action()?)
    }

    /// What is wrong with a field.
    pub fn problem(&self, field: Field) -> Option<&str> {
        let mut problems = self.problems.iter();
        problems
            .find(|(at, _)| *at == field)
            .map(|(_, text)| text.as_str())
    }
}

/// Collects what is wrong while a form is read.
#[derive(Debug, Default)]
pub struct Reader {
    problems: Vec<(Field, String)>,
}

impl Reader {
    /// A field's value, or what is wrong with it.
    pub fn take<T>(&mut self, field: Field, read: Result<T, String>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push((field, problem));
                None
            }
        }
    }

    /// The form as a whole.
    pub fn finish(self, action: Option<Action>) -> Checked {
        Checked {
            action,
            problems: self.problems,
        }
    }
}
