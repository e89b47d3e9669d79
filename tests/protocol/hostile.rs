//! Bytes that mean harm: false lengths, cuts, flipped bits.

use allocation_counter::measure;
use bytes::Bytes;
use protocol::metadata_records::MetadataRecord;
use protocol::{
    ApiKey, DecodeError, DecodeErrorKind, Request, RequestHeader, Response, trace_request,
    trace_response,
};

use crate::bytes::{Dice, Values};
use crate::conformance::{Case, PAIRS, cases};

/// What a decode may allocate: some room for errors, and a struct for each few bytes.
fn allowed(frame: &Bytes) -> u64 {
    4096 + 512 * frame.len() as u64
}

/// Reads a frame, and holds what that allocates against the frame's size.
fn read(case: &Case, frame: &Bytes) -> Result<(), DecodeError> {
    let mut outcome = Ok(());
    let used = measure(|| {
        let read = if case.is_request() {
            Request::decode(frame).map(drop)
        } else {
            Response::decode(case.spec.key, case.version, frame).map(drop)
        };
        outcome = read;
    });
    let bytes = used.bytes_max;
    assert!(
        bytes <= allowed(frame),
        "{} took {bytes} for {}",
        case.name(),
        frame.len()
    );
    outcome
}

/// Every place of a message where a length can stand, with this one in it and little behind.
/// Says too where it ends, and whether null is allowed there.
fn claims(case: &Case, length: i64) -> impl Iterator<Item = (Bytes, usize, bool)> {
    (0..).map_while(move |position| {
        let writer = case.write(Values::Claim { position, length });
        let frame = Bytes::from([&writer.out[..], &[0; 16]].concat());
        writer
            .stopped
            .then_some((frame, writer.out.len(), writer.nullable))
    })
}

#[test]
fn a_false_length_anywhere_is_found_and_allocates_nothing() {
    let mut count = 0;
    for case in cases() {
        for length in [2_000_000_000, 40_000, 17] {
            for (frame, _, _) in claims(&case, length) {
                let outcome = read(&case, &frame).map_err(|e| e.kind);
                let claimed = Err(DecodeErrorKind::LengthOutOfBounds { claimed: length });
                let capped = Err(DecodeErrorKind::LengthOutOfBounds { claimed: 32_767 });
                assert!(
                    outcome == claimed || outcome == capped,
                    "{} {outcome:?}",
                    case.name()
                );
                count += 1;
            }
        }
    }
    assert!(count > 10 * PAIRS, "{count}");
}

#[test]
fn null_is_taken_only_where_the_version_allows_it() {
    let (mut allowed, mut refused) = (0, 0);
    for case in cases() {
        for (frame, end, nullable) in claims(&case, -1) {
            // The zeros behind a null may well be nulls that are refused.
            let refusal = read(&case, &frame).err();
            let is_refused = refusal
                .is_some_and(|e| e.kind == DecodeErrorKind::UnexpectedNull && e.offset < end);
            assert_eq!(is_refused, !nullable, "{}", case.name());
            *if nullable { &mut allowed } else { &mut refused } += 1;
        }
    }
    assert!(
        allowed > PAIRS / 2 && refused > PAIRS,
        "{allowed} {refused}"
    );
}

#[test]
fn a_tagged_field_keeps_to_its_room() {
    // ApiVersions v3: no error, no APIs, no throttling, one tagged field.
    let response = |tag: &[u8]| {
        let mut bytes = vec![0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 1];
        bytes.extend(tag);
        match Response::decode(18, 3, &Bytes::from(bytes)) {
            Ok((7, Response::ApiVersions(body))) => Ok(body.finalized_features_epoch),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.kind),
        }
    };
    assert_eq!(response(&[1, 8, 0, 0, 0, 0, 0, 0, 0, 5]), Ok(5));
    assert_eq!(response(&[99, 3, 1, 2, 3]), Ok(-1));
    let too_small = [1, 4, 0, 0, 0, 0, 0, 0, 0, 5];
    assert_eq!(
        response(&too_small),
        Err(DecodeErrorKind::Truncated { missing: 4 })
    );
    let too_large = [1, 9, 0, 0, 0, 0, 0, 0, 0, 5];
    assert_eq!(
        response(&too_large),
        Err(DecodeErrorKind::LengthOutOfBounds { claimed: 9 })
    );
    let twice = [3, 1, 1, 3, 1, 0];
    let mut repeated = vec![0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 2];
    repeated.extend(twice);
    let error = Response::decode(18, 3, &Bytes::from(repeated)).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::TagOutOfOrder { tag: 3 });
    // Two tags, the first with a byte more than its value needs.
    let mut roomy = vec![0, 0, 0, 7, 0, 0, 1, 0, 0, 0, 0, 2];
    roomy.extend([1, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0xff, 3, 1, 1]);
    let (_, read) = Response::decode(18, 3, &Bytes::from(roomy)).unwrap();
    let Response::ApiVersions(body) = read else {
        panic!("{read:?}")
    };
    assert_eq!(
        (body.finalized_features_epoch, body.zk_migration_ready),
        (5, true)
    );
}

#[test]
fn a_frame_cut_at_any_byte_is_an_error() {
    for case in cases() {
        let frame = case.frame(Values::Random(Dice::new(5)));
        assert_eq!(read(&case, &frame), Ok(()), "{}", case.name());
        for end in 0..frame.len() {
            assert!(
                read(&case, &frame.slice(..end)).is_err(),
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
            let _ = read(&case, &bytes);
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
