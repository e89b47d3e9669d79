//! Frames to structs and back, and where the fields of a frame lie.

use bytes::Bytes;

use crate::api::{ApiKey, ApiSpec, Request, Response};
use crate::batch_trace;
use crate::error::{DecodeError, DecodeErrorKind, Fault};
use crate::header::{RequestHeader, read_response_header};
use crate::wire::{FieldSpan, Reader, Tracer, Writer};

/// Where the fields of a frame lie; if the frame is damaged, up to where it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The header, then the body.
    pub fields: Vec<FieldSpan>,
    /// What stopped the reading.
    pub error: Option<DecodeError>,
}

impl Request {
    /// Its number on the wire.
    pub fn api_key(&self) -> i16 {
        self.api().key()
    }

    /// Reads a frame (without its 4-byte length). Bytes after the last field are tolerated.
    pub fn decode(frame: &Bytes) -> Result<(RequestHeader, Request), DecodeError> {
        read_request(&mut Reader::new(frame, 0, false))
    }

    /// Writes a frame (without its 4-byte length) in the header's version. The header's `api_key`
    /// is taken from the request. Fields that the version does not have are left out.
    pub fn encode(&self, header: &RequestHeader) -> Bytes {
        let spec = self.api().spec();
        let version = header.api_version;
        let mut writer = Writer::for_frame(version, false);
        let header = RequestHeader {
            api_key: spec.key,
            ..header.clone()
        };
        header.write(&mut writer, spec.is_flexible(version));
        self.body().write(&mut writer, false);
        writer.finish()
    }
}

impl Response {
    /// Its number on the wire.
    pub fn api_key(&self) -> i16 {
        self.api().key()
    }

    /// Writes a frame (without its 4-byte length) in the version of the request it answers.
    /// Fields that the version does not have are left out.
    pub fn encode(&self, version: i16, correlation_id: i32) -> Bytes {
        let spec = self.api().spec();
        let mut writer = Writer::for_frame(version, spec.has_flexible_response_header(version));
        writer.put(&correlation_id.to_be_bytes());
        writer.no_tags();
        writer.set_flexible(spec.is_flexible(version));
        self.body().write(&mut writer, false);
        writer.finish()
    }

    /// Reads a frame (without its 4-byte length) that answers a request of this API and version;
    /// gives the correlation id too. Bytes after the last field are tolerated.
    pub fn decode(
        api_key: i16,
        version: i16,
        frame: &Bytes,
    ) -> Result<(i32, Response), DecodeError> {
        read_response(api_key, version, &mut Reader::new(frame, 0, false))
    }
}

/// Where the fields of a request's frame lie.
pub fn trace_request(frame: &Bytes) -> Trace {
    let mut reader = Reader::new(frame, 0, false).with_tracer(Some(Tracer::default()));
    let error = read_request(&mut reader).err();
    finish(reader, frame, error)
}

/// Where the fields of a response's frame lie.
pub fn trace_response(api_key: i16, version: i16, frame: &Bytes) -> Trace {
    let mut reader = Reader::new(frame, 0, false).with_tracer(Some(Tracer::default()));
    let error = read_response(api_key, version, &mut reader).err();
    finish(reader, frame, error)
}

fn finish(reader: Reader<'_>, frame: &Bytes, error: Option<DecodeError>) -> Trace {
    let flexible = reader.is_flexible();
    let mut fields = reader.into_spans();
    batch_trace::expand(&mut fields, frame, flexible);
    Trace { fields, error }
}

fn read_request(reader: &mut Reader<'_>) -> Result<(RequestHeader, Request), DecodeError> {
    let mut header = RequestHeader::default();
    reader.open("RequestHeader");
    let outcome = header.read(reader);
    reader.close(String::new());
    outcome.map_err(|fault| fault.into_error(None))?;
    match read_request_body(&header, reader) {
        Ok(request) => Ok((header, request)),
        Err(fault) => Err(fault.into_error(Some(header))),
    }
}

fn read_request_body(header: &RequestHeader, reader: &mut Reader<'_>) -> Result<Request, Fault> {
    let spec = supported(header.api_key, header.api_version)?;
    reader.set_version(header.api_version, spec.is_flexible(header.api_version));
    reader.skip_tags()?;
    let mut request = Request::unset(spec.api);
    let (name, body) = request.body_mut();
    reader.traced(name, body, false)?;
    Ok(request)
}

fn read_response(
    api_key: i16,
    version: i16,
    reader: &mut Reader<'_>,
) -> Result<(i32, Response), DecodeError> {
    read_response_parts(api_key, version, reader).map_err(|fault| fault.into_error(None))
}

fn read_response_parts(
    api_key: i16,
    version: i16,
    reader: &mut Reader<'_>,
) -> Result<(i32, Response), Fault> {
    let spec = supported(api_key, version)?;
    reader.open("ResponseHeader");
    let outcome = read_response_header(reader, spec.has_flexible_response_header(version));
    reader.close(String::new());
    let correlation_id = outcome?;
    reader.set_version(version, spec.is_flexible(version));
    let mut response = Response::unset(spec.api);
    let (name, body) = response.body_mut();
    reader.traced(name, body, false)?;
    Ok((correlation_id, response))
}

fn supported(api_key: i16, version: i16) -> Result<ApiSpec, Fault> {
    let Some(api) = ApiKey::from_key(api_key) else {
        return Err(Fault::new(DecodeErrorKind::UnsupportedApi { api_key }, 0));
    };
    let spec = api.spec();
    if spec.speaks(version) {
        Ok(spec)
    } else {
        Err(Fault::new(
            DecodeErrorKind::UnsupportedVersion { version },
            2,
        ))
    }
}
