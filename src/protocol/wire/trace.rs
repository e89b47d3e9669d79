//! Where each field of a frame lies: what the wire view shows.

use serde::Serialize;

/// One field of a decoded frame with the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldSpan {
    /// The field's name; for an element of an array, what one element is called.
    pub name: &'static str,
    /// Offset of its first byte in the frame; the length before a string or array belongs to it.
    pub start: usize,
    /// Offset after its last byte.
    pub end: usize,
    /// Its value in a few characters; empty for a struct.
    pub value: String,
    /// What it is made of, in wire order.
    pub children: Vec<FieldSpan>,
}

/// Builds the tree while a reader walks the bytes.
#[derive(Default)]
pub(crate) struct Tracer {
    done: Vec<FieldSpan>,
    open: Vec<FieldSpan>,
}

impl Tracer {
    pub(crate) fn open(&mut self, name: &'static str, start: usize) {
        let value = String::new();
        self.open.push(FieldSpan {
            name,
            start,
            end: start,
            value,
            children: Vec::new(),
        });
    }

    pub(crate) fn close(&mut self, end: usize, value: String) {
        let Some(mut span) = self.open.pop() else {
            return;
        };
        span.end = end;
        span.value = value;
        self.open
            .last_mut()
            .map_or(&mut self.done, |parent| &mut parent.children)
            .push(span);
    }

    /// The finished top-level spans.
    pub(crate) fn finish(self) -> Vec<FieldSpan> {
        self.done
    }
}
