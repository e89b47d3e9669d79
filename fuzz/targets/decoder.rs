//! Frames and the structs inside other bytes: nothing panics, and what was read is written and read
//! again as the same.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use playground_fuzz::{api, frame, version};
use protocol::consumer_protocol::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use protocol::coordinator_records::CoordinatorKey;
use protocol::metadata_records::MetadataRecord;
use protocol::{Request, Response, Trace, Versioned, trace_request, trace_response};

fuzz_target!(|bytes: &[u8]| {
    let Some((head, body)) = bytes.split_at_checked(3) else {
        return;
    };
    let spec = api(head[1]);
    let version = version(&spec, head[2]);
    match head[0] % 4 {
        0 => request(&Bytes::copy_from_slice(body)),
        1 => request(&frame(&spec, version, 1, body)),
        2 => response(spec.key, version, &Bytes::copy_from_slice(body)),
        _ => inner(&Bytes::copy_from_slice(body)),
    }
});

fn request(frame: &Bytes) {
    spans_lie_within(&trace_request(frame), frame);
    let Ok((header, request)) = Request::decode(frame) else {
        return;
    };
    let again = request.encode(&header);
    assert_eq!(Request::decode(&again), Ok((header, request)));
}

fn response(key: i16, version: i16, frame: &Bytes) {
    spans_lie_within(&trace_response(key, version, frame), frame);
    let Ok((correlation_id, response)) = Response::decode(key, version, frame) else {
        return;
    };
    let again = response.encode(version, correlation_id);
    assert_eq!(
        Response::decode(key, version, &again),
        Ok((correlation_id, response))
    );
}

fn inner(bytes: &Bytes) {
    if let Ok(record) = MetadataRecord::decode(bytes) {
        assert_eq!(MetadataRecord::decode(&record.encode()), Ok(record));
    }
    if let Ok(key) = CoordinatorKey::decode(bytes) {
        assert_eq!(CoordinatorKey::decode(&key.encode()), Ok(key));
    }
    versioned::<ConsumerProtocolSubscription>(bytes);
    versioned::<ConsumerProtocolAssignment>(bytes);
}

fn versioned<T: Versioned + PartialEq + std::fmt::Debug>(bytes: &Bytes) {
    T::trace(bytes);
    if let Ok((version, value)) = T::decode(bytes) {
        let last = i16::from(T::VERSIONS.last);
        let version = version.min(last);
        assert_eq!(T::decode(&value.encode(version)), Ok((version, value)));
    }
}

fn spans_lie_within(trace: &Trace, frame: &Bytes) {
    for field in &trace.fields {
        let within = field.start <= field.end && field.end <= frame.len();
        assert!(within, "{field:?} ends behind the frame");
    }
}
