//! What a topic may be called.

use crate::image::MetadataImage;

const MAX_LENGTH: usize = 249;

/// Checks a name by itself; says in Kafka's words what is wrong with it.
pub fn check(name: &str) -> Result<(), String> {
    let reason = if name.is_empty() {
        "the empty string is not allowed".to_owned()
    } else if name == "." || name == ".." {
        format!("'{name}' is not allowed")
    } else if name.encode_utf16().count() > MAX_LENGTH {
        format!("the length of '{name}' is longer than the max allowed length {MAX_LENGTH}")
    } else if !name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    {
        format!(
            "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        )
    } else {
        return Ok(());
    };
    Err(format!("Topic name is invalid: {reason}"))
}

/// The existing topic that `name` would collide with: metrics write a period as an underscore, so
/// names that differ only in these would be one.
pub fn collision<'a>(image: &'a MetadataImage, name: &str) -> Option<&'a str> {
    if !name.contains(['.', '_']) {
        return None;
    }
    let metric = name.replace('.', "_");
    let names = image.topics().map(|topic| topic.name.as_str());
    names
        .filter(|other| *other != name)
        .find(|other| other.len() == name.len() && other.replace('.', "_") == metric)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_get_kafkas_verdict() {
        let said = |name: &str| check(name).err().unwrap_or_default();
        for good in ["a", "secret_channel", "a.b-C_9", "...", &"x".repeat(249)] {
            assert_eq!(said(good), "");
        }
        assert_eq!(
            said(""),
            "Topic name is invalid: the empty string is not allowed"
        );
        assert_eq!(said(".."), "Topic name is invalid: '..' is not allowed");
        assert_eq!(
            said("caf\u{e9}"),
            "Topic name is invalid: 'caf\u{e9}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        );
        let long = "x".repeat(250);
        assert_eq!(
            said(&long),
            format!(
                "Topic name is invalid: the length of '{long}' is longer than the max allowed length 249"
            )
        );
    }
}
