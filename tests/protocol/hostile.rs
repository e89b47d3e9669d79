//! Bytes that mean harm: false lengths, cuts, flipped bits.

use allocation_counter::measure;
use bytes::Bytes;
use protocol::metadata_records::MetadataRecord;
use protocol::{
    ApiKey, DecodeErrorKind, Request, RequestHeader, Response, trace_request, trace_response,
};

use crate::bytes::{Dice, Values};
use crate::conformance::{Case, PAIRS, cases};

/// What a decode may allocate: some room for errors, and a struct for each few bytes.
fn allowed(frame: &Bytes) -> u64 {
    4096 + 512 * frame.len() as u64
}

fn read(case: &Case, frame: &Bytes) -> bool {
    let mut sound = false;
    let used = measure(|| {
        sound = if case.is_request() {
            Request::decode(frame).is_ok()
        } else {
            Response::decode(case.spec.key, case.version, frame).is_ok()
        };
    });
    let bytes = used.bytes_max;
    assert!(
        bytes <= allowed(frame),
        "{} took {bytes} for {}",
        case.name(),
        frame.len()
    );
    sound
}

#[test]
fn a_false_length_anywhere_allocates_nothing() {
    let mut claims = 0;
    for case in cases() {
        for length in [2_000_000_000, 40_000, 17] {
            for position in 0.. {
                let writer = case.write(Values::Claim { position, length });
                if !writer.stopped {
                    break;
                }
                let mut bytes = writer.out;
                bytes.extend([0; 16]);
                assert!(
                    !read(&case, &Bytes::from(bytes)),
                    "{} {position}",
                    case.name()
                );
                claims += 1;
            }
        }
    }
    assert!(claims > 10 * PAIRS, "{claims}");
}

#[test]
fn a_frame_cut_at_any_byte_is_an_error() {
    for case in cases() {
        let frame = case.frame(Values::Random(Dice::new(5)));
        assert!(read(&case, &frame), "{}", case.name());
        for end in 0..frame.len() {
            assert!(
                !read(&case, &frame.slice(..end)),
                "{} cut at {end}",
                case.name()
            );
        }
    }
}

#[test]
fn flipped_bits_are_survived() {
    let mut dice = Dice::new(9);
    for case in cases() {
        let frame = case.frame(Values::Random(Dice::new(6)));
        for _ in 0..64 {
            let mut bytes = frame.to_vec();
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(bytes.len() as u64) as usize;
                bytes[at] ^= 1 << dice.roll(8);
            }
            let bytes = Bytes::from(bytes);
            read(&case, &bytes);
            if case.is_request() {
                trace_request(&bytes);
            } else {
                trace_response(case.spec.key, case.version, &bytes);
            }
        }
    }
}

#[test]
fn any_bytes_are_survived() {
    let mut dice = Dice::new(10);
    for _ in 0..20_000 {
        let length = dice.roll(64);
        let bytes: Bytes = (0..length).map(|_| dice.roll(256) as u8).collect();
        let _ = MetadataRecord::decode(&bytes);
        let _ = Request::decode(&bytes);
        let spec = ApiKey::ALL[dice.roll(ApiKey::ALL.len() as u64) as usize];
        let _ = Response::decode(spec.key, spec.max_version, &bytes);
    }
}

#[test]
fn an_unsupported_request_still_tells_who_asked_for_what() {
    let header = |api_key, api_version| RequestHeader {
        api_key,
        api_version,
        correlation_id: 9,
        client_id: Some("from the future".into()),
    };
    let frame = |header: &RequestHeader| {
        let mut bytes = Request::unset(ApiKey::Metadata).encode(header).to_vec();
        bytes[..2].copy_from_slice(&header.api_key.to_be_bytes());
        Bytes::from(bytes)
    };
    let newer = header(18, 99);
    let error = Request::decode(&frame(&newer)).unwrap_err();
    assert_eq!(
        error.kind,
        DecodeErrorKind::UnsupportedVersion { version: 99 }
    );
    assert_eq!(error.header, Some(newer));

    let unknown = header(999, 0);
    let error = Request::decode(&frame(&unknown)).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::UnsupportedApi { api_key: 999 });
    assert_eq!(error.header, Some(unknown));

    let error = Request::decode(&Bytes::from_static(&[0, 18, 0])).unwrap_err();
    assert_eq!(error.header, None);
}

#[test]
fn an_error_says_what_and_where() {
    // A header without client id, then two topics, the second of which has no name.
    let mut bytes = vec![
        0, 3, 0, 1, 0, 0, 0, 9, 0xff, 0xff, 0, 0, 0, 2, 0, 1, b'a', 0xff, 0xff,
    ];
    bytes.extend([0; 4]);
    let error = Request::decode(&Bytes::from(bytes)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "null where it is not allowed at byte 17 in topics[1].name"
    );
}
