//! From a record to text: the console consumer's formatter and its deserializers.

use bytes::Bytes;
use client::event::ConsumerRecord;
use serde::Serialize;

use super::options::Failure;

/// How records become text; names are those of `--formatter-property`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Formatter {
    silent: bool,
    timestamp: bool,
    partition: bool,
    offset: bool,
    delivery: bool,
    epoch: bool,
    headers: bool,
    key: bool,
    value: bool,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null_literal: String,
    key_type: Type,
    value_type: Type,
    headers_type: Type,
    /// Deserializers that do not exist.
    pub(crate) unknown: Vec<String>,
}

/// What bytes are read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Type {
    /// Bytes as they are, shown as text.
    Text,
    /// `Bytes`: what is not printable as `\xNN`.
    Bytes,
    Short,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Uuid,
}

impl Type {
    fn of(class: &str) -> Option<Type> {
        Some(match class.rsplit('.').next().unwrap_or_default() {
            "StringDeserializer" | "ByteArrayDeserializer" | "ByteBufferDeserializer" => Type::Text,
            "BytesDeserializer" => Type::Bytes,
            "ShortDeserializer" => Type::Short,
            "IntegerDeserializer" => Type::Integer,
            "LongDeserializer" => Type::Long,
            "FloatDeserializer" => Type::Float,
            "DoubleDeserializer" => Type::Double,
            "BooleanDeserializer" => Type::Boolean,
            "UUIDDeserializer" => Type::Uuid,
            _ => return None,
        })
    }

    fn text(self, bytes: &Bytes) -> Result<String, Failure> {
        let wrong = |name: &str, size: usize| {
            Failure::new(
                "org.apache.kafka.common.errors.SerializationException",
                format!("Size of data received by {name} is not {size}"),
            )
        };
        let bytes = bytes.as_ref();
        Ok(match self {
            Type::Text => String::from_utf8_lossy(bytes).into_owned(),
            Type::Bytes => bytes.iter().map(|byte| printable(*byte)).collect(),
            Type::Short => {
                i16::from_be_bytes(exact(bytes).ok_or_else(|| wrong("ShortDeserializer", 2))?)
                    .to_string()
            }
            Type::Integer => {
                i32::from_be_bytes(exact(bytes).ok_or_else(|| wrong("IntegerDeserializer", 4))?)
                    .to_string()
            }
            Type::Long => {
                i64::from_be_bytes(exact(bytes).ok_or_else(|| wrong("LongDeserializer", 8))?)
                    .to_string()
            }
            Type::Float => java_float(f64::from(f32::from_be_bytes(
                exact(bytes).ok_or_else(|| wrong("Deserializer", 4))?,
            ))),
            Type::Double => java_float(f64::from_be_bytes(
                exact(bytes).ok_or_else(|| wrong("Deserializer", 8))?,
            )),
            Type::Boolean => match bytes {
                [0] => "false".to_owned(),
                [1] => "true".to_owned(),
                _ => return Err(wrong("BooleanDeserializer", 1)),
            },
            Type::Uuid => String::from_utf8_lossy(bytes).into_owned(),
        })
    }
}

fn exact<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn java_float(number: f64) -> String {
    format!("{number:?}")
}

fn printable(byte: u8) -> String {
    match byte {
        b'\\' => "\\\\".to_owned(),
        0x20..=0x7e => char::from(byte).to_string(),
        _ => format!("\\x{byte:02X}"),
    }
}

impl Formatter {
    /// The formatter of that class. `Err` is the class that does not exist.
    pub(crate) fn new(class: &str, properties: &[(String, String)]) -> Result<Formatter, String> {
        let silent = match class.rsplit('.').next().unwrap_or_default() {
            "DefaultMessageFormatter" | "LoggingMessageFormatter" => false,
            "NoOpMessageFormatter" => true,
            _ => return Err(class.to_owned()),
        };
        let mut formatter = Formatter {
            silent,
            timestamp: false,
            partition: false,
            offset: false,
            delivery: false,
            epoch: false,
            headers: false,
            key: false,
            value: true,
            key_separator: "\t".to_owned(),
            line_separator: "\n".to_owned(),
            headers_separator: ",".to_owned(),
            null_literal: "null".to_owned(),
            key_type: Type::Text,
            value_type: Type::Text,
            headers_type: Type::Text,
            unknown: Vec::new(),
        };
        for (name, value) in properties {
            formatter.set(name, value);
        }
        Ok(formatter)
    }

    fn set(&mut self, name: &str, value: &str) {
        let yes = value.trim().eq_ignore_ascii_case("true");
        match name {
            "print.timestamp" => self.timestamp = yes,
            "print.partition" => self.partition = yes,
            "print.offset" => self.offset = yes,
            "print.delivery" => self.delivery = yes,
            "print.epoch" => self.epoch = yes,
            "print.headers" => self.headers = yes,
            "print.key" => self.key = yes,
            "print.value" => self.value = yes,
            "key.separator" => self.key_separator = value.to_owned(),
            "line.separator" => self.line_separator = value.to_owned(),
            "headers.separator" => self.headers_separator = value.to_owned(),
            "null.literal" => self.null_literal = value.to_owned(),
            "key.deserializer" | "value.deserializer" | "headers.deserializer" => {
                let Some(kind) = Type::of(value) else {
                    self.unknown.push(value.to_owned());
                    return;
                };
                match name {
                    "key.deserializer" => self.key_type = kind,
                    "value.deserializer" => self.value_type = kind,
                    _ => self.headers_type = kind,
                }
            }
            _ => {}
        }
    }

    /// A record as text, its line separator included; empty if nothing of it is shown.
    pub(crate) fn text(&self, record: &ConsumerRecord) -> Result<String, Failure> {
        if self.silent {
            return Ok(String::new());
        }
        let mut columns = Vec::new();
        if self.timestamp {
            let kind = if record.log_append_time {
                "LogAppendTime"
            } else {
                "CreateTime"
            };
            columns.push(format!("{kind}:{}", record.timestamp));
        }
        if self.partition {
            columns.push(format!("Partition:{}", record.topic_partition.partition));
        }
        if self.offset {
            columns.push(format!("Offset:{}", record.offset));
        }
        // The tool rebuilds each record for its formatter without these two.
        if self.delivery {
            columns.push("Delivery:NOT_PRESENT".to_owned());
        }
        if self.epoch {
            columns.push("Epoch:NOT_PRESENT".to_owned());
        }
        if self.headers {
            columns.push(self.headers_text(record)?);
        }
        if self.key {
            columns.push(self.field(record.key.as_ref(), self.key_type)?);
        }
        if self.value {
            columns.push(self.field(record.value.as_ref(), self.value_type)?);
        }
        if columns.is_empty() {
            return Ok(String::new());
        }
        let mut text = columns.join(&self.key_separator);
        text.push_str(&self.line_separator);
        Ok(text)
    }

    fn headers_text(&self, record: &ConsumerRecord) -> Result<String, Failure> {
        if record.headers.is_empty() {
            return Ok("NO_HEADERS".to_owned());
        }
        let one = |header: &client::event::Header| {
            let value = self.field(header.value.as_ref(), self.headers_type)?;
            Ok(format!("{}:{value}", header.key))
        };
        let all: Result<Vec<String>, Failure> = record.headers.iter().map(one).collect();
        Ok(all?.join(&self.headers_separator))
    }

    fn field(&self, bytes: Option<&Bytes>, kind: Type) -> Result<String, Failure> {
        match bytes {
            None => Ok(self.null_literal.clone()),
            Some(bytes) => kind.text(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Type;

    #[test]
    fn deserializers_as_kafka_shows_them() {
        let text = |class: &str, bytes: &'static [u8]| {
            Type::of(class)
                .unwrap()
                .text(&Bytes::from_static(bytes))
                .map_err(|f| f.message)
        };
        assert_eq!(
            text("LongDeserializer", b"abcdefgh"),
            Ok("7017280452245743464".to_owned())
        );
        assert_eq!(
            text("x.LongDeserializer", b"a"),
            Err("Size of data received by LongDeserializer is not 8".to_owned())
        );
        assert_eq!(
            text("BytesDeserializer", b"a\x00\xff"),
            Ok("a\\x00\\xFF".to_owned())
        );
        assert_eq!(
            text("StringDeserializer", b"a\xff"),
            Ok("a\u{fffd}".to_owned())
        );
        assert_eq!(Type::of("foo.Bar"), None);
    }
}
