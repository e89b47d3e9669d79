//! Text into words and operators.

use super::operators::{Operator, WRITTEN};
use super::{Part, Unfinished, Word};

/// A word or an operator, and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Word(Word),
    Operator(Operator),
    /// The text of a here-document or here-string.
    Text(Word),
}

/// Why text has no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    Unfinished(Unfinished),
    Bad(String),
}

/// The tokens of `text`.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Trouble> {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        documents: Vec::new(),
    };
    lexer.run()?;
    Ok(lexer.tokens)
}

/// A here-document whose text stands on the lines below.
struct Document {
    token: usize,
    end: String,
    literal: bool,
    strip_tabs: bool,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    documents: Vec<Document>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at = self.at.saturating_add(c.len_utf8());
        Some(c)
    }

    fn take(&mut self, word: &str) -> bool {
        let taken = self.rest().starts_with(word);
        if taken {
            self.at = self.at.saturating_add(word.len());
        }
        taken
    }

    fn run(&mut self) -> Result<(), Trouble> {
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '\n' => {
                    self.next();
                    self.push(start, Kind::Operator(Operator::End));
                    self.documents()?;
                }
                c if c.is_whitespace() => {
                    self.next();
                }
                '#' => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.next();
                    }
                }
                '(' | ')' => {
                    return Err(Trouble::Bad(format!(
                        "syntax error near unexpected token `{c}' (subshells are not part of this small shell)"
                    )));
                }
                _ => self.operator_or_word(start)?,
            }
        }
        match self.documents.first() {
            Some(document) => Err(Trouble::Unfinished(Unfinished::HereDocument(
                document.end.clone(),
            ))),
            None => Ok(()),
        }
    }

    fn push(&mut self, start: usize, kind: Kind) {
        let end = self.at;
        self.tokens.push(Token { kind, start, end });
    }

    fn operator_or_word(&mut self, start: usize) -> Result<(), Trouble> {
        if self.take("<<<") {
            self.blanks();
            let word = self.word()?;
            let mut word = word.unwrap_or_default();
            word.parts.push(literal("\n", true));
            self.push(start, Kind::Text(word));
            return Ok(());
        }
        if self.rest().starts_with("<<") {
            return self.here_document(start);
        }
        if let Some(operator) = self.operator() {
            self.push(start, Kind::Operator(operator));
            return Ok(());
        }
        if let Some(word) = self.word()? {
            self.push(start, Kind::Word(word));
        }
        Ok(())
    }

    fn operator(&mut self) -> Option<Operator> {
        let found = WRITTEN
            .iter()
            .find(|(text, _)| self.rest().starts_with(text));
        let (text, operator) = *found?;
        self.take(text);
        Some(operator)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.next();
        }
    }

    fn here_document(&mut self, start: usize) -> Result<(), Trouble> {
        self.take("<<");
        let strip_tabs = self.take("-");
        self.blanks();
        let Some(word) = self.word()? else {
            return Err(Trouble::Bad(
                "syntax error: `<<' wants the word that ends the text".to_owned(),
            ));
        };
        let quoted = |part: &Part| matches!(part, Part::Literal { quoted: true, .. });
        let document = Document {
            token: self.tokens.len(),
            literal: word.parts.iter().any(quoted),
            end: plain(&word),
            strip_tabs,
        };
        self.documents.push(document);
        self.push(start, Kind::Text(Word::default()));
        Ok(())
    }

    /// Reads the texts of the here-documents that the line just ended named.
    fn documents(&mut self) -> Result<(), Trouble> {
        for document in std::mem::take(&mut self.documents) {
            let mut body = String::new();
            loop {
                if self.rest().is_empty() {
                    let end = document.end;
                    return Err(Trouble::Unfinished(Unfinished::HereDocument(end)));
                }
                let line = self
                    .rest()
                    .split('\n')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                self.at = self.at.saturating_add(line.len());
                self.take("\n");
                let shown = match document.strip_tabs {
                    true => line.trim_start_matches('\t'),
                    false => line.as_str(),
                };
                if shown == document.end {
                    break;
                }
                body.push_str(shown);
                body.push('\n');
            }
            let word = match document.literal {
                true => Word {
                    parts: vec![literal(&body, true)],
                },
                false => with_variables(&body),
            };
            if let Some(token) = self.tokens.get_mut(document.token) {
                token.kind = Kind::Text(word);
            }
        }
        Ok(())
    }

    fn word(&mut self) -> Result<Option<Word>, Trouble> {
        let mut word = WordBuilder::default();
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                c if c.is_whitespace() => break,
                '|' | '&' | ';' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    self.next();
                    let text = self.until('\'')?;
                    word.text(&text, true);
                }
                '"' => {
                    self.next();
                    self.double_quoted(&mut word)?;
                }
                '\\' => self.escape(&mut word)?,
                '$' => self.dollar(&mut word, false)?,
                '`' => {
                    return Err(Trouble::Bad(
                        "command substitution with ` is not part of this small shell".to_owned(),
                    ));
                }
                _ => {
                    self.next();
                    word.char(c, false);
                }
            }
        }
        Ok((self.at > start).then(|| word.finish()))
    }

    fn escape(&mut self, word: &mut WordBuilder) -> Result<(), Trouble> {
        self.next();
        match self.next() {
            Some('\n') => Ok(()),
            Some(c) => {
                word.char(c, true);
                Ok(())
            }
            None => Err(Trouble::Unfinished(Unfinished::Line)),
        }
    }

    fn until(&mut self, quote: char) -> Result<String, Trouble> {
        match self.rest().split_once(quote) {
            Some((text, _)) => {
                let text = text.to_owned();
                self.at = self.at.saturating_add(text.len()).saturating_add(1);
                Ok(text)
            }
            None => Err(Trouble::Unfinished(Unfinished::Quote(quote))),
        }
    }

    fn double_quoted(&mut self, word: &mut WordBuilder) -> Result<(), Trouble> {
        word.text("", true);
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.next();
                    return Ok(());
                }
                '\\' => {
                    self.next();
                    match self.next() {
                        Some('\n') => {}
                        Some(c @ ('"' | '\\' | '$' | '`')) => word.char(c, true),
                        Some(c) => {
                            word.char('\\', true);
                            word.char(c, true);
                        }
                        None => {}
                    }
                }
                '$' => self.dollar(word, true)?,
                _ => {
                    self.next();
                    word.char(c, true);
                }
            }
        }
        Err(Trouble::Unfinished(Unfinished::Quote('"')))
    }

    fn dollar(&mut self, word: &mut WordBuilder, quoted: bool) -> Result<(), Trouble> {
        self.next();
        if self.rest().starts_with('(') {
            return Err(Trouble::Bad(
                "command substitution with $( ) is not part of this small shell".to_owned(),
            ));
        }
        if self.take("{") {
            let name = self.name();
            if name.is_empty() || !self.take("}") {
                return Err(Trouble::Bad("${…}: bad substitution".to_owned()));
            }
            word.variable(name, quoted);
            return Ok(());
        }
        let name = self.name();
        match name.is_empty() {
            true => word.char('$', quoted),
            false => word.variable(name, quoted),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        if self.take("?") {
            return "?".to_owned();
        }
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().to_owned();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return String::new();
        }
        self.at = self.at.saturating_add(name.len());
        name
    }
}

#[derive(Default)]
struct WordBuilder {
    parts: Vec<Part>,
}

impl WordBuilder {
    fn char(&mut self, c: char, quoted: bool) {
        let mut bytes = [0; 4];
        self.text(c.encode_utf8(&mut bytes), quoted);
    }

    fn text(&mut self, more: &str, quoted: bool) {
        match self.parts.last_mut() {
            Some(Part::Literal { text, quoted: same }) if *same == quoted => text.push_str(more),
            _ => self.parts.push(literal(more, quoted)),
        }
    }

    fn variable(&mut self, name: String, quoted: bool) {
        self.parts.push(Part::Variable { name, quoted });
    }

    fn finish(self) -> Word {
        Word { parts: self.parts }
    }
}

fn literal(text: &str, quoted: bool) -> Part {
    Part::Literal {
        text: text.to_owned(),
        quoted,
    }
}

fn plain(word: &Word) -> String {
    let text = |part: &Part| match part {
        Part::Literal { text, .. } => text.clone(),
        Part::Variable { name, .. } => format!("${name}"),
    };
    word.parts.iter().map(text).collect()
}

/// The text of a here-document whose word was not quoted: variables are filled in, quotes are text.
fn with_variables(body: &str) -> Word {
    let mut word = WordBuilder::default();
    let mut lexer = Lexer {
        text: body,
        at: 0,
        tokens: Vec::new(),
        documents: Vec::new(),
    };
    while let Some(c) = lexer.peek() {
        let bare = c == '$' && !lexer.rest().starts_with("$(");
        if bare && lexer.dollar(&mut word, true).is_ok() {
            continue;
        }
        lexer.next();
        match (c, lexer.peek()) {
            ('\\', Some(escaped @ ('$' | '\\' | '`'))) => {
                lexer.next();
                word.char(escaped, true);
            }
            _ => word.char(c, true),
        }
    }
    word.finish()
}
