//! What stands before every request and response.

use serde::Serialize;

use crate::error::{DecodeErrorKind, Fault};
use crate::wire::{Reader, Value, Writer};

/// The header of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct RequestHeader {
    /// Which request it is.
    pub api_key: i16,
    /// In which version it and its response are written.
    pub api_version: i16,
    /// Chosen by the client; the response carries it back.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<String>,
}

impl RequestHeader {
    /// Reads the part that all versions share; the tagged fields of version 2 come after it.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        // The client id keeps its old notation in every header version, so that a broker can read
        // it before it knows whether it speaks the request's version.
        reader.set_version(0, false);
        reader.traced("api_key", &mut self.api_key, false)?;
        reader.traced("api_version", &mut self.api_version, false)?;
        reader.traced("correlation_id", &mut self.correlation_id, false)?;
        reader.traced("client_id", &mut self.client_id, true)
    }

    pub(crate) fn write(&self, writer: &mut Writer, flexible: bool) {
        writer.set_flexible(false);
        self.api_key.write(writer, false);
        self.api_version.write(writer, false);
        self.correlation_id.write(writer, false);
        self.client_id.write(writer, true);
        writer.set_flexible(flexible);
        writer.no_tags();
    }
}

/// Reads a response's header: the correlation id, and tagged fields where `flexible`.
pub(crate) fn read_response_header(reader: &mut Reader<'_>, flexible: bool) -> Result<i32, Fault> {
    let mut correlation_id = 0;
    reader.set_version(0, flexible);
    reader.traced("correlation_id", &mut correlation_id, false)?;
    reader.skip_tags()?;
    Ok(correlation_id)
}

/// Reads a leading 16-bit version, which must lie in `first..=last`.
pub(crate) fn read_version(reader: &mut Reader<'_>, first: i16, last: i16) -> Result<i16, Fault> {
    let at = reader.offset();
    let mut version = 0;
    reader.traced("version", &mut version, false)?;
    if first <= version && version <= last {
        Ok(version)
    } else {
        Err(Fault::new(
            DecodeErrorKind::UnsupportedVersion { version },
            at,
        ))
    }
}
