//! Compares what was printed with what the real Kafka printed, line by line.

use crate::script::Said;

/// What differs, as lines to show: `-` the real Kafka's, `+` ours.
pub fn differences(command: &[String], real: &Said, ours: &Said) -> Vec<String> {
    let mut differences = Vec::new();
    let unordered = rows_are_unordered(command);
    stream("", &real.out, &ours.out, unordered, &mut differences);
    stream("2> ", &real.err, &ours.err, unordered, &mut differences);
    if real.exit != ours.exit {
        differences.push(format!("- [exit {}]", real.exit));
        differences.push(format!("+ [exit {}]", ours.exit));
    }
    differences
}

/// Kafka promises no order of members and partitions of a group, and of records of different
/// partitions.
fn rows_are_unordered(command: &[String]) -> bool {
    let has = |option: &str| command.iter().any(|word| word == option);
    match command.first().map(String::as_str) {
        Some("kafka-consumer-groups") => true,
        Some("kafka-console-consumer") => !has("--partition") && !has("--max-messages"),
        _ => false,
    }
}

fn stream(mark: &str, real: &[String], ours: &[String], unordered: bool, out: &mut Vec<String>) {
    let ours = without_usage(ours);
    let same = |real: &[String], ours: &[String]| {
        real.len() == ours.len()
            && real
                .iter()
                .zip(ours)
                .all(|(real, ours)| matches(real, ours))
    };
    let real = without_repeated_tries(&without_last_blanks(real));
    let ours = without_repeated_tries(&without_last_blanks(&ours));
    if same(&real, &ours) || (unordered && same_set(&real, &ours)) {
        return;
    }
    let longest = real.len().max(ours.len());
    for at in 0..longest {
        match (real.get(at), ours.get(at)) {
            (Some(real), Some(ours)) if matches(real, ours) => {}
            (real, ours) => {
                out.extend(real.map(|line| format!("- {mark}{line}")));
                out.extend(ours.map(|line| format!("+ {mark}{line}")));
            }
        }
    }
}

/// Every line of one has its own line in the other.
fn same_set(real: &[String], ours: &[String]) -> bool {
    let mut left: Vec<&String> = ours.iter().collect();
    real.len() == ours.len()
        && real.iter().all(|real| {
            let found = left.iter().position(|ours| matches(real, ours));
            found.map(|at| left.swap_remove(at)).is_some()
        })
}

/// The recorder dropped the line breaks at the end.
fn without_last_blanks(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// How often a client tries a broker that does not answer hangs on its shuffled pauses.
fn without_repeated_tries(lines: &[String]) -> Vec<String> {
    const TRIES: [&str; 2] = ["could not be established. Node may", "Bootstrap broker "];
    let mut seen = [false; TRIES.len()];
    let mut kept = lines.to_vec();
    kept.retain(|line| {
        let tried = TRIES.iter().position(|words| line.contains(words));
        tried.is_none_or(|at| !std::mem::replace(&mut seen[at], true))
    });
    kept
}

/// A table of options in our own words stands for the real one.
fn without_usage(lines: &[String]) -> Vec<String> {
    let table = lines
        .iter()
        .position(|line| line.starts_with("Option") && line.trim_end().ends_with("Description"));
    match table {
        None => lines.to_vec(),
        Some(at) => {
            let mut kept = lines[..at].to_vec();
            kept.push(USAGE.to_owned());
            kept
        }
    }
}

const USAGE: &str = "{usage}";

/// Whether our line is what the real one, with its placeholders, stands for.
pub fn matches(real: &str, ours: &str) -> bool {
    if real.starts_with("{usage of ") {
        return ours == USAGE;
    }
    // Help is in our own words.
    if real == "{words}" {
        return !ours.trim().is_empty();
    }
    // A set in a message: Java shuffles it.
    if real.starts_with("Option [") && ours.starts_with("Option [") {
        let sorted = |text: &str| {
            let mut words: Vec<String> = text.split([' ', ',']).map(str::to_owned).collect();
            words.sort();
            words
        };
        return sorted(real) == sorted(ours);
    }
    let Some((before, rest)) = real.split_once('{') else {
        return real == ours;
    };
    let Some(ours) = ours.strip_prefix(before) else {
        return false;
    };
    let named = rest
        .split_once('}')
        .and_then(|(name, after)| Some((placeholder(name)?, after)));
    match named {
        None => ours
            .strip_prefix('{')
            .is_some_and(|ours| matches(rest, ours)),
        Some((allowed, after)) => {
            let taken = ours.find(|c| !allowed.contains(c)).unwrap_or(ours.len());
            taken > 0 && matches(after, &ours[taken..])
        }
    }
}

/// The characters that may stand for a placeholder.
fn placeholder(name: &str) -> Option<&'static str> {
    const DIGITS: &str = "0123456789";
    const ID: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    Some(match name {
        "n" | "ms" => DIGITS,
        "uuid" => "0123456789abcdef-",
        "topic-id" | "id" | "cluster-id" => ID,
        "time" => "0123456789-: ,",
        "datetime" => "0123456789-:., ",
        "log" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.",
        _ => return None,
    })
}

#[cfg(test)]
mod test {
    use super::{differences, matches};
    use crate::script::Said;

    #[test]
    fn placeholders_stand_for_their_kind() {
        assert!(matches(
            "[{time}] WARN x",
            "[2026-01-01 00:00:00,123] WARN x"
        ));
        assert!(!matches("[{time}] WARN x", "[] WARN x"));
        assert!(!matches("[{time}] WARN x", "[2026-01-01] WARN y"));
        assert!(matches("{'a': 1}", "{'a': 1}"));
        assert!(!matches("{'a': 1}", "{'a': 2}"));
        assert!(matches("group-{n}] {m=X}", "group-12345] {m=X}"));
    }

    #[test]
    fn order_counts_except_where_kafka_promises_none() {
        let said = |out: &[&str]| Said {
            out: out.iter().map(|line| (*line).to_owned()).collect(),
            ..Said::default()
        };
        let command = |line: &str| crate::script::words(line);
        let (a, b) = (said(&["1", "2"]), said(&["2", "1"]));
        assert_eq!(
            differences(&command("kafka-topics --list"), &a, &b).len(),
            4
        );
        assert!(differences(&command("kafka-console-consumer --topic t"), &a, &b).is_empty());
        let c = said(&["2", "2"]);
        assert!(!differences(&command("kafka-console-consumer --topic t"), &a, &c).is_empty());
    }
}
