//! Records within a batch, borrowed from its bytes.

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::error::BatchError;
use crate::header::{BatchHeader, TimestampType};

/// One record. `Bytes::slice_ref` turns its parts into shared slices of the batch's `Bytes`.
#[derive(Debug, Clone, Copy)]
pub struct RecordView<'a> {
    /// Its offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970; the time of appending if the topic says so.
    pub timestamp: i64,
    /// Its key, if any.
    pub key: Option<&'a [u8]>,
    /// Its value; null deletes the key in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// All bytes of the record, its length before them too.
    pub bytes: &'a [u8],
    headers: Headers<'a>,
}

/// One header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderView<'a> {
    /// The key, by rights UTF-8; several headers may have the same.
    pub key: &'a [u8],
    /// The value, if any.
    pub value: Option<&'a [u8]>,
}

/// The headers of a record, in order.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    left: i32,
    cursor: Cursor<'a>,
}

/// Walks the records of a batch. After an error the walk is over.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    base_offset: i64,
    base_timestamp: i64,
    append_time: Option<i64>,
    left: i32,
    cursor: Cursor<'a>,
}

impl<'a> RecordView<'a> {
    /// The headers, in order.
    pub fn headers(&self) -> Headers<'a> {
        self.headers
    }
}

impl<'a> HeaderView<'a> {
    /// The key as text; bytes that are not UTF-8 are replaced.
    pub fn name(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.key)
    }
}

impl<'a> Headers<'a> {
    /// How many are left.
    pub fn len(&self) -> usize {
        usize::try_from(self.left).unwrap_or(0)
    }

    /// The headers not walked yet, as they stand in the record.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.left <= 0
    }

    fn parse(&mut self) -> Option<HeaderView<'a>> {
        self.left -= 1;
        let key = self.cursor.nullable()??;
        let value = self.cursor.nullable()?;
        Some(HeaderView { key, value })
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = HeaderView<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        // They were walked once when the record was read, so nothing is damaged here.
        if self.left > 0 { self.parse() } else { None }
    }
}

impl<'a> Records<'a> {
    pub(crate) fn new(header: &BatchHeader, records: &'a [u8]) -> Self {
        Self {
            base_offset: header.base_offset,
            base_timestamp: header.base_timestamp,
            append_time: match header.timestamp_type() {
                TimestampType::CreateTime => None,
                TimestampType::LogAppendTime => Some(header.max_timestamp),
            },
            left: header.records_count,
            cursor: Cursor::new(records),
        }
    }

    #[inline]
    fn parse(&mut self) -> Option<RecordView<'a>> {
        let mut whole = self.cursor;
        let length = usize::try_from(self.cursor.varint()?).ok()?;
        let mut body = Cursor::new(self.cursor.take(length)?);
        let size = whole.remaining().checked_sub(self.cursor.remaining())?;
        let _attributes = body.byte()?;
        let timestamp_delta = body.varlong()?;
        let offset_delta = body.varint()?;
        let key = body.nullable()?;
        let value = body.nullable()?;
        let headers = Headers {
            left: body.varint()?,
            cursor: body,
        };
        if end_of(headers)? != 0 {
            return None;
        }
        Some(RecordView {
            offset: self.base_offset.wrapping_add(i64::from(offset_delta)),
            timestamp: self
                .append_time
                .unwrap_or_else(|| self.base_timestamp.wrapping_add(timestamp_delta)),
            key,
            value,
            bytes: whole.take(size)?,
            headers,
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<RecordView<'a>, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            let trailing = self.cursor.remaining();
            self.cursor = Cursor::new(&[]);
            return (trailing > 0).then_some(Err(BatchError::TrailingBytes(trailing)));
        }
        self.left -= 1;
        let record = self.parse();
        if record.is_none() {
            self.left = 0;
            self.cursor = Cursor::new(&[]);
        }
        Some(record.ok_or(BatchError::InvalidRecord))
    }
}

/// Walks the headers to their end: how many bytes are left then.
#[inline]
fn end_of(mut headers: Headers<'_>) -> Option<usize> {
    if headers.left < 0 {
        return None;
    }
    while headers.left > 0 {
        headers.parse()?;
    }
    Some(headers.cursor.remaining())
}
