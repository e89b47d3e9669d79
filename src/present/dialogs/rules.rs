//! Names and numbers that Kafka takes, and sentences about those that it doesn't.

const TOPIC_NAME_LIMIT: usize = 249;

/// A topic's name as Kafka takes it.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn topic_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    let letters = name.chars().count();
    if name.is_empty() {
        return Err("A topic needs a name.".to_owned());
    }
    if name == "." || name == ".." {
        return Err(format!("A topic can't be called “{name}”."));
    }
    let legal = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    if let Some(stranger) = name.chars().find(|c| !legal(c)) {
        let stranger = match stranger {
            ' ' => "a space".to_owned(),
            c => format!("“{c}”"),
        };
        return Err(format!(
            "Letters, digits, “.”, “_” and “-” make a topic's name; {stranger} does not."
        ));
    }
    if letters > TOPIC_NAME_LIMIT {
        return Err(format!(
            "A topic's name has at most {TOPIC_NAME_LIMIT} characters; this one has {letters}."
        ));
    }
    Ok(name.to_owned())
}

/// A topic that something is sent to or read from.
///
/// # Errors
/// A sentence, if none is named or Kafka could not know it.
pub fn topic_to_use(name: &str) -> Result<String, String> {
    match name.trim() {
        "" => Err("Choose a topic.".to_owned()),
        name => topic_name(name),
    }
}

/// Any name but an empty one; `what` begins the sentence: `A group`.
///
/// # Errors
/// A sentence, if it is empty.
pub fn some_name(name: &str, what: &str) -> Result<String, String> {
    match name.trim() {
        "" => Err(format!("{what} needs a name.")),
        name => Ok(name.to_owned()),
    }
}

/// A whole number within bounds; `what` begins the sentence: `Partitions`.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn whole(text: &str, bounds: std::ops::RangeInclusive<i64>, what: &str) -> Result<i64, String> {
    let (least, most) = (*bounds.start(), *bounds.end());
    let text = text.trim();
    let range = match most {
        i64::MAX => format!("from {least} on"),
        _ if most == i64::from(i32::MAX) => format!("from {least} on"),
        _ => format!("from {least} to {most}"),
    };
    match text.parse::<i64>() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        _ if text.is_empty() => Err(format!("{what}: a whole number {range}.")),
        _ => Err(format!(
            "{what}: a whole number {range}, not “{}”.",
            short(text)
        )),
    }
}

/// Records a second, above 0.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn rate(text: &str, most: f64) -> Result<f64, String> {
    let text = text.trim();
    match records::decimal::parse(text) {
        Some(rate) if rate >= 0.01 && rate <= most => Ok(rate),
        _ => Err(format!(
            "Records a second: a number from 0.01 to {most}, not “{}”.",
            short(text)
        )),
    }
}

/// A text that a sentence can hold.
fn short(text: &str) -> String {
    match text.char_indices().nth(24) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{rate, topic_name, whole};

    #[test]
    fn names_that_kafka_takes() {
        for name in ["a", "secret_channel", "A.b-C_9", "...", &"x".repeat(249)] {
            assert_eq!(topic_name(name), Ok(name.to_owned()));
        }
        assert_eq!(topic_name(" scotsmen "), Ok("scotsmen".to_owned()));
    }

    #[test]
    fn names_that_kafka_refuses() {
        let problem = |name: &str| topic_name(name).unwrap_err();
        assert_eq!(problem("  "), "A topic needs a name.");
        assert_eq!(problem(".."), "A topic can't be called “..”.");
        assert!(problem("bag pipes").contains("a space does not"));
        assert!(problem("café").contains("“é” does not"));
        assert!(problem("<img src=x onerror=alert(1)>").contains("“<” does not"));
        assert!(problem(&"x".repeat(250)).contains("at most 249 characters; this one has 250"));
    }

    #[test]
    fn numbers_stay_within_bounds() {
        assert_eq!(whole(" 3 ", 1..=9, "Replicas"), Ok(3));
        for text in ["0", "10", "-1", "3.5", "three", "99999999999999999999"] {
            let problem = whole(text, 1..=9, "Replicas").unwrap_err();
            assert!(
                problem.contains("from 1 to 9") && problem.contains(text),
                "{problem}"
            );
        }
        assert!(
            whole("", 1..=i64::MAX, "Partitions")
                .unwrap_err()
                .ends_with("from 1 on.")
        );
    }

    #[test]
    fn a_rate_is_above_nothing() {
        assert_eq!(rate("0.5", 1000.0), Ok(0.5));
        for text in ["0", "-1", "NaN", "inf", "fast", "1001"] {
            assert!(rate(text, 1000.0).is_err(), "{text}");
        }
    }
}
