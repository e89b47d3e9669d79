//! What a walkthrough is.

use crate::goal::Goal;

/// A walkthrough.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Its title.
    pub title: &'static str,
    /// Its steps in order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What to do, in a few words.
    pub title: &'static str,
    /// Why, and what to look at: paragraphs of plain text; `code` stands in backticks.
    pub text: &'static str,
    /// What to type, in order.
    pub commands: Vec<Command>,
    /// What must have happened for the step to be done; all of it.
    pub goals: Vec<Goal>,
}

/// Something to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The line as it is typed.
    pub line: &'static str,
    /// Where it is typed.
    pub at: At,
}

/// Where something is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At a prompt.
    Prompt,
    /// At a second terminal's prompt, while the first is busy.
    SecondTerminal,
    /// Into this running program.
    Program(&'static str),
}
