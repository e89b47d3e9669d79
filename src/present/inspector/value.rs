//! A record's value as JSON, text or bytes.

use std::rc::Rc;

use bytes::Bytes;
use serde::de::IgnoredAny;

use crate::flow::text::whole;
use crate::words;

/// JSON beyond this is shown as text: laid out it would be many thousand lines.
const JSON_BYTES: usize = 64 * 1024;

/// A value, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueView {
    /// `JSON · 101 B`
    pub meta: String,
    /// The value itself.
    pub body: ValueBody,
    /// Why it is not shown as what it seems to be.
    pub note: Option<String>,
    /// What copying gives.
    pub copy: Rc<str>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueBody {
    /// No value at all.
    Null,
    /// A value of no bytes.
    Empty,
    /// JSON, one line for each of its parts.
    Json(Rc<Vec<JsonLine>>),
    /// Other text.
    Text(Rc<str>),
    /// Anything else.
    Hex(Bytes),
}

/// One line of laid-out JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonLine {
    /// How deep it stands.
    pub depth: usize,
    /// Its tokens.
    pub tokens: Vec<Token>,
}

/// A token of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// As it is written.
    pub text: String,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Brackets, commas, colons.
    Mark,
    /// The name of a field.
    Key,
    /// A string.
    Text,
    /// A number, `true`, `false` or `null`.
    Number,
}

/// A value as it is best shown.
pub fn value(value: Option<&Bytes>) -> ValueView {
    let Some(bytes) = value else {
        return ValueView {
            meta: "null · a tombstone".to_owned(),
            body: ValueBody::Null,
            note: Some(
                "No value. In a compacted topic this removes the key's earlier records.".to_owned(),
            ),
            copy: Rc::from(""),
        };
    };
    let size = words::size(bytes.len() as u64);
    let of = |kind: &str| format!("{kind} · {size}");
    let Ok(text) = std::str::from_utf8(bytes) else {
        return ValueView {
            meta: of("Bytes"),
            body: ValueBody::Hex(bytes.clone()),
            note: Some("Not UTF-8, so it is shown as bytes.".to_owned()),
            copy: Rc::from(words::hex(bytes)),
        };
    };
    let copy: Rc<str> = Rc::from(text);
    if text.is_empty() {
        return ValueView {
            meta: of("Empty"),
            body: ValueBody::Empty,
            note: None,
            copy,
        };
    }
    let (kind, body, note) = match json(text) {
        Json::Yes(lines) => ("JSON", ValueBody::Json(Rc::new(lines)), None),
        Json::No(note) => ("Text", ValueBody::Text(Rc::clone(&copy)), note),
    };
    ValueView {
        meta: of(kind),
        body,
        note,
        copy,
    }
}

enum Json {
    Yes(Vec<JsonLine>),
    /// And why, if it looks as though it should be.
    No(Option<String>),
}

fn json(text: &str) -> Json {
    let trimmed = text.trim();
    if !trimmed.starts_with(['{', '[']) {
        return Json::No(None);
    }
    match serde_json::from_str::<IgnoredAny>(trimmed) {
        Ok(_) if trimmed.len() <= JSON_BYTES => Json::Yes(lay_out(trimmed)),
        Ok(_) => Json::No(Some(format!(
            "JSON of more than {} bytes is shown as it is stored.",
            whole(JSON_BYTES as u64)
        ))),
        Err(error) => Json::No(Some(why_not(trimmed, &error))),
    }
}

/// Why something that begins like JSON is none.
fn why_not(text: &str, error: &serde_json::Error) -> String {
    let inner = text.get(1..).unwrap_or_default().trim_start();
    if inner.starts_with('\'') {
        return "Not JSON: its names and texts stand in single quotes, and JSON takes double quotes only. \
                To Kafka a value is bytes, so it was stored as it was typed."
            .to_owned();
    }
    let at = match (error.line(), error.column()) {
        (1, column) => format!("character {column}"),
        (line, column) => format!("line {line}, character {column}"),
    };
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    format!("Not JSON: {said} at {at}. To Kafka a value is bytes, so it was stored as it was sent.")
}

/// Lays JSON out, its numbers and order as they were written. `text` is valid.
fn lay_out(text: &str) -> Vec<JsonLine> {
    let mut sheet = Sheet::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            c if c.is_ascii_whitespace() || "{}[],:".contains(c) => 1,
            _ => rest
                .find(|c: char| c.is_ascii_whitespace() || ",]}".contains(c))
                .unwrap_or(rest.len()),
        };
        let Some((token, after)) = rest.split_at_checked(length.max(1)) else {
            break;
        };
        rest = after;
        sheet.put(first, token, rest);
    }
    sheet.end_line();
    sheet.lines
}

/// The length of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

#[derive(Default)]
struct Sheet {
    lines: Vec<JsonLine>,
    line: JsonLine,
    depth: usize,
}

impl Sheet {
    fn put(&mut self, first: char, token: &str, rest: &str) {
        let next = rest.trim_start().chars().next();
        match first {
            '{' | '[' => {
                self.push(TokenKind::Mark, token);
                self.depth = self.depth.saturating_add(1);
                if !matches!(next, Some('}' | ']')) {
                    self.end_line();
                }
            }
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                if !self
                    .line
                    .tokens
                    .last()
                    .is_some_and(|last| "{[".contains(&last.text))
                {
                    self.end_line();
                }
                self.push(TokenKind::Mark, token);
            }
            ',' => {
                self.push(TokenKind::Mark, token);
                self.end_line();
            }
            ':' => self.push(TokenKind::Mark, ": "),
            '"' if next == Some(':') => self.push(TokenKind::Key, token),
            '"' => self.push(TokenKind::Text, token),
            c if c.is_ascii_whitespace() => {}
            _ => self.push(TokenKind::Number, token),
        }
    }

    fn push(&mut self, kind: TokenKind, text: &str) {
        if self.line.tokens.is_empty() {
            self.line.depth = self.depth;
        }
        self.line.tokens.push(Token {
            kind,
            text: text.chars().map(shown).collect(),
        });
    }

    fn end_line(&mut self) {
        if !self.line.tokens.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }
}

/// What could turn the direction of writing is shown as `�`; control characters cannot stand in JSON.
fn shown(c: char) -> char {
    if c.is_ascii() { c } else { words::visible(c) }
}

#[cfg(test)]
mod tests {
    use super::{ValueBody, value};
    use bytes::Bytes;

    fn shown(text: &str) -> (String, Vec<String>, Option<String>) {
        let view = value(Some(&Bytes::from(text.to_owned())));
        let lines = match &view.body {
            ValueBody::Json(lines) => lines
                .iter()
                .map(|line| {
                    let tokens: String = line.tokens.iter().map(|t| t.text.as_str()).collect();
                    format!("{}{tokens}", "  ".repeat(line.depth))
                })
                .collect(),
            ValueBody::Text(text) => vec![text.to_string()],
            _ => Vec::new(),
        };
        (view.meta, lines, view.note)
    }

    #[test]
    fn json_is_laid_out_in_its_own_order_with_its_own_numbers() {
        let (meta, lines, note) =
            shown(r#"{"b":1.50,"a":[true, {}, []],"s":"x\"}y","a":{"n":null}}"#);
        assert_eq!((meta.as_str(), note), ("JSON · 56 B", None));
        let wanted = [
            "{",
            "  \"b\": 1.50,",
            "  \"a\": [",
            "    true,",
            "    {},",
            "    []",
            "  ],",
            "  \"s\": \"x\\\"}y\",",
            "  \"a\": {",
            "    \"n\": null",
            "  }",
            "}",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn single_quotes_are_text_and_the_note_says_why() {
        let (meta, lines, note) = shown("{'agent_id': 'nfsturm'}");
        assert!(meta.starts_with("Text · "));
        assert_eq!(lines, ["{'agent_id': 'nfsturm'}"]);
        assert!(note.expect("a note").contains("double quotes"));
        let (_, _, note) = shown("{\"a\": 1,}");
        assert!(note.expect("a note").contains("character 9"));
        assert_eq!(shown("plain").2, None);
    }

    #[test]
    fn values_that_are_no_text() {
        assert_eq!(value(None).body, ValueBody::Null);
        assert_eq!(value(Some(&Bytes::new())).body, ValueBody::Empty);
        let binary = value(Some(&Bytes::from_static(&[0xff, 1])));
        assert_eq!(
            (binary.meta.as_str(), &*binary.copy),
            ("Bytes · 2 B", "ff 01")
        );
        let deep = "[".repeat(100_000);
        assert!(shown(&deep).2.is_some());
        let large = format!("[\"{}\"]", "x".repeat(1_000_000));
        assert!(shown(&large).2.expect("a note").contains("65,536"));
    }
}
