//! What may come next in a half-typed line: commands, options, topics, groups, files.

use std::ops::Range;

use serde::Serialize;

/// What may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The part of the line that a candidate replaces, in bytes.
    pub replace: Range<usize>,
    /// What may stand there, best first; empty if nothing is known.
    pub candidates: Vec<Candidate>,
}

/// One thing that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// What to put there, quoted if need be, with a blank behind it where a word ends.
    pub text: String,
    /// What it is, in a few words.
    pub summary: String,
}
