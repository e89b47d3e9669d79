//! As much of Rust's grammar as the rules need: what is code, what is a test, where a function ends.

/// The lines of a Rust file without comments and without the content of strings.
#[derive(Default)]
pub struct Code {
    /// One for each line of the file, of the same length.
    pub lines: Vec<String>,
    /// Whether a line belongs to code that only tests compile.
    pub in_test: Vec<bool>,
}

/// A function and its lines, from 1.
pub struct Function {
    pub name: String,
    pub first: usize,
    pub last: usize,
}

impl Code {
    /// Reads a file.
    pub fn of(text: &str) -> Code {
        let lines: Vec<String> = blank(text).lines().map(str::to_owned).collect();
        let in_test = tests(&lines);
        Code { lines, in_test }
    }

    /// Line numbers (from 1) and lines that the product itself compiles.
    pub fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.lines.iter().enumerate().zip(&self.in_test);
        numbered
            .filter(|(_, test)| !**test)
            .map(|((at, line), _)| (at + 1, line.as_str()))
    }

    /// Every function with a body.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let Some(name) = function_name(line) else {
                continue;
            };
            if let Some(last) = end_of_block(&self.lines, at) {
                found.push(Function {
                    name,
                    first: at + 1,
                    last: last + 1,
                });
            }
        }
        found
    }
}

/// Whether `word` stands in `line` as a whole word.
pub fn has_word(line: &str, word: &str) -> bool {
    let part = |symbol: char| symbol.is_alphanumeric() || symbol == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(part);
        let after = line[at + word.len()..].chars().next().is_some_and(part);
        !before && !after
    })
}

fn function_name(line: &str) -> Option<String> {
    let at = line.match_indices("fn ").map(|(at, _)| at).find(|at| {
        line[..*at]
            .chars()
            .all(|symbol| symbol.is_alphanumeric() || "_() :\t".contains(symbol))
            && !line[..*at].ends_with(|symbol: char| symbol.is_alphanumeric() || symbol == '_')
    })?;
    let rest = &line[at + 3..];
    let end = rest.find(|symbol: char| !symbol.is_alphanumeric() && symbol != '_')?;
    (end > 0).then(|| rest[..end].to_owned())
}

/// The line on which the first block that opens at or after line `from` closes; none before a `;`.
fn end_of_block(lines: &[String], from: usize) -> Option<usize> {
    let (mut braces, mut others) = (0_i64, 0_i64);
    for (at, line) in lines.iter().enumerate().skip(from) {
        for symbol in line.chars() {
            match symbol {
                '{' => braces += 1,
                '}' => {
                    braces -= 1;
                    if braces == 0 {
                        return Some(at);
                    }
                }
                '(' | '[' => others += 1,
                ')' | ']' => others -= 1,
                ';' if braces == 0 && others == 0 => return None,
                _ => {}
            }
        }
    }
    None
}

/// Marks the items under `#[cfg(test)]` and `#[test]`.
fn tests(lines: &[String]) -> Vec<bool> {
    let mut marks = vec![false; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim_start();
        if !line.starts_with("#[cfg(test)]") && !line.starts_with("#[test]") {
            if line.starts_with("#![cfg(test)]") {
                marks.fill(true);
            }
            continue;
        }
        // `mod tests;` names another file, which says so itself or is named `tests.rs`.
        let last = end_of_block(lines, at)
            .unwrap_or(at + 1)
            .min(lines.len() - 1);
        marks[at..=last].fill(true);
    }
    marks
}

/// Replaces comments and the content of strings by spaces, line ends kept.
fn blank(text: &str) -> String {
    let symbols: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < symbols.len() {
        let end = match symbols[at] {
            '/' if symbols.get(at + 1) == Some(&'/') => find(&symbols, at, '\n'),
            '/' if symbols.get(at + 1) == Some(&'*') => end_of_comment(&symbols, at),
            '"' => end_of_string(&symbols, at),
            'r' if starts_raw(&symbols, at) => end_of_raw(&symbols, at),
            '\'' => end_of_char(&symbols, at),
            _ => at,
        };
        if end == at {
            out.push(symbols[at]);
            at += 1;
            continue;
        }
        let string = symbols[at] != '/';
        out.extend(symbols[at..end].iter().enumerate().map(|(step, symbol)| {
            let edge = string && (step == 0 || step == end - at - 1);
            if *symbol == '\n' || edge {
                *symbol
            } else {
                ' '
            }
        }));
        at = end;
    }
    out
}

fn find(symbols: &[char], from: usize, wanted: char) -> usize {
    let rest = symbols[from..].iter().position(|symbol| *symbol == wanted);
    rest.map_or(symbols.len(), |step| from + step)
}

fn end_of_comment(symbols: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at + 1 < symbols.len() {
        match (symbols[at], symbols[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    symbols.len()
}

fn end_of_string(symbols: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < symbols.len() && symbols[at] != '"' {
        at += if symbols[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(symbols.len())
}

fn starts_raw(symbols: &[char], at: usize) -> bool {
    let word = |symbol: &char| symbol.is_alphanumeric() && *symbol != 'b' || *symbol == '_';
    if at > 0 && word(&symbols[at - 1]) {
        return false;
    }
    let after = symbols[at + 1..].iter().find(|symbol| **symbol != '#');
    after == Some(&'"')
}

fn end_of_raw(symbols: &[char], from: usize) -> usize {
    let hashes = symbols[from + 1..]
        .iter()
        .take_while(|symbol| **symbol == '#')
        .count();
    let mut at = from + hashes + 2;
    while at < symbols.len() {
        let closing = symbols[at] == '"'
            && symbols[at + 1..]
                .iter()
                .take(hashes)
                .filter(|symbol| **symbol == '#')
                .count()
                == hashes;
        at += 1;
        if closing {
            return (at + hashes).min(symbols.len());
        }
    }
    symbols.len()
}

/// A character such as `'{'`; a lifetime such as `'a` has no end.
fn end_of_char(symbols: &[char], from: usize) -> usize {
    let escaped = symbols.get(from + 1) == Some(&'\\');
    if escaped {
        return (find(symbols, from + 3, '\'') + 1).min(symbols.len());
    }
    if symbols.get(from + 2) == Some(&'\'') {
        from + 3
    } else {
        from
    }
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn comments_and_strings_are_no_code() {
        let code = Code::of(
            "let a = \"HashMap // {\"; // HashMap\n/* { /* } */ { */ let b = r#\"\"{\"#;\nlet c = '{'; let d: &'a str = b\"\\\"{\";",
        );
        assert!(
            code.lines
                .iter()
                .all(|line| !line.contains("HashMap") && !line.contains('{'))
        );
        assert!(code.lines[1].contains("let b") && code.lines[2].contains("&'a str"));
    }

    #[test]
    fn a_function_ends_where_its_block_does() {
        let code = Code::of(
            "trait T {\n    fn declared(&self) -> [u8; 4];\n    pub(crate) async fn done() {\n        if true { }\n    }\n}\ntype F = fn (u8) -> u8;",
        );
        let functions = code.functions();
        let found: Vec<_> = functions
            .iter()
            .map(|function| (function.name.as_str(), function.first, function.last))
            .collect();
        assert_eq!(found, [("done", 3, 5)]);
    }

    #[test]
    fn test_code_is_told_apart() {
        let code = Code::of(
            "fn shipped() {}\n#[cfg(test)]\nmod tests {\n    fn helper() {}\n}\nfn also_shipped() {}",
        );
        assert_eq!(code.in_test, [false, true, true, true, true, false]);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("use std::time::Instant;", "Instant"));
        assert!(!has_word("InstantNoodles and an_Instant", "Instant"));
    }
}
