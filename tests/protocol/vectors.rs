//! Bytes and facts from the Java client.

use bytes::Bytes;
use protocol::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, TopicPartition,
};
use protocol::metadata_records::MetadataRecord;
use protocol::{ErrorCode, Versioned};
use records::{
    Assignment, Batch, BatchBuilder, BatchOptions, Batches, Codec, Compression, Marker, Outcome,
    Record, RecordHeader, TimestampType, assign, open,
};
use serde_json::Value;

use crate::schema::{snake, vector};

fn json(name: &str) -> Vec<Value> {
    serde_json::from_str(&vector(name)).unwrap()
}

fn hex(value: &Value) -> Option<Vec<u8>> {
    let text = value.as_str()?;
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    Some((0..text.len()).step_by(2).map(digit).collect())
}

fn bytes(value: &Value) -> Bytes {
    Bytes::from(hex(value).unwrap())
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Batches of records (the rest are markers).
fn batches() -> (Vec<Value>, Vec<Value>) {
    json("record-batches.json")
        .into_iter()
        .partition(|v| v.get("control").is_none())
}

fn assert_header(vector: &Value, batch: &Batch<'_>) {
    let header = &batch.header;
    let expected = |name: &str| number(&vector[name]);
    assert_eq!(header.base_offset, expected("base_offset"));
    assert_eq!(header.last_offset(), expected("last_offset"));
    assert_eq!(
        i64::from(header.partition_leader_epoch),
        expected("leader_epoch")
    );
    assert_eq!(header.producer_id, expected("producer_id"));
    assert_eq!(i64::from(header.producer_epoch), expected("producer_epoch"));
    assert_eq!(i64::from(header.base_sequence), expected("base_sequence"));
    assert_eq!(header.max_timestamp, expected("max_timestamp"));
    assert_eq!(i64::from(header.crc), expected("crc"));
    assert_eq!(header.is_transactional(), vector["transactional"]);
    assert_eq!(
        header.records_count as usize,
        vector["records"].as_array().unwrap().len()
    );
    let clock = match header.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    };
    assert_eq!(clock, vector["timestamp_type"]);
    assert_eq!(header.codec().unwrap().name(), vector["codec"]);
}

/// Builds the batch that the vector describes.
fn build(vector: &Value) -> Bytes {
    let log_append = vector["timestamp_type"] == "LogAppendTime";
    let mut builder = BatchBuilder::new(BatchOptions {
        base_offset: number(&vector["base_offset"]),
        partition_leader_epoch: number(&vector["leader_epoch"]) as i32,
        producer_id: number(&vector["producer_id"]),
        producer_epoch: number(&vector["producer_epoch"]) as i16,
        base_sequence: number(&vector["base_sequence"]) as i32,
        transactional: vector["transactional"] == true,
        control: false,
        log_append_time: log_append.then(|| number(&vector["max_timestamp"])),
        compression: Compression::new(Codec::named(vector["codec"].as_str().unwrap()).unwrap()),
        delete_horizon: None,
    });
    for record in vector["records"].as_array().unwrap() {
        let (key, value) = (hex(&record["key_hex"]), hex(&record["value_hex"]));
        let headers: Vec<(&str, Option<Vec<u8>>)> = record["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), hex(&pair[1])))
            .collect();
        let headers: Vec<RecordHeader<'_>> = headers
            .iter()
            .map(|(key, value)| RecordHeader {
                key,
                value: value.as_deref(),
            })
            .collect();
        builder
            .append(&Record {
                timestamp: number(&record["timestamp"]),
                key: key.as_deref(),
                value: value.as_deref(),
                headers: &headers,
            })
            .unwrap();
    }
    builder.build()
}

fn assert_records(vector: &Value, batch: &Batch<'_>) {
    let records: Vec<_> = batch.records().unwrap().map(Result::unwrap).collect();
    let expected = vector["records"].as_array().unwrap();
    assert_eq!(records.len(), expected.len());
    for (index, (record, expected)) in records.iter().zip(expected).enumerate() {
        assert_eq!(record.offset, number(&vector["base_offset"]) + index as i64);
        let time = match batch.header.timestamp_type() {
            TimestampType::CreateTime => &expected["timestamp"],
            TimestampType::LogAppendTime => &vector["max_timestamp"],
        };
        assert_eq!(record.timestamp, number(time));
        assert_eq!(record.key, hex(&expected["key_hex"]).as_deref());
        assert_eq!(record.value, hex(&expected["value_hex"]).as_deref());
        let headers = expected["headers"].as_array().unwrap();
        assert_eq!(record.headers().len(), headers.len());
        for (header, expected) in record.headers().zip(headers) {
            assert_eq!(header.name(), expected[0].as_str().unwrap());
            assert_eq!(header.value, hex(&expected[1]).as_deref());
        }
    }
}

#[test]
fn batches_of_the_java_client_are_read_and_built_alike() {
    let (vectors, _) = batches();
    let mut per_codec = [0; 5];
    for vector in &vectors {
        let bytes = bytes(&vector["hex"]);
        let batch = Batch::parse(&bytes).unwrap();
        assert_eq!(batch.bytes.len(), bytes.len());
        batch.check_produced().unwrap();
        assert_header(vector, &batch);
        let codec = batch.header.codec().unwrap();
        per_codec[codec as usize] += 1;
        let plain = open(&bytes).unwrap();
        assert_records(vector, &Batch::parse(&plain).unwrap());
        let built = build(vector);
        if matches!(codec, Codec::None | Codec::Snappy) {
            assert_eq!(built, bytes);
        }
        assert_eq!(open(&built).unwrap(), plain);
    }
    assert_eq!(per_codec, [6; 5]);
}

#[test]
fn a_broker_places_batches_as_the_java_one_does() {
    // The vectors hold the same batch as a producer sends it, at offset 42, and stamped by the broker.
    let (vectors, _) = batches();
    for codec in vectors.chunks(6) {
        let [sent, moved, stamped] = [0, 1, 2].map(|index| bytes(&codec[index]["hex"]));
        let place = |base_offset, log_append_time| {
            let assignment = Assignment {
                base_offset,
                partition_leader_epoch: -1,
                log_append_time,
            };
            assign(sent.clone(), &assignment).unwrap()
        };
        assert_eq!(place(42, None), moved);
        assert_eq!(place(0, Some(number(&codec[2]["max_timestamp"]))), stamped);
    }
}

#[test]
fn all_batches_stand_one_after_another() {
    let (vectors, _) = batches();
    let log: Vec<u8> = vectors
        .iter()
        .flat_map(|vector| hex(&vector["hex"]).unwrap())
        .collect();
    let walked = Batches::new(&log)
        .map(|batch| batch.unwrap().check())
        .filter(Result::is_ok);
    assert_eq!(walked.count(), vectors.len());
}

#[test]
fn markers_of_the_java_broker_are_read_and_built_alike() {
    let (_, vectors) = batches();
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let bytes = bytes(&vector["hex"]);
        let batch = Batch::parse(&bytes).unwrap();
        batch.check_produced().unwrap();
        let marker = Marker::parse(&batch).unwrap();
        let commit = vector["control"] == "COMMIT";
        assert_eq!(
            marker.outcome,
            if commit {
                Outcome::Commit
            } else {
                Outcome::Abort
            }
        );
        assert_eq!(
            i64::from(marker.coordinator_epoch),
            number(&vector["coordinator_epoch"])
        );
        let options = BatchOptions {
            base_offset: number(&vector["base_offset"]),
            partition_leader_epoch: number(&vector["leader_epoch"]) as i32,
            producer_id: number(&vector["producer_id"]),
            producer_epoch: number(&vector["producer_epoch"]) as i16,
            ..BatchOptions::default()
        };
        assert_eq!(
            marker.build(options, number(&vector["timestamp"])).unwrap(),
            bytes
        );
    }
}

fn partitions(names: &Value) -> Vec<TopicPartition> {
    let mut out: Vec<TopicPartition> = Vec::new();
    for name in names.as_array().unwrap() {
        let (topic, partition) = name.as_str().unwrap().rsplit_once('-').unwrap();
        let partition = partition.parse().unwrap();
        match out.last_mut() {
            Some(last) if last.topic == topic => last.partitions.push(partition),
            _ => {
                out.push(TopicPartition {
                    topic: topic.into(),
                    partitions: vec![partition],
                });
            }
        }
    }
    out
}

#[test]
fn the_consumer_protocol_is_the_java_clients() {
    let vectors = json("consumer-protocol.json");
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let version = number(&vector["version"]) as i16;
        let said = &vector["subscription"];
        let since = |first: i16| version >= first;
        let subscription = ConsumerProtocolSubscription {
            topics: serde_json::from_value(said["topics"].clone()).unwrap(),
            user_data: Some(bytes(&said["user_data_hex"])),
            owned_partitions: if since(1) {
                partitions(&said["owned"])
            } else {
                Vec::new()
            },
            generation_id: if since(2) {
                number(&said["generation"]) as i32
            } else {
                -1
            },
            rack_id: since(3).then(|| said["rack"].as_str().unwrap().into()),
        };
        let wire = bytes(&vector["subscription_hex"]);
        assert_eq!(subscription.encode(version), wire);
        assert_eq!(
            ConsumerProtocolSubscription::decode(&wire),
            Ok((version, subscription))
        );

        let assignment = ConsumerProtocolAssignment {
            assigned_partitions: partitions(&vector["assignment"]),
            user_data: None,
        };
        let wire = bytes(&vector["assignment_hex"]);
        assert_eq!(assignment.encode(version), wire);
        assert_eq!(
            ConsumerProtocolAssignment::decode(&wire),
            Ok((version, assignment))
        );
    }
}

/// Every field that the vector names, as ours holds it.
fn assert_fields(name: &str, ours: &Value, vector: &Value) {
    match vector {
        Value::Object(fields) => {
            for (field, value) in fields {
                assert_fields(&format!("{name}.{field}"), &ours[snake(field)], value);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            assert_eq!(ours.as_array().map(Vec::len), Some(items.len()), "{name}");
            for (index, item) in items.iter().enumerate() {
                assert_fields(&format!("{name}[{index}]"), &ours[index], item);
            }
        }
        _ => assert_eq!(ours, vector, "{name}"),
    }
}

#[test]
fn metadata_records_are_the_java_controllers() {
    let vectors = json("metadata-records.json");
    let mut written = std::collections::BTreeSet::new();
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let wire = bytes(&vector["hex"]);
        let record = MetadataRecord::decode(&wire).unwrap_or_else(|e| panic!("{name} {e}"));
        assert_eq!(record.name(), name);
        let ours = serde_json::to_value(&record).unwrap();
        let (_, ours) = ours.as_object().unwrap().iter().next().unwrap();
        assert_fields(name, ours, &vector["fields"]);
        // The third number is the version; records are written in one version only.
        let again = record.encode();
        if again[2] == wire[2] {
            assert_eq!(again, wire, "{vector}");
            written.insert(name);
        }
        for end in 0..wire.len() {
            assert!(
                MetadataRecord::decode(&wire.slice(..end)).is_err(),
                "{name} cut at {end}"
            );
        }
    }
    assert_eq!((vectors.len(), written.len()), (26, 10));
}

#[test]
fn the_error_table_is_kafkas() {
    let text = vector("errors.tsv");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|l| l.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), ErrorCode::all().count());
    for (row, error) in rows.iter().zip(ErrorCode::all()) {
        assert_eq!(row[0], error.code().to_string());
        assert_eq!(row[1], error.name());
        assert_eq!(row[2], error.is_retriable().to_string(), "{error}");
        let exception = row.get(3).copied().unwrap_or_default();
        let full = error.exception();
        assert_eq!(full.rsplit('.').next(), Some(exception), "{error}");
        assert_eq!(
            full.starts_with("org.apache.kafka.common."),
            error.is_error(),
            "{error}"
        );
        assert_eq!(ErrorCode::from_code(error.code()), error);
        assert!(error.message().ends_with('.'), "{error}");
    }
    assert_eq!(ErrorCode::from_code(9999), ErrorCode::UnknownServerError);
}
