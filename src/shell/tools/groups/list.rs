//! `--list`

use client::admin::GroupListing;
use records::sorted::Arrange;

use super::{pad, width};
use crate::io::Io;
use crate::tools::options::Parsed;

const STATES: [&str; 7] = [
    "Reconciling",
    "Dead",
    "PreparingRebalance",
    "CompletingRebalance",
    "Stable",
    "Empty",
    "Assigning",
];
const TYPES: [&str; 2] = ["Consumer", "Classic"];

/// Whether the states and types asked for exist; `Err` is the message.
pub(super) fn check(options: &Parsed) -> Result<(), String> {
    known(
        options,
        "state",
        &STATES,
        "Invalid state list",
        "Valid states are",
    )?;
    known(
        options,
        "type",
        &TYPES,
        "Invalid types list",
        "Valid types are",
    )
}

fn known(
    options: &Parsed,
    name: &str,
    all: &[&str],
    invalid: &str,
    valid: &str,
) -> Result<(), String> {
    for given in options.all(name) {
        let fits = |one: &str| {
            all.iter()
                .any(|known| known.eq_ignore_ascii_case(one.trim()))
        };
        if !given.split(',').all(fits) {
            return Err(format!("{invalid} '{given}'. {valid}: {}", all.join(", ")));
        }
    }
    Ok(())
}

/// Prints the groups that the options leave.
pub(super) fn print(io: &mut Io<'_>, options: &Parsed, mut groups: Vec<GroupListing>) {
    let asked = |name: &str, value: &str| {
        let given = options.all(name);
        let mut each = given.iter().flat_map(|given| given.split(','));
        given.is_empty() || each.any(|one| one.trim().eq_ignore_ascii_case(value))
    };
    groups.retain(|group| matches!(group.protocol_type.as_str(), "consumer" | ""));
    groups.retain(|group| asked("state", &group.state) && asked("type", &group.group_type));
    groups.arrange_by(|a, b| a.group_id.cmp(&b.group_id));
    let (state, kind) = (options.has("state"), options.has("type"));
    if !state && !kind {
        for group in groups {
            io.line(&group.group_id);
        }
        return;
    }
    let size = width(25, groups.iter().map(|group| group.group_id.as_str()));
    let row = |id: &str, group_type: &str, group_state: &str| {
        let mut text = pad(id, size);
        for (shown, value) in [(kind, group_type), (state, group_state)] {
            if shown {
                text.push(' ');
                text.push_str(&pad(value, 20));
            }
        }
        text
    };
    io.line(&row("GROUP", "TYPE", "STATE"));
    for group in &groups {
        let text = row(&group.group_id, &capital(&group.group_type), &group.state);
        io.line(&text);
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
