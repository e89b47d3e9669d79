//! Stylesheets: what belongs into the tokens, and what belongs to which component.

use crate::tree::{File, Offence, Tree};
use std::collections::BTreeSet;

const TOKENS: &str = "static/css/tokens.css";
const COLOUR_FUNCTIONS: [&str; 8] = [
    "rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "oklch(", "oklab(",
];
const COLOUR_NAMES: [&str; 12] = [
    "white", "black", "red", "green", "blue", "gray", "grey", "orange", "yellow", "purple",
    "silver", "gold",
];
/// Properties whose every length is a token.
const TOKEN_LENGTHS: [&str; 2] = ["font-size", "font"];
/// Stylesheets in `components/` that several components share.
const SHARED: [&str; 1] = ["controls"];

/// Colours, type sizes and durations that stand outside the tokens.
pub fn literals(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.styles().filter(|file| file.path != TOKENS) {
        for (number, line) in without_comments(file) {
            for declaration in line.split([';', '{', '}']) {
                if let Some(what) = literal(declaration) {
                    found.push(Offence::new(
                        file,
                        number,
                        format!("{what}: give it a name in {TOKENS} and use var(--…)"),
                    ));
                }
            }
        }
    }
    let drawing = tree
        .product()
        .filter(|file| matches!(file.layer(), Some("ui" | "present")));
    for file in drawing {
        for (at, line) in file.text.lines().enumerate() {
            if quoted(line).any(is_colour) {
                found.push(Offence::new(
                    file,
                    at + 1,
                    format!("a colour in Rust: give it a name in {TOKENS} and use a class"),
                ));
            }
        }
    }
    found
}

/// Component stylesheets without a component of that name.
pub fn strangers(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.styles() {
        let name = file.path.strip_prefix("static/css/components/");
        let Some(name) = name.and_then(|name| name.strip_suffix(".css")) else {
            continue;
        };
        if !SHARED.contains(&name) && !has_component(tree, name) {
            let what = format!(
                "there is no component {name}.rs in src/ui: name the stylesheet after its component"
            );
            found.push(Offence::new(file, 1, what));
        }
    }
    found
}

/// Classes that neither the page nor its view models name.
pub fn dead_classes(tree: &Tree) -> Vec<Offence> {
    let page = |path: &str| {
        ["src/ui/", "src/present/", "index.html", "static/boot.js"]
            .iter()
            .any(|part| path.starts_with(part))
    };
    let users: String = tree
        .files
        .iter()
        .filter(|file| page(&file.path))
        .map(|file| file.text.as_str())
        .collect();
    let mut found = Vec::new();
    for file in tree.styles() {
        for (number, class) in classes(file) {
            if !is_used(&users, &class) {
                let what = format!("nothing uses the class {class}: remove its rules");
                found.push(Offence::new(file, number, what));
            }
        }
    }
    found
}

fn literal(declaration: &str) -> Option<String> {
    let (property, value) = declaration.split_once(':')?;
    let (property, value) = (property.trim(), value.trim());
    // A colon in a selector is no declaration.
    let is_property = property
        .chars()
        .all(|symbol| symbol.is_ascii_lowercase() || symbol == '-');
    if !is_property || property.starts_with("--") && value.is_empty() {
        return None;
    }
    if value.split([' ', ',', '(', ')']).any(is_colour)
        || COLOUR_FUNCTIONS.iter().any(|name| value.contains(name))
    {
        return Some(format!("the colour in {property}: {value}"));
    }
    let lengths = TOKEN_LENGTHS.contains(&property);
    value
        .split([' ', ',', '/', '(', ')'])
        .find_map(|word| match unit(word)? {
            "ms" | "s" => Some(format!("the duration {word}")),
            "px" | "rem" | "pt" if lengths => Some(format!("the type size {word}")),
            _ => None,
        })
}

/// The unit of a number that is not zero.
fn unit(word: &str) -> Option<&str> {
    let end =
        word.find(|symbol: char| !symbol.is_ascii_digit() && symbol != '.' && symbol != '-')?;
    let number: f64 = word[..end].parse().ok()?;
    (number != 0.0).then(|| &word[end..])
}

fn is_colour(word: &str) -> bool {
    let hex = word.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8)
            && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    });
    hex || COLOUR_NAMES.contains(&word)
        || COLOUR_FUNCTIONS.iter().any(|name| word.starts_with(name))
}

/// What stands in double quotes on a line of Rust and could be a colour: names alone could be anything.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| text.starts_with('#') || text.contains('('))
}

fn has_component(tree: &Tree, name: &str) -> bool {
    let (file, folder) = (format!("/{name}.rs"), format!("/{name}/mod.rs"));
    let mut ui = tree.product().filter(|file| file.layer() == Some("ui"));
    ui.any(|component| component.path.ends_with(&file) || component.path.ends_with(&folder))
}

/// Class names in selectors, each with its first line.
fn classes(file: &File) -> Vec<(usize, String)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (number, line) in without_comments(file) {
        // Within a rule on one line, what stands before `{` is the selector; a line with `;` alone has none.
        let parts: Vec<&str> = line
            .split('}')
            .filter_map(|rule| rule.split('{').next())
            .collect();
        for part in parts.into_iter().filter(|part| !part.contains(';')) {
            for (at, _) in part.match_indices('.') {
                let rest = &part[at + 1..];
                let end = rest.find(|symbol: char| {
                    !symbol.is_alphanumeric() && symbol != '-' && symbol != '_'
                });
                let name = &rest[..end.unwrap_or(rest.len())];
                let starts = name.starts_with(|symbol: char| symbol.is_ascii_alphabetic());
                if starts && seen.insert(name.to_owned()) {
                    found.push((number, name.to_owned()));
                }
            }
        }
    }
    found
}

/// A class is used by its name, or by a name put together from its beginning: `k{slot}`, `tone-{name}`.
fn is_used(users: &str, class: &str) -> bool {
    let word = |symbol: char| symbol.is_alphanumeric() || symbol == '-' || symbol == '_';
    let whole = users.match_indices(class).any(|(at, _)| {
        !users[..at].ends_with(word) && !users[at + class.len()..].starts_with(word)
    });
    let ends = (1..class.len()).filter(|end| class.is_char_boundary(*end));
    whole
        || ends
            .map(|end| &class[..end])
            .any(|start| put_together(users, start))
}

/// Whether a string begins with `start` and goes on with a value.
fn put_together(users: &str, start: &str) -> bool {
    [format!("\"{start}{{"), format!(" {start}{{")]
        .iter()
        .any(|pattern| users.contains(pattern))
}

fn without_comments(file: &File) -> impl Iterator<Item = (usize, String)> {
    let mut text = String::new();
    let mut rest = file.text.as_str();
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        let (comment, after) = after.split_once("*/").unwrap_or((after, ""));
        text.extend(comment.matches('\n'));
        rest = after;
    }
    text.push_str(rest);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
}

#[cfg(test)]
mod test {
    use super::*;

    fn css(text: &str) -> usize {
        literals(&Tree::planted(&[("static/css/components/cell.css", text)])).len()
    }

    #[test]
    fn colours_type_sizes_and_durations_are_found() {
        assert_eq!(css(".cell { color: #ff00aa; }"), 1);
        assert_eq!(
            css(".cell {\n  background: rgb(1 2 3 / .5);\n  border: 1px solid white;\n}"),
            2
        );
        assert_eq!(css(".cell { font-size: 11px; transition: color 90ms; }"), 2);
        assert_eq!(
            css(
                ".cell { color: var(--ink); font: 400 var(--fs-sm)/1.4 var(--font-ui); width: 24px; }"
            ),
            0
        );
        assert_eq!(css("/* #fff */\n.a:hover { transition: none 0s; }"), 0);
    }

    #[test]
    fn tokens_may_name_colours_and_rust_may_not() {
        let tokens = Tree::planted(&[(TOKENS, ":root { --ink: #123456; }")]);
        assert_eq!(literals(&tokens).len(), 0);
        let rust = Tree::planted(&[(
            "src/ui/cell.rs",
            "let a = \"#ff00aa\";\nlet b = \"#app\";\nlet c = \"white\";",
        )]);
        assert_eq!(literals(&rust).len(), 1);
    }

    #[test]
    fn a_stylesheet_without_its_component_is_found() {
        let with = |component: &str| {
            let sheet = ("static/css/components/cell.css", ".cell { width: 1px; }");
            strangers(&Tree::planted(&[sheet, (component, "class=\"cell\"")])).len()
        };
        assert_eq!(with("src/ui/flow/cell.rs"), 0);
        assert_eq!(with("src/ui/cell/mod.rs"), 0);
        assert_eq!(with("src/ui/node.rs"), 1);
    }

    #[test]
    fn a_class_that_nothing_uses_is_found() {
        let with = |rust: &str| {
            let sheet = (
                "static/css/base.css",
                ".lane.k1, .lane:hover { margin: .5px; }",
            );
            dead_classes(&Tree::planted(&[sheet, ("src/ui/lane.rs", rust)])).len()
        };
        assert_eq!(with("class=\"lane k1\""), 0);
        assert_eq!(with("classes!(\"lane\", format!(\"k{slot}\"))"), 0);
        assert_eq!(with("class=\"lanes\""), 2);
    }
}
