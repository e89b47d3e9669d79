//! How values become bytes and back: one schema row per field drives decode, encode and trace alike.
//!
//! A message struct hands its fields, in wire order, to [`Reader::structure`] or
//! [`Writer::structure`] together with its schema rows; everything about versions, nulls, compact
//! lengths and tagged fields is decided there, once, so the code generated per message stays tiny.

mod reader;
mod schema;
mod table;
mod trace;
mod value;
mod writer;

pub use reader::Reader;
pub use schema::{Field, Initial, Versions};
pub(crate) use table::{initial, messages, tag, versions};
pub use trace::FieldSpan;
pub(crate) use trace::Tracer;
pub use value::{Kind, Value, Wire};
pub use writer::Writer;
