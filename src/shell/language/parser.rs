//! Tokens into jobs.

use super::lexer::{Kind, Token, Trouble, tokens};
use super::operators::Operator;
use super::{Connector, List, Parsed, Part, Pipeline, Redirect, Simple, Unfinished, Word};

/// What `text` asks for.
pub(crate) fn parse(text: &str) -> Parsed {
    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err(Trouble::Unfinished(unfinished)) => return Parsed::Unfinished(unfinished),
        Err(Trouble::Bad(sentence)) => return Parsed::Bad(sentence),
    };
    let mut parser = Parser {
        text,
        tokens: &tokens,
        at: 0,
    };
    match parser.script() {
        Ok(lists) => Parsed::Script(lists),
        Err(Trouble::Unfinished(unfinished)) => Parsed::Unfinished(unfinished),
        Err(Trouble::Bad(sentence)) => Parsed::Bad(sentence),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn operator(&self) -> Option<Operator> {
        match self.peek() {
            Some(Kind::Operator(operator)) => Some(*operator),
            _ => None,
        }
    }

    fn skip(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn script(&mut self) -> Result<Vec<List>, Trouble> {
        let mut lists = Vec::new();
        loop {
            while self.newline() {
                self.skip();
            }
            if self.peek().is_none() {
                return Ok(lists);
            }
            lists.push(self.list()?);
        }
    }

    /// Whether a line break (not a `;`) stands here.
    fn newline(&self) -> bool {
        let here = self.tokens.get(self.at);
        here.is_some_and(|token| {
            token.kind == Kind::Operator(Operator::End)
                && self.text.get(token.start..token.end) == Some("\n")
        })
    }

    fn list(&mut self) -> Result<List, Trouble> {
        let start = self.tokens.get(self.at).map_or(0, |token| token.start);
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        let mut background = false;
        let mut end = self.end_of_previous();
        loop {
            let connector = match self.operator() {
                Some(Operator::And) => Connector::And,
                Some(Operator::Or) => Connector::Or,
                Some(Operator::Background) => {
                    background = true;
                    self.skip();
                    break;
                }
                Some(Operator::End) => {
                    self.skip();
                    break;
                }
                Some(other) => return Err(unexpected(other.text())),
                None => break,
            };
            self.skip();
            self.more()?;
            rest.push((connector, self.pipeline()?));
            end = self.end_of_previous();
        }
        let text = self.text.get(start..end).unwrap_or_default().to_owned();
        Ok(List {
            first,
            rest,
            background,
            text,
        })
    }

    fn end_of_previous(&self) -> usize {
        let previous = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        previous.map_or(0, |token| token.end)
    }

    /// After `|`, `&&` and `||` the command may stand on the next line.
    fn more(&mut self) -> Result<(), Trouble> {
        while self.newline() {
            self.skip();
        }
        match self.peek() {
            None => Err(Trouble::Unfinished(Unfinished::Line)),
            Some(_) => Ok(()),
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline, Trouble> {
        let mut pipeline = Pipeline::default();
        while let Some(Kind::Word(word)) = self.peek()
            && bare(word) == Some("!")
        {
            pipeline.negated = !pipeline.negated;
            self.skip();
        }
        loop {
            let mut command = self.command()?;
            let both = match self.operator() {
                Some(Operator::Pipe) => false,
                Some(Operator::PipeBoth) => true,
                _ => {
                    pipeline.commands.push(command);
                    return Ok(pipeline);
                }
            };
            if both {
                command.redirects.push(Redirect::Copy { fd: 2, of: 1 });
            }
            pipeline.commands.push(command);
            self.skip();
            self.more()?;
        }
    }

    fn command(&mut self) -> Result<Simple, Trouble> {
        let mut command = Simple::default();
        let start = self.at;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Word(word) => {
                    let word = word.clone();
                    self.skip();
                    match assignment(&word).filter(|_| command.words.is_empty()) {
                        Some(assignment) => command.assignments.push(assignment),
                        None => command.words.push(word),
                    }
                }
                Kind::Text(word) => {
                    command.redirects.push(Redirect::Text(word.clone()));
                    self.skip();
                }
                Kind::Operator(operator) => {
                    if !self.redirect(*operator, &mut command)? {
                        break;
                    }
                }
            }
        }
        if self.at == start {
            let text = self.operator().map_or("newline", Operator::text);
            return Err(unexpected(text));
        }
        refuse_keywords(&command)?;
        Ok(command)
    }

    fn redirect(&mut self, operator: Operator, command: &mut Simple) -> Result<bool, Trouble> {
        if let Operator::Copy { fd, of } = operator {
            self.skip();
            command.redirects.push(Redirect::Copy { fd, of });
            return Ok(true);
        }
        let file_wanted = matches!(
            operator,
            Operator::Input | Operator::Output { .. } | Operator::OutputBoth { .. }
        );
        if !file_wanted {
            return Ok(false);
        }
        self.skip();
        let Some(Kind::Word(file)) = self.peek() else {
            let text = self.operator().map_or("newline", Operator::text);
            return Err(unexpected(text));
        };
        let file = file.clone();
        self.skip();
        match operator {
            Operator::Input => command.redirects.push(Redirect::Input(file)),
            Operator::Output { fd, append } => {
                command
                    .redirects
                    .push(Redirect::Output { fd, append, file });
            }
            Operator::OutputBoth { append } => {
                let fd = 1;
                command
                    .redirects
                    .push(Redirect::Output { fd, append, file });
                command.redirects.push(Redirect::Copy { fd: 2, of: 1 });
            }
            _ => {}
        }
        Ok(true)
    }
}

fn unexpected(token: &str) -> Trouble {
    Trouble::Bad(format!("syntax error near unexpected token `{token}'"))
}

/// The text of a word without quotes and variables.
fn bare(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [
            Part::Literal {
                text,
                quoted: false,
            },
        ] => Some(text),
        _ => None,
    }
}

/// `NAME=value` as a name and a word.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let (first, more) = word.parts.split_first()?;
    let Part::Literal {
        text,
        quoted: false,
    } = first
    else {
        return None;
    };
    let (name, value) = text.split_once('=')?;
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let fits = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    fits.then(|| {
        let mut parts = vec![Part::Literal {
            text: value.to_owned(),
            quoted: false,
        }];
        parts.extend(more.iter().cloned());
        (name.to_owned(), Word { parts })
    })
}

/// A sentence for what a full shell can and this one cannot.
fn refuse_keywords(command: &Simple) -> Result<(), Trouble> {
    const KEYWORDS: [&str; 12] = [
        "for", "while", "until", "if", "case", "function", "select", "{", "[[", "do", "then",
        "done",
    ];
    let word = command.words.first().and_then(bare).unwrap_or_default();
    match KEYWORDS.contains(&word) {
        true => Err(Trouble::Bad(format!(
            "`{word}' is not part of this small shell; pipes, ;, && and || are (try `seq 3 | cat`)"
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::language::{Connector, Parsed, Redirect, Unfinished};

    fn lists(text: &str) -> Vec<crate::language::List> {
        match parse(text) {
            Parsed::Script(lists) => lists,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn bad(text: &str) -> String {
        match parse(text) {
            Parsed::Bad(sentence) => sentence,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn lists_pipes_and_background() {
        let lists = lists("a | b && c || d; e & f # rest\n g");
        let texts: Vec<&str> = lists.iter().map(|list| list.text.as_str()).collect();
        assert_eq!(texts, ["a | b && c || d", "e", "f", "g"]);
        assert_eq!(lists[0].first.commands.len(), 2);
        assert_eq!(lists[0].rest[0].0, Connector::And);
        assert_eq!(lists[0].rest[1].0, Connector::Or);
        assert!(lists[1].background && !lists[2].background);
    }

    #[test]
    fn redirects_and_assignments_stand_anywhere() {
        let lists = lists("A=1 B=$A cmd <in x=y >>out 2>&1");
        let command = &lists[0].first.commands[0];
        assert_eq!(command.assignments.len(), 2);
        assert_eq!(command.words.len(), 2);
        assert_eq!(command.redirects[2], Redirect::Copy { fd: 2, of: 1 });
    }

    #[test]
    fn open_quotes_and_pipes_want_more() {
        let unfinished = |text| match parse(text) {
            Parsed::Unfinished(unfinished) => unfinished,
            other => panic!("{other:?}"),
        };
        assert_eq!(unfinished("echo 'a"), Unfinished::Quote('\''));
        assert_eq!(unfinished("echo \"a\nb"), Unfinished::Quote('"'));
        assert_eq!(unfinished("echo a |"), Unfinished::Line);
        assert_eq!(unfinished("echo a &&\n"), Unfinished::Line);
        assert_eq!(unfinished("echo a \\"), Unfinished::Line);
        let document = Unfinished::HereDocument("EOF".to_owned());
        assert_eq!(unfinished("cat <<EOF"), document);
        assert_eq!(unfinished("cat <<EOF\nEOF2\n"), document);
        assert_eq!(lists("cat <<EOF\nx\nEOF\necho a\n").len(), 2);
    }

    #[test]
    fn what_cannot_be_run_is_said_in_a_sentence() {
        assert_eq!(bad("| a"), "syntax error near unexpected token `|'");
        assert_eq!(bad("a >"), "syntax error near unexpected token `newline'");
        assert_eq!(bad("a && ;"), "syntax error near unexpected token `;'");
        assert!(bad("for i in 1; do x; done").contains("small shell"));
        assert!(bad("echo $(date)").contains("substitution"));
        assert!(bad("(a)").contains("subshells"));
    }
}
