//! What the broker says it speaks, against what `kafka-broker-api-versions` says of the real one.

use std::collections::BTreeMap;

use engine::api::api_versions::{SPOKEN, range};

/// Name, key, oldest and newest version of each API of a 4.3.1 broker.
const REAL: &str = include_str!("../vectors/broker-api-versions.tsv");

/// What is not spoken here: security, quotas, changes of the quorum, share and streams groups, moving
/// logs between directories.
const UNSPOKEN: &[&str] = &[
    "AddRaftVoter",
    "AlterClientQuotas",
    "AlterReplicaLogDirs",
    "AlterShareGroupOffsets",
    "AlterUserScramCredentials",
    "CreateAcls",
    "CreateDelegationToken",
    "DeleteAcls",
    "DeleteShareGroupOffsets",
    "DeleteShareGroupState",
    "DescribeAcls",
    "DescribeClientQuotas",
    "DescribeDelegationToken",
    "DescribeShareGroupOffsets",
    "DescribeUserScramCredentials",
    "ExpireDelegationToken",
    "InitializeShareGroupState",
    "ReadShareGroupState",
    "ReadShareGroupStateSummary",
    "RemoveRaftVoter",
    "RenewDelegationToken",
    "SaslAuthenticate",
    "SaslHandshake",
    "ShareAcknowledge",
    "ShareFetch",
    "ShareGroupDescribe",
    "ShareGroupHeartbeat",
    "StreamsGroupDescribe",
    "StreamsGroupHeartbeat",
    "UnregisterBroker",
    "UpdateFeatures",
    "WriteShareGroupState",
];

/// Spoken here once transactions are.
const TO_COME: &[&str] = &[
    "AddOffsetsToTxn",
    "AddPartitionsToTxn",
    "ConsumerGroupHeartbeat",
    "DescribeProducers",
    "DescribeTransactions",
    "EndTxn",
    "ListTransactions",
    "TxnOffsetCommit",
    "WriteTxnMarkers",
];

#[test]
fn every_range_is_the_real_ones() {
    let mut real: BTreeMap<i16, (&str, i16, i16)> = BTreeMap::new();
    for line in REAL.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, key, min, max] = fields[..] else {
            panic!("{line}");
        };
        let row = (name, min.parse().unwrap(), max.parse().unwrap());
        real.insert(key.parse().unwrap(), row);
    }
    assert_eq!(real.len(), 75);
    for api in SPOKEN {
        let spoken = range(*api);
        let (name, min, max) = real
            .remove(&spoken.api_key)
            .unwrap_or_else(|| panic!("{api:?} is not the real one's"));
        let found = (spoken.min_version, spoken.max_version);
        assert_eq!(found, (min, max), "{name}");
    }
    let unspoken: Vec<&str> = real.values().map(|(name, ..)| *name).collect();
    println!("not spoken: {}", unspoken.join(", "));
    for name in &unspoken {
        let known = UNSPOKEN.contains(name) || TO_COME.contains(name);
        assert!(known, "{name} is not spoken, and nobody says why");
    }
    for name in UNSPOKEN {
        assert!(unspoken.contains(name), "{name} is spoken: strike it out");
    }
}
