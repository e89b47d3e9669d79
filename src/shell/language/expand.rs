//! Words into arguments: variables are filled in, unquoted ones split at blanks.

use records::sorted::SortedMap;

use super::{Part, Word};

/// What words are filled in from.
pub(crate) struct Environment<'a> {
    pub(crate) variables: &'a SortedMap<String, String>,
    pub(crate) status: i32,
    pub(crate) home: &'a str,
}

impl Environment<'_> {
    fn value(&self, name: &str) -> String {
        match name {
            "?" => self.status.to_string(),
            "HOME" => self.home.to_owned(),
            _ => self.variables.get(name).cloned().unwrap_or_default(),
        }
    }

    /// The arguments that `words` stand for.
    pub(crate) fn arguments(&self, words: &[Word]) -> Vec<String> {
        let mut arguments = Vec::new();
        for word in words {
            self.split(word, &mut arguments);
        }
        arguments
    }

    /// The text that `word` stands for, never split: a file's name, an assignment's value.
    pub(crate) fn text(&self, word: &Word) -> String {
        let mut text = String::new();
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal { text: more, quoted } => {
                    text.push_str(&self.tilde(more, index == 0 && !quoted));
                }
                Part::Variable { name, .. } => text.push_str(&self.value(name)),
            }
        }
        text
    }

    fn split(&self, word: &Word, arguments: &mut Vec<String>) {
        let mut current: Option<String> = None;
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal { text, quoted } => {
                    let text = self.tilde(text, index == 0 && !quoted);
                    current.get_or_insert_default().push_str(&text);
                }
                Part::Variable { name, quoted: true } => {
                    current.get_or_insert_default().push_str(&self.value(name));
                }
                Part::Variable {
                    name,
                    quoted: false,
                } => {
                    let value = self.value(name);
                    if value.starts_with(char::is_whitespace) {
                        arguments.extend(current.take());
                    }
                    let mut pieces = value.split_whitespace().peekable();
                    while let Some(piece) = pieces.next() {
                        current.get_or_insert_default().push_str(piece);
                        if pieces.peek().is_some() {
                            arguments.extend(current.take());
                        }
                    }
                    if value.ends_with(char::is_whitespace) {
                        arguments.extend(current.take());
                    }
                }
            }
        }
        arguments.extend(current);
    }

    fn tilde(&self, text: &str, first: bool) -> String {
        match text.strip_prefix('~') {
            Some(rest) if first && (rest.is_empty() || rest.starts_with('/')) => {
                format!("{}{rest}", self.home)
            }
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use records::sorted::SortedMap;

    use super::Environment;
    use crate::language::{Parsed, parser::parse};

    fn arguments(text: &str) -> Vec<String> {
        let variables = SortedMap::from([
            ("A".to_owned(), "one two".to_owned()),
            ("E".to_owned(), String::new()),
        ]);
        let environment = Environment {
            variables: &variables,
            status: 3,
            home: "/home/you",
        };
        match parse(text) {
            Parsed::Script(lists) => environment.arguments(&lists[0].first.commands[0].words),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn quotes_and_variables() {
        assert_eq!(
            arguments("a 'b c' \"d $A\" e\\ f"),
            ["a", "b c", "d one two", "e f"]
        );
        assert_eq!(
            arguments("$A x$A'y' $E \"$E\" ''"),
            ["one", "two", "xone", "twoy", "", ""]
        );
        assert_eq!(
            arguments("$? ~/x '~' a~ $ ${A}s"),
            ["3", "/home/you/x", "~", "a~", "$", "one", "twos"]
        );
        assert_eq!(arguments("\"a\\\"b\\n\\$A\""), ["a\"b\\n$A"]);
        assert_eq!(arguments("a\\\nb"), ["ab"]);
        assert_eq!(arguments("a#b #c"), ["a#b"]);
        assert_eq!(arguments("x2>f y"), ["x2", "y"]);
    }
}
