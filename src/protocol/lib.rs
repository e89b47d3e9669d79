//! Kafka's wire protocol: every message in every version, declared once.
//!
//! - [`messages`]: the tables, one file per API; each row is a field with its versions.
//! - [`Request`], [`Response`]: frames to structs and back; [`ApiKey`]: what is spoken, in which versions.
//! - [`trace_request`], [`trace_response`]: where each field of a frame lies, from the same decode.
//! - [`ErrorCode`]: the error table.
//! - [`consumer_protocol`], [`coordinator_records`], [`transaction_records`], [`metadata_records`]:
//!   structs inside other bytes.
//!
//! Decoding is bounded: it never allocates by a length that the bytes merely claim.

mod api;
mod batch_trace;
pub mod consumer_protocol;
pub mod coordinator_records;
mod error;
mod error_code;
mod frame;
mod header;
pub mod messages;
pub mod metadata_records;
mod names;
pub mod transaction_records;
mod uuid;
mod versioned;
mod wire;

pub use api::{ApiKey, ApiSpec, Request, Response};
pub use error::{DecodeError, DecodeErrorKind};
pub use error_code::ErrorCode;
pub use frame::{Trace, trace_request, trace_response};
pub use header::RequestHeader;
pub use uuid::{Uuid, UuidParseError};
pub use versioned::Versioned;
pub use wire::{FieldSpan, Versions};
