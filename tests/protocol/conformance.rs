//! Every message in every version, byte for byte as Kafka's table says.

use bytes::Bytes;
use protocol::consumer_protocol::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};
use protocol::coordinator_records::{
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupKey, ConsumerGroupMemberKey,
    ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataValue,
    ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataValue, CoordinatorKey, GroupMetadataKey,
    GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::transaction_records::{TransactionLogKey, TransactionLogValue};
use protocol::{
    ApiKey, ApiSpec, FieldSpan, Request, RequestHeader, Response, Versioned, trace_request,
    trace_response,
};

use records::{BatchBuilder, BatchOptions, Record, RecordHeader};

use crate::bytes::{Dice, Span, Values, Writer};
use crate::schema::{Message, message_named, messages};

/// Requests and responses in each of their versions.
pub const PAIRS: usize = 460;
/// How often each is tried.
const TRIES: u64 = 24;

/// A message of the table in one version.
pub struct Case {
    pub spec: ApiSpec,
    pub message: Message,
    pub version: i16,
}

impl Case {
    pub fn is_request(&self) -> bool {
        self.message.kind == "request"
    }

    /// A frame with such values.
    pub fn write(&self, values: Values) -> Writer {
        let flexible = self.message.flexible.contains(self.version);
        let mut writer = Writer::new(values);
        if self.is_request() {
            writer.request_header(self.spec.key, self.version, flexible);
        } else {
            writer.response_header(flexible && self.spec.api != ApiKey::ApiVersions);
        }
        writer.body(&self.message, self.version);
        writer
    }

    pub fn frame(&self, values: Values) -> Bytes {
        Bytes::from(self.write(values).out)
    }

    /// Reads a frame and writes it again.
    pub fn rewrite(&self, frame: &Bytes) -> Result<Bytes, String> {
        if self.is_request() {
            let (header, request) = Request::decode(frame).map_err(|e| e.to_string())?;
            assert_eq!(header, header_of(self));
            assert_eq!(request.api(), self.spec.api);
            Ok(request.encode(&header))
        } else {
            let (correlation_id, response) =
                Response::decode(self.spec.key, self.version, frame).map_err(|e| e.to_string())?;
            assert_eq!(correlation_id, 77);
            Ok(response.encode(self.version, correlation_id))
        }
    }

    pub fn name(&self) -> String {
        format!("{} v{}", self.message.name, self.version)
    }
}

/// All requests and responses spoken here, in all versions.
pub fn cases() -> Vec<Case> {
    let table = messages();
    let mut cases = Vec::new();
    for spec in ApiKey::ALL {
        for message in table
            .iter()
            .filter(|m| m.key == Some(spec.key) && is_api(m))
        {
            for version in message.versions.first..=message.versions.last {
                cases.push(Case {
                    spec: *spec,
                    message: message.clone(),
                    version,
                });
            }
        }
    }
    cases
}

fn is_api(message: &Message) -> bool {
    message.kind == "request" || message.kind == "response"
}

fn header_of(case: &Case) -> RequestHeader {
    RequestHeader {
        api_key: case.spec.key,
        api_version: case.version,
        correlation_id: 77,
        client_id: Some("egg".into()),
    }
}

/// Compares spans; names only where the table has one (an array's elements have none).
fn assert_spans(name: &str, ours: &[FieldSpan], table: &[Span]) {
    assert_eq!(ours.len(), table.len(), "{name}: {ours:?} {table:?}");
    for (our, span) in ours.iter().zip(table) {
        let path = format!("{name}.{}", our.name);
        assert!(
            span.name.is_empty() || span.name == our.name,
            "{path} is {}",
            span.name
        );
        assert_eq!((our.start, our.end), (span.start, span.end), "{path}");
        assert_spans(&path, &our.children, &span.children);
    }
}

#[test]
fn the_table_of_apis_is_kafkas() {
    let table = messages();
    for spec in ApiKey::ALL {
        for kind in ["Request", "Response"] {
            let name = format!("{}{kind}", spec.name);
            let message = table.iter().find(|m| m.name == name).unwrap();
            assert_eq!(message.key, Some(spec.key), "{name}");
            assert_eq!(message.versions.first, spec.min_version, "{name}");
            assert_eq!(message.versions.last, spec.max_version, "{name}");
            let flexible = message.flexible.first;
            let never = !message.flexible.contains(flexible);
            assert_eq!(
                spec.flexible_from,
                if never { i16::MAX } else { flexible },
                "{name}"
            );
        }
        assert_eq!(ApiKey::from_key(spec.key), Some(spec.api));
        assert_eq!(spec.api.spec(), *spec);
    }
    for message in table.iter().filter(|m| m.kind == "request") {
        let name = ApiKey::name(message.key.unwrap());
        assert_eq!(format!("{name}Request"), message.name);
    }
    assert_eq!(ApiKey::name(999), "Unknown");
}

#[test]
fn every_message_is_read_and_written_as_the_table_says() {
    let cases = cases();
    assert_eq!(cases.len(), PAIRS);
    for case in cases {
        for seed in 0..TRIES {
            let frame = case.frame(Values::Random(Dice::new(seed)));
            let again = case
                .rewrite(&frame)
                .unwrap_or_else(|e| panic!("{} {e}", case.name()));
            assert_eq!(again, frame, "{} with seed {seed}", case.name());
        }
    }
}

#[test]
fn unset_fields_hold_what_the_table_says() {
    for case in cases() {
        let ours = if case.is_request() {
            Request::unset(case.spec.api).encode(&header_of(&case))
        } else {
            Response::unset(case.spec.api).encode(case.version, 77)
        };
        assert_eq!(ours, case.frame(Values::Unset), "{}", case.name());
    }
}

#[test]
fn a_trace_names_every_field_and_its_bytes() {
    for case in cases() {
        for seed in 0..4 {
            let writer = case.write(Values::Random(Dice::new(seed)));
            let frame = Bytes::from(writer.out);
            let trace = if case.is_request() {
                trace_request(&frame)
            } else {
                trace_response(case.spec.key, case.version, &frame)
            };
            assert_eq!(trace.error, None, "{}", case.name());
            let body = trace.fields.last().unwrap();
            assert_eq!(body.name, case.message.name);
            assert_eq!(body.end, frame.len());
            assert_spans(&case.name(), &body.children, &writer.spans);
        }
    }
}

/// The bytes of a produce request (in this version) that carries such batches.
fn produce_frame(version: i16, batches: &[Bytes]) -> Bytes {
    let partition = PartitionProduceData {
        index: 1,
        records: Some(batches.concat().into()),
    };
    let topic = TopicProduceData {
        name: "orders".into(),
        partition_data: vec![partition],
        ..TopicProduceData::default()
    };
    let topic_data = vec![topic];
    let request = ProduceRequest {
        topic_data,
        ..ProduceRequest::default()
    };
    let api_version = version;
    Request::from(request).encode(&RequestHeader {
        api_version,
        ..RequestHeader::default()
    })
}

#[test]
fn a_trace_reaches_into_record_batches() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let headers = [RecordHeader {
        key: "h",
        value: None,
    }];
    let (key, value) = (Some(&b"spam"[..]), Some(&b"\xff\xfe"[..]));
    builder
        .append(&Record {
            timestamp: 5,
            key: None,
            value: key,
            headers: &[],
        })
        .unwrap();
    builder
        .append(&Record {
            timestamp: 6,
            key,
            value,
            headers: &headers,
        })
        .unwrap();
    let good = builder.build();
    let mut gzip = good.to_vec();
    gzip[22] |= 1;
    for version in [3, 8, 9, 12] {
        let frame = produce_frame(
            version,
            &[good.clone(), gzip.clone().into(), good.slice(..70)],
        );
        let trace = trace_request(&frame);
        let leaves = leaves(&trace.fields);
        let told = |name: &str| -> Vec<(&str, &[u8])> {
            let named = leaves.iter().filter(|leaf| leaf.name == name);
            named
                .map(|leaf| (&*leaf.value, &frame[leaf.start..leaf.end]))
                .collect()
        };
        assert_eq!(told("key"), [("spam", &b"spam"[..])]);
        assert_eq!(
            told("value"),
            [("spam", &b"spam"[..]), ("2 bytes", b"\xff\xfe")]
        );
        assert_eq!(told("header_key"), [("h", &b"h"[..])]);
        assert_eq!(told("magic"), [("2", &[2][..]), ("2", &[2])]);
        assert_eq!(told("records_count")[0], ("2", &[0, 0, 0, 2][..]));
        assert_eq!(told("records"), [("compressed with gzip", &gzip[61..])]);
    }
}

fn leaves(spans: &[FieldSpan]) -> Vec<&FieldSpan> {
    let below = |span: &'_ FieldSpan| span.children.is_empty();
    let (ends, inner): (Vec<&FieldSpan>, Vec<&FieldSpan>) = spans.iter().partition(|s| below(s));
    ends.into_iter()
        .chain(inner.into_iter().flat_map(|span| leaves(&span.children)))
        .collect()
}

#[test]
fn a_damaged_frame_is_traced_as_far_as_it_goes() {
    let case = cases()
        .into_iter()
        .find(|c| c.name() == "MetadataRequest v12")
        .unwrap();
    let frame = case.frame(Values::Random(Dice::new(3)));
    let trace = trace_request(&frame.slice(..frame.len() - 1));
    assert!(trace.error.is_some());
    assert_eq!(trace.fields.last().unwrap().name, "MetadataRequest");
}

#[test]
fn bytes_after_the_last_field_are_tolerated() {
    for case in cases() {
        let frame = case.frame(Values::Random(Dice::new(1)));
        let longer = Bytes::from([&frame[..], &[1, 2, 3]].concat());
        assert_eq!(case.rewrite(&longer).unwrap(), frame, "{}", case.name());
    }
}

/// A struct with its version in front, in every version, with random and unset values.
fn check_versioned<T: Versioned + Default + std::fmt::Debug>(name: &str, versions: &[i16]) {
    let message = message_named(name);
    for &version in versions {
        let write = |values| {
            let mut writer = Writer::new(values);
            writer.out.extend(version.to_be_bytes());
            // The version of a key says what it is the key of; its fields never change.
            let layout = if message.kind == "coordinator-key" {
                0
            } else {
                version
            };
            writer.body(&message, layout);
            Bytes::from(writer.out)
        };
        for seed in 0..TRIES {
            let bytes = write(Values::Random(Dice::new(seed)));
            let (read, value) = T::decode(&bytes).unwrap_or_else(|e| panic!("{name} {e}"));
            assert_eq!(read, version);
            assert_eq!(value.encode(version), bytes, "{name} v{version} {value:?}");
        }
        assert_eq!(
            T::default().encode(version),
            write(Values::Unset),
            "{name} v{version}"
        );
    }
    let (first, last) = (T::VERSIONS.first.into(), T::VERSIONS.last.into());
    assert_eq!(
        (Some(&first), Some(&last)),
        (versions.first(), versions.last())
    );
    let newer = Bytes::from([&(last + 1).to_be_bytes()[..], &[0; 64]].concat());
    assert_eq!(T::decode(&newer).is_ok(), T::NEWER_READS_AS_LAST, "{name}");
}

#[test]
fn structs_within_other_bytes_are_as_the_table_says() {
    check_versioned::<ConsumerProtocolSubscription>("ConsumerProtocolSubscription", &[0, 1, 2, 3]);
    check_versioned::<ConsumerProtocolAssignment>("ConsumerProtocolAssignment", &[0, 1, 2, 3]);
    check_versioned::<OffsetCommitKey>("OffsetCommitKey", &[0, 1]);
    check_versioned::<OffsetCommitValue>("OffsetCommitValue", &[0, 1, 2, 3, 4]);
    check_versioned::<GroupMetadataKey>("GroupMetadataKey", &[2]);
    check_versioned::<GroupMetadataValue>("GroupMetadataValue", &[0, 1, 2, 3, 4]);
    check_versioned::<TransactionLogKey>("TransactionLogKey", &[0]);
    check_versioned::<TransactionLogValue>("TransactionLogValue", &[0, 1]);
}

#[test]
fn records_of_groups_of_the_consumer_protocol_are_as_the_table_says() {
    check_versioned::<ConsumerGroupKey>("ConsumerGroupMetadataKey", &[3, 4, 5, 6]);
    let kinds: Vec<i16> = (5..=16).collect();
    check_versioned::<ConsumerGroupMemberKey>("ConsumerGroupMemberMetadataKey", &kinds);
    check_versioned::<ConsumerGroupMetadataValue>("ConsumerGroupMetadataValue", &[0]);
    check_versioned::<ConsumerGroupMemberMetadataValue>("ConsumerGroupMemberMetadataValue", &[0]);
    check_versioned::<ConsumerGroupTargetAssignmentMetadataValue>(
        "ConsumerGroupTargetAssignmentMetadataValue",
        &[0],
    );
    check_versioned::<ConsumerGroupTargetAssignmentMemberValue>(
        "ConsumerGroupTargetAssignmentMemberValue",
        &[0],
    );
    check_versioned::<ConsumerGroupCurrentMemberAssignmentValue>(
        "ConsumerGroupCurrentMemberAssignmentValue",
        &[0],
    );
    check_versioned::<ConsumerGroupRegularExpressionValue>(
        "ConsumerGroupRegularExpressionValue",
        &[0],
    );
}

#[test]
fn the_version_of_a_key_says_what_the_record_is_about() {
    let keys = [
        ("ConsumerGroupMetadataKey", false),
        ("ConsumerGroupPartitionMetadataKey", false),
        ("ConsumerGroupMemberMetadataKey", true),
        ("ConsumerGroupTargetAssignmentMetadataKey", false),
        ("ConsumerGroupTargetAssignmentMemberKey", true),
        ("ConsumerGroupCurrentMemberAssignmentKey", true),
        ("ConsumerGroupRegularExpressionKey", true),
    ];
    let mut seen = Vec::new();
    for (name, of_member) in keys {
        let message = message_named(name);
        let mut bytes = message.key.unwrap().to_be_bytes().to_vec();
        bytes.extend([0, 1, b'g']);
        if of_member {
            bytes.extend([0, 2, b'm', b'1']);
        }
        let bytes = Bytes::from(bytes);
        let key = CoordinatorKey::decode(&bytes).unwrap();
        assert_eq!(key.encode(), bytes, "{name}");
        assert!(
            format!("{key:?}").starts_with(name.trim_end_matches("Key")),
            "{name} is read as {key:?}"
        );
        seen.push(key);
    }
    seen.dedup();
    assert_eq!(seen.len(), keys.len());
}
