//! Running text in which `code` stands between backticks.

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Plain text.
    Text(String),
    /// What is typed, or named as it is typed.
    Code(String),
}

/// Takes a text apart at its backticks; one that nothing closes stays as it is.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('`')
        && let Some((code, after)) = behind.split_once('`')
    {
        if !before.is_empty() {
            found.push(Piece::Text(before.to_owned()));
        }
        found.push(Piece::Code(code.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(rest.to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn code_stands_between_backticks() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let code = |code: &str| Piece::Code(code.to_owned());
        assert_eq!(pieces("plain"), [text("plain")]);
        assert_eq!(pieces("a `b` c"), [text("a "), code("b"), text(" c")]);
        assert_eq!(pieces("`-d` lets"), [code("-d"), text(" lets")]);
        assert_eq!(pieces("an open ` stays"), [text("an open ` stays")]);
        assert_eq!(pieces(""), []);
    }
}
