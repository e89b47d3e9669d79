//! Placement and assignment against recordings of the Java client.

use records::sorted::SortedMap;
use std::path::PathBuf;

use bytes::Bytes;
use client::assignor::{Member, assign};
use client::consumer::Assignor;
use client::murmur2::{murmur2, partition_for_key};
use engine::ids::TopicPartition;
use serde_json::Value;

fn vectors(name: &str) -> Vec<Value> {
    let folder = std::env::var_os("KAFKA_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors")),
        PathBuf::from,
    );
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn partition(text: &str) -> TopicPartition {
    let (topic, number) = text.rsplit_once('-').unwrap();
    TopicPartition::new(topic, number.parse().unwrap())
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().unwrap();
    list.iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

fn member(value: &Value) -> Member {
    let generation = i32::try_from(value["generation"].as_i64().unwrap()).unwrap();
    Member {
        id: value["id"].as_str().unwrap().to_owned(),
        instance_id: value["instance"].as_str().map(str::to_owned),
        topics: strings(&value["topics"]),
        owned: strings(&value["owned"])
            .iter()
            .map(|t| partition(t))
            .collect(),
        generation: (generation >= 0).then_some(generation),
        rack: None,
        user_data: value["user_data_hex"].as_str().map(|h| Bytes::from(hex(h))),
    }
}

#[test]
fn keys_go_where_java_puts_them() {
    let cases = vectors("murmur2.json");
    assert!(cases.len() > 100);
    for case in cases {
        let key = hex(case["key_hex"].as_str().unwrap());
        assert_eq!(
            i64::from(murmur2(&key)),
            case["murmur2"].as_i64().unwrap(),
            "{case}"
        );
        for (count, expected) in case["partition_of"].as_object().unwrap() {
            let found = partition_for_key(&key, count.parse().unwrap());
            assert_eq!(i64::from(found), expected.as_i64().unwrap(), "{case}");
        }
    }
}

/// The recording lists owned partitions sorted; the members told them as they were assigned.
fn restore_order(owned: &mut Vec<TopicPartition>, assigned: Option<&Vec<TopicPartition>>) {
    let mut sorted = assigned.cloned().unwrap_or_default();
    sorted.sort();
    owned.sort();
    if sorted == *owned
        && let Some(assigned) = assigned
    {
        owned.clone_from(assigned);
    }
}

#[test]
fn groups_share_as_java_shares() {
    let cases = vectors("assignors.json");
    assert_eq!(cases.len(), 960);
    let mut wrong = Vec::new();
    let mut before = SortedMap::new();
    for case in &cases {
        let assignor = Assignor::by_name(case["assignor"].as_str().unwrap()).unwrap();
        let mut members: Vec<Member> = case["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(member)
            .collect();
        for member in &mut members {
            restore_order(&mut member.owned, before.get(&member.id));
        }
        let counts = case["topics"].as_object().unwrap();
        let counts: SortedMap<String, i32> = counts
            .iter()
            .map(|(t, n)| (t.clone(), i32::try_from(n.as_i64().unwrap()).unwrap()))
            .collect();
        let expected: SortedMap<String, Vec<TopicPartition>> = case["assignment"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, list)| {
                (
                    id.clone(),
                    strings(list).iter().map(|t| partition(t)).collect(),
                )
            })
            .collect();
        let found = assign(assignor, &members, &counts);
        before.clone_from(&expected);
        if found != expected {
            wrong.push(format!("{case}\nfound {found:?}"));
        }
    }
    let shown = wrong
        .iter()
        .take(3)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n\n");
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{shown}",
        wrong.len(),
        cases.len()
    );
}
