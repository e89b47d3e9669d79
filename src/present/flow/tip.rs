//! What a cell's tooltip says: key, value, time.

use engine::ids::TopicPartition;
use shell::datetime;
use world::facts;
use world::world::World;

/// Bytes of a value that are looked at.
const LOOKED_AT: usize = 240;
/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// The tooltip of a record, a line each; `None` if it is not stored any more.
pub fn lines(world: &World, at: &TopicPartition, offset: i64) -> Option<Vec<String>> {
    let record = facts::record(world, at, offset)?;
    let key = record
        .key
        .as_deref()
        .map_or_else(|| "no key".to_owned(), text);
    let value = record
        .value
        .as_deref()
        .map_or_else(|| "null (tombstone)".to_owned(), text);
    Some(vec![
        format!("{at} @ {offset}"),
        key,
        value,
        datetime::iso(record.timestamp),
    ])
}

fn text(bytes: &[u8]) -> String {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let all = String::from_utf8_lossy(head);
    let mut out: String = all
        .chars()
        .take(SHOWN)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if bytes.is_empty() {
        out.push_str("(empty)");
    }
    if head.len() < bytes.len() || all.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}
