//! The shell's language: words, quotes, variables, pipes, redirection, lists.

pub(crate) mod expand;
pub(crate) mod lexer;
pub(crate) mod operators;
pub(crate) mod parser;

use serde::Serialize;

/// One piece of a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Part {
    /// Text as it stands.
    Literal { text: String, quoted: bool },
    /// `$NAME`, `${NAME}`, `$?`.
    Variable { name: String, quoted: bool },
}

/// A word before its variables are filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Word {
    pub(crate) parts: Vec<Part>,
}

/// Where one of a command's streams goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Redirect {
    /// `< FILE`
    Input(Word),
    /// `<<END` or `<<< WORD`: the text itself.
    Text(Word),
    /// `> FILE`, `2>> FILE`
    Output { fd: u8, append: bool, file: Word },
    /// `2>&1`
    Copy { fd: u8, of: u8 },
}

/// A command with its words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Simple {
    pub(crate) assignments: Vec<(String, Word)>,
    pub(crate) words: Vec<Word>,
    pub(crate) redirects: Vec<Redirect>,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Pipeline {
    pub(crate) negated: bool,
    pub(crate) commands: Vec<Simple>,
}

/// Whether a pipeline runs after the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Connector {
    /// `&&`: if it succeeded.
    And,
    /// `||`: if it failed.
    Or,
}

/// Pipelines joined by `&&` and `||`: one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct List {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Connector, Pipeline)>,
    pub(crate) background: bool,
    /// As it was typed.
    pub(crate) text: String,
}

/// Why a line cannot be run yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Unfinished {
    /// This quote is open: more lines, up to one that holds it.
    Quote(char),
    /// A here-document: more lines, up to one that is this word.
    HereDocument(String),
    /// It ends in `\`, `|`, `&&` or `||`: one more line.
    Line,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// It can be run.
    Script(Vec<List>),
    /// More lines are wanted.
    Unfinished(Unfinished),
    /// It cannot be run; one sentence says why.
    Bad(String),
}
