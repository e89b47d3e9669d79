//! What the fuzz targets share.

pub mod script;

use bytes::Bytes;
use protocol::{ApiKey, ApiSpec, Request, RequestHeader};
use records::{BatchBuilder, BatchOptions, Record, RecordHeader};

/// An API that is spoken here, by any number.
pub fn api(number: u8) -> ApiSpec {
    ApiKey::ALL[usize::from(number) % ApiKey::ALL.len()]
}

/// One of an API's versions, by any number.
pub fn version(spec: &ApiSpec, number: u8) -> i16 {
    let count = spec.max_version - spec.min_version + 1;
    spec.min_version + i16::from(number) % count
}

/// A frame of an API in a version with any body: what a client would send that knows the header and
/// nothing else.
pub fn frame(spec: &ApiSpec, version: i16, correlation_id: i32, body: &[u8]) -> Bytes {
    let mut bytes = Vec::with_capacity(body.len() + 16);
    bytes.extend_from_slice(&spec.key.to_be_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(&correlation_id.to_be_bytes());
    bytes.extend_from_slice(&1_i16.to_be_bytes());
    bytes.push(b'f');
    if version >= spec.flexible_from {
        bytes.push(0);
    }
    bytes.extend_from_slice(body);
    Bytes::from(bytes)
}

/// The body of a request, as [`frame`] takes it.
pub fn body(request: &Request, version: i16) -> Vec<u8> {
    let spec = request.api().spec();
    let header = RequestHeader {
        api_key: spec.key,
        api_version: version,
        correlation_id: 0,
        client_id: Some("f".into()),
    };
    let whole = request.encode(&header);
    whole[frame(&spec, version, 0, &[]).len()..].to_vec()
}

/// A small batch of good records.
pub fn batch(options: BatchOptions) -> Bytes {
    let mut batch = BatchBuilder::new(options);
    let header = RecordHeader {
        key: "h",
        value: Some(b"x"),
    };
    for (key, value) in [
        (Some(&b"k"[..]), Some(&b"value"[..])),
        (None, Some(b"")),
        (Some(b""), None),
    ] {
        let record = Record {
            timestamp: 1_700_000_000_000,
            key,
            value,
            headers: &[header],
        };
        batch.append(&record).expect("a small record");
    }
    batch.build()
}
