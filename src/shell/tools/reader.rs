//! From a typed line to a record: the console producer's line reader.

use bytes::Bytes;
use client::event::Header;
use client::producer::ProducerRecord;
use serde::Serialize;

use super::options::Failure;

/// How lines become records; names are those of `--reader-property`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LineReader {
    topic: String,
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    ignore_error: bool,
    null_marker: Option<String>,
    line_number: u64,
}

impl LineReader {
    pub(crate) fn new(topic: &str, properties: &[(String, String)]) -> LineReader {
        let mut reader = LineReader {
            topic: topic.to_owned(),
            parse_key: false,
            key_separator: "\t".to_owned(),
            parse_headers: false,
            headers_delimiter: "\t".to_owned(),
            headers_separator: ",".to_owned(),
            headers_key_separator: ":".to_owned(),
            ignore_error: false,
            null_marker: None,
            line_number: 0,
        };
        for (name, value) in properties {
            let value = value.clone();
            let yes = value.trim().eq_ignore_ascii_case("true");
            match name.as_str() {
                "parse.key" => reader.parse_key = yes,
                "key.separator" => reader.key_separator = value,
                "parse.headers" => reader.parse_headers = yes,
                "headers.delimiter" => reader.headers_delimiter = value,
                "headers.separator" => reader.headers_separator = value,
                "headers.key.separator" => reader.headers_key_separator = value,
                "ignore.error" => reader.ignore_error = yes,
                "null.marker" => reader.null_marker = Some(value),
                _ => {}
            }
        }
        reader
    }

    pub(crate) fn topic(&self) -> &str {
        &self.topic
    }

    pub(crate) fn record(&mut self, line: &str) -> Result<ProducerRecord, Failure> {
        self.line_number = self.line_number.saturating_add(1);
        let mut rest = line;
        let headers = match self.parse_headers {
            true => self.before(
                &mut rest,
                &self.headers_delimiter,
                "headers delimiter",
                line,
            )?,
            false => None,
        };
        let key = match self.parse_key {
            true => self.before(&mut rest, &self.key_separator, "key separator", line)?,
            false => None,
        };
        let headers = match headers.filter(|headers| !self.is_null(headers)) {
            Some(headers) => self.headers(headers)?,
            None => Vec::new(),
        };
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        Ok(ProducerRecord {
            topic: self.topic.clone(),
            partition: None,
            timestamp: None,
            key: key.filter(|key| !self.is_null(key)).map(bytes),
            value: Some(rest).filter(|value| !self.is_null(value)).map(bytes),
            headers,
        })
    }

    fn is_null(&self, text: &str) -> bool {
        self.null_marker.as_deref() == Some(text)
    }

    /// Takes what stands before `separator` off `rest`.
    fn before<'a>(
        &self,
        rest: &mut &'a str,
        separator: &str,
        what: &str,
        line: &str,
    ) -> Result<Option<&'a str>, Failure> {
        match rest.split_once(separator) {
            Some((before, after)) => {
                *rest = after;
                Ok(Some(before))
            }
            None if self.ignore_error => Ok(None),
            None => Err(self.failure(format!(
                "No {what} found on line number {}: '{line}'",
                self.line_number
            ))),
        }
    }

    fn headers(&self, text: &str) -> Result<Vec<Header>, Failure> {
        let mut headers = Vec::new();
        for pair in text.split(self.headers_separator.as_str()) {
            let (key, value) = match pair.split_once(self.headers_key_separator.as_str()) {
                Some((key, value)) => (key, Some(value)),
                None if self.ignore_error => (pair, None),
                None => {
                    return Err(self.failure(format!(
                        "No header key separator found in pair '{pair}' on line number {}",
                        self.line_number
                    )));
                }
            };
            if self.is_null(key) {
                return Err(self.failure(format!(
                    "Header keys should not be equal to the null marker '{key}' as they can't be null"
                )));
            }
            headers.push(Header {
                key: key.to_owned(),
                value: value
                    .filter(|value| !self.is_null(value))
                    .map(|value| Bytes::copy_from_slice(value.as_bytes())),
            });
        }
        Ok(headers)
    }

    fn failure(&self, message: String) -> Failure {
        // A pasted line may be long; the message is for reading.
        let shown = crate::screen::prefix(&message, 4096);
        Failure::new("org.apache.kafka.common.KafkaException", shown)
    }
}

#[cfg(test)]
mod tests {
    use super::LineReader;

    fn reader(properties: &[(&str, &str)]) -> LineReader {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        LineReader::new("t", &properties.iter().map(own).collect::<Vec<_>>())
    }

    #[test]
    fn keys_headers_and_nulls() {
        let mut reader = reader(&[
            ("parse.key", "true"),
            ("parse.headers", "true"),
            ("null.marker", "NULL"),
        ]);
        let record = reader.record("a:1,b:NULL\tk\tv\tw").unwrap();
        assert_eq!(record.key.as_deref(), Some(&b"k"[..]));
        assert_eq!(record.value.as_deref(), Some(&b"v\tw"[..]));
        assert_eq!(record.headers.len(), 2);
        assert_eq!(record.headers[1].value, None);
        let record = reader.record("NULL\tNULL\tNULL").unwrap();
        assert_eq!(
            (record.key, record.value, record.headers.len()),
            (None, None, 0)
        );
        let failure = reader.record("x\ty").unwrap_err();
        assert_eq!(
            failure.message,
            "No key separator found on line number 3: 'x\ty'"
        );
    }

    #[test]
    fn an_empty_separator_and_ignored_errors() {
        let mut empty = reader(&[("parse.key", "true"), ("key.separator", "")]);
        let record = empty.record("kv").unwrap();
        assert_eq!(record.key.as_deref(), Some(&b""[..]));
        assert_eq!(record.value.as_deref(), Some(&b"kv"[..]));
        let mut ignoring = reader(&[("parse.key", "true"), ("ignore.error", "true")]);
        assert_eq!(ignoring.record("kv").unwrap().key, None);
    }
}
