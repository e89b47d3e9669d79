//! Whether a value is JSON, and why not.

use serde::de::IgnoredAny;

/// What a value is, as the composer says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is JSON.
    pub is_json: bool,
    /// One sentence.
    pub text: String,
}

/// Looks at a value as it is typed.
pub fn verdict(value: &str) -> Verdict {
    let trimmed = value.trim();
    let error = match serde_json::from_str::<IgnoredAny>(trimmed) {
        Ok(_) => {
            return Verdict {
                is_json: true,
                text: "Valid JSON".to_owned(),
            };
        }
        Err(error) => error,
    };
    let text = if trimmed.is_empty() {
        "Empty: a value of 0 bytes.".to_owned()
    } else if !trimmed.starts_with(['{', '[', '"']) {
        "Plain text; Kafka takes any bytes.".to_owned()
    } else if has_single_quotes(trimmed) {
        "Not JSON: it has single quotes where JSON wants double ones. Kafka takes it as text all the same.".to_owned()
    } else {
        format!("Not JSON: {error}. Kafka takes it as text all the same.")
    };
    Verdict {
        is_json: false,
        text,
    }
}

/// Whether single quotes stand where JSON wants double ones: behind a brace, a bracket, a comma or a colon.
fn has_single_quotes(value: &str) -> bool {
    let mut before = ' ';
    for symbol in value.chars().filter(|symbol| !symbol.is_whitespace()) {
        if symbol == '\'' && matches!(before, '{' | '[' | ',' | ':') {
            return true;
        }
        before = symbol;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn json_is_said_to_be_valid() {
        for value in ["{\"a\": [1, null, \"x'y\"]}", "7", " \"word\" ", "true"] {
            assert!(verdict(value).is_json, "{value}");
        }
    }

    #[test]
    fn the_lectures_quotes_are_explained() {
        let value =
            "{'agent_id': 'nfsturm', 'message': 'Bacalhau was ordered from the fishmonger.'}";
        assert!(verdict(value).text.contains("single quotes"));
        assert!(
            !verdict("{\"it\": \"isn't\" ")
                .text
                .contains("single quotes")
        );
    }

    #[test]
    fn other_mistakes_are_located() {
        let text = verdict("{\"a\": 1,}").text;
        assert!(text.contains("line 1 column 9"), "{text}");
    }

    #[test]
    fn plain_text_is_no_mistake() {
        assert_eq!(verdict("hello").text, "Plain text; Kafka takes any bytes.");
        assert_eq!(verdict("").text, "Empty: a value of 0 bytes.");
    }
}
