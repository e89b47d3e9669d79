//! Kafka's table of messages as text, read anew here: a second reading of what our macros declare.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// An inclusive range of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub first: i16,
    pub last: i16,
}

/// A message with everything that the table says about it.
#[derive(Debug, Clone)]
pub struct Message {
    pub kind: String,
    pub name: String,
    pub key: Option<i16>,
    pub versions: Range,
    pub flexible: Range,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    pub versions: Range,
    pub null: Range,
    pub tag: Option<u32>,
    pub default: String,
}

#[derive(Debug, Clone)]
pub enum Type {
    Bool,
    Int(usize),
    Uuid,
    String,
    Bytes,
    Records,
    Struct(Vec<Field>),
    Array(Box<Type>),
}

/// A line of the table: how deep it is indented, and its words.
type Line<'a> = (usize, Vec<&'a str>);

impl Range {
    const NONE: Range = Range { first: 1, last: 0 };

    pub fn contains(self, version: i16) -> bool {
        self.first <= version && version <= self.last
    }

    fn parse(text: &str) -> Range {
        let number = |text: &str| text.parse().unwrap();
        if text == "none" {
            Range::NONE
        } else if let Some(first) = text.strip_suffix('+') {
            Range {
                first: number(first),
                last: i16::MAX,
            }
        } else if let Some((first, last)) = text.split_once('-') {
            Range {
                first: number(first),
                last: number(last),
            }
        } else {
            Range {
                first: number(text),
                last: number(text),
            }
        }
    }
}

/// A file beside the tests, or in the folder that `KAFKA_VECTORS` names.
pub fn vector(name: &str) -> String {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");
    let folder =
        std::env::var_os("KAFKA_VECTORS").map_or_else(|| PathBuf::from(own), PathBuf::from);
    let path = folder.join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every message of the table.
pub fn messages() -> Vec<Message> {
    let text = vector("messages.txt");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let mut messages = Vec::new();
    let mut rest = &lines[..];
    while let Some((head, tail)) = rest.split_first() {
        let body = tail.iter().take_while(|line| line.starts_with(' ')).count();
        messages.push(message(head, &tail[..body]));
        rest = &tail[body..];
    }
    messages
}

/// The message of this name.
pub fn message_named(name: &str) -> Message {
    messages()
        .into_iter()
        .find(|m| m.name == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

/// `CamelCase` as `snake_case`.
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = 'A';
    for c in name.chars() {
        if c.is_uppercase() && !before.is_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = c;
    }
    out
}

fn message(head: &str, body: &[&str]) -> Message {
    let words: Vec<&str> = head.split_whitespace().collect();
    let lines: Vec<Line<'_>> = body
        .iter()
        .map(|line| {
            (
                line.len() - line.trim_start().len(),
                line.split_whitespace().collect(),
            )
        })
        .collect();
    let mut shared = BTreeMap::new();
    // Structs that several fields share stand at the end, and may use one another.
    for _ in 0..3 {
        for (index, (_, line)) in lines.iter().enumerate() {
            if line[0] == "struct" {
                let fields = fields(block(&lines, index), &shared);
                shared.insert(line[1].to_string(), fields);
            }
        }
    }
    let mut versions = Range::parse(attribute(&words, "versions").unwrap());
    // Brokers speak a version that is still being worked on only if told to. (The response's row does
    // not say so.)
    if head.contains("latest-unstable") || words[1] == "InitProducerIdResponse" {
        versions.last -= 1;
    }
    Message {
        kind: words[0].into(),
        name: words[1].into(),
        key: attribute(&words, "key").map(|key| key.parse().unwrap()),
        versions,
        flexible: Range::parse(attribute(&words, "flexible").unwrap()),
        fields: fields(&lines, &shared),
    }
}

fn attribute<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words
        .iter()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// The lines indented below line `index`.
fn block<'a, 'b>(lines: &'b [Line<'a>], index: usize) -> &'b [Line<'a>] {
    let depth = lines[index].0;
    let below = &lines[index + 1..];
    let length = below.iter().take_while(|line| line.0 > depth).count();
    &below[..length]
}

fn fields(lines: &[Line<'_>], shared: &BTreeMap<String, Vec<Field>>) -> Vec<Field> {
    let Some((depth, _)) = lines.first() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (index, (_, words)) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.0 == *depth)
    {
        if words[0] == "struct" {
            continue;
        }
        let range = |name| attribute(words, name).map_or(Range::NONE, Range::parse);
        // A tagged field is in no version in which it has no tag, whatever its row says first.
        let tag = attribute(words, "tag").and_then(|tag| tag.split_once('@'));
        out.push(Field {
            name: snake(words[0]),
            ty: parse_type(words[1], block(lines, index), shared),
            versions: Range::parse(tag.map_or(words[2], |(_, versions)| versions)),
            null: range("null"),
            tag: tag.map(|(tag, _)| tag.parse().unwrap()),
            default: attribute(words, "default")
                .unwrap_or("")
                .to_lowercase()
                .replace("none", "null"),
        });
    }
    out
}

fn parse_type(text: &str, below: &[Line<'_>], shared: &BTreeMap<String, Vec<Field>>) -> Type {
    match text {
        "bool" => Type::Bool,
        "int8" => Type::Int(1),
        "int16" | "uint16" => Type::Int(2),
        "int32" | "uint32" => Type::Int(4),
        "int64" | "float64" => Type::Int(8),
        "uuid" => Type::Uuid,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "records" => Type::Records,
        name => match name.strip_prefix("[]") {
            Some(element) => Type::Array(Box::new(parse_type(element, below, shared))),
            None if below.is_empty() => Type::Struct(shared.get(name).cloned().unwrap_or_default()),
            None => Type::Struct(fields(below, shared)),
        },
    }
}
