//! Where the parts of record batches lie within the frame that carries them.

use records::{Batch, Batches, RecordView};

use crate::wire::FieldSpan;

/// What stands before the records: names and sizes in bytes, in order.
const HEADER: [(&str, usize); 13] = [
    ("base_offset", 8),
    ("batch_length", 4),
    ("partition_leader_epoch", 4),
    ("magic", 1),
    ("crc", 4),
    ("attributes", 2),
    ("last_offset_delta", 4),
    ("base_timestamp", 8),
    ("max_timestamp", 8),
    ("producer_id", 8),
    ("producer_epoch", 2),
    ("base_sequence", 4),
    ("records_count", 4),
];

/// Gives every field called `records` the batches in it as children.
pub(crate) fn expand(spans: &mut [FieldSpan], frame: &[u8], flexible: bool) {
    for span in spans {
        if span.name == "records" {
            let bytes = frame.get(span.start..span.end).unwrap_or_default();
            let length = if flexible { compact_length(bytes) } else { 4 };
            let content = bytes.get(length..).unwrap_or_default();
            span.children = batches(content, span.start + length);
        } else {
            expand(&mut span.children, frame, flexible);
        }
    }
}

/// Size of a variable-length number.
fn compact_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte >= 0x80).count() + 1
}

/// Whole batches, up to the first damaged one; `start` is where `bytes` lie in the frame.
fn batches(bytes: &[u8], start: usize) -> Vec<FieldSpan> {
    let whole = Batches::new(bytes).map_while(Result::ok);
    whole
        .map(|batch| batch_span(&batch, start + offset(bytes, batch.bytes)))
        .collect()
}

fn batch_span(batch: &Batch<'_>, start: usize) -> FieldSpan {
    let mut children = header_spans(batch, start);
    // Compressed records have no place of their own in the frame: they are one field. A damaged
    // record ends the list.
    match batch.records() {
        Ok(records) => children.extend(
            records
                .map_while(Result::ok)
                .map(|record| record_span(&record, start + offset(batch.bytes, record.bytes))),
        ),
        Err(error) => children.push(FieldSpan {
            name: "records",
            start: children.last().map_or(start, |last| last.end),
            end: start + batch.bytes.len(),
            value: error.to_string(),
            children: Vec::new(),
        }),
    }
    let end = start + batch.bytes.len();
    FieldSpan {
        name: "RecordBatch",
        start,
        end,
        value: String::new(),
        children,
    }
}

fn header_spans(batch: &Batch<'_>, start: usize) -> Vec<FieldSpan> {
    let header = &batch.header;
    let values = [
        header.base_offset,
        header.batch_length.into(),
        header.partition_leader_epoch.into(),
        header.magic.into(),
        header.crc.into(),
        header.attributes.into(),
        header.last_offset_delta.into(),
        header.base_timestamp,
        header.max_timestamp,
        header.producer_id,
        header.producer_epoch.into(),
        header.base_sequence.into(),
        header.records_count.into(),
    ];
    let mut at = start;
    let mut spans = Vec::with_capacity(HEADER.len());
    for ((name, size), value) in HEADER.into_iter().zip(values) {
        let value = value.to_string();
        spans.push(FieldSpan {
            name,
            start: at,
            end: at + size,
            value,
            children: Vec::new(),
        });
        at += size;
    }
    spans
}

fn record_span(record: &RecordView<'_>, start: usize) -> FieldSpan {
    let part = |name, bytes: &[u8]| {
        let start = start + offset(record.bytes, bytes);
        let end = start + bytes.len();
        FieldSpan {
            name,
            start,
            end,
            value: text(bytes),
            children: Vec::new(),
        }
    };
    let mut children = Vec::new();
    children.extend(record.key.map(|key| part("key", key)));
    children.extend(record.value.map(|value| part("value", value)));
    for header in record.headers() {
        children.push(part("header_key", header.key));
        children.extend(header.value.map(|value| part("header_value", value)));
    }
    let end = start + record.bytes.len();
    FieldSpan {
        name: "Record",
        start,
        end,
        value: String::new(),
        children,
    }
}

/// How far into `outer` its part `inner` starts.
fn offset(outer: &[u8], inner: &[u8]) -> usize {
    inner.as_ptr().addr().saturating_sub(outer.as_ptr().addr())
}

/// Bytes as text where they are text, else how many.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => String::from(text),
        Err(_) => {
            let mut text = bytes.len().to_string();
            text.push_str(" bytes");
            text
        }
    }
}
