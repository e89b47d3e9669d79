//! Which partition a key belongs to: murmur2, as every Kafka client computes it.

use serde::Serialize;

const SEED: u32 = 0x9747_b28c;
const MIX: u32 = 0x5bd1_e995;

/// How a key found its partition, step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeyPlacement {
    /// The murmur2 hash of the key's bytes, as Java's signed `int`.
    pub hash: i32,
    /// The hash without its sign bit.
    pub masked: i32,
    /// How many partitions the topic has.
    pub partitions: i32,
    /// `masked` modulo `partitions`.
    pub partition: i32,
}

/// The murmur2 hash of `bytes` as Kafka's Java client computes it.
pub fn murmur2(bytes: &[u8]) -> i32 {
    // Java hashes an `int` length; keys longer than that do not exist.
    let length = bytes.len() as u32;
    let mut hash = SEED ^ length;
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(MIX);
        k ^= k >> 24;
        hash = hash.wrapping_mul(MIX) ^ k.wrapping_mul(MIX);
    }
    if !rest.is_empty() {
        for (i, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * i);
        }
        hash = hash.wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^= hash >> 15;
    hash as i32
}

/// The partition of `key` in a topic of `partitions` partitions; 0 if there are none.
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    explain(key, partitions).partition
}

/// How `key` finds its partition in a topic of `partitions` partitions.
pub fn explain(key: &[u8], partitions: i32) -> KeyPlacement {
    let hash = murmur2(key);
    let masked = hash & i32::MAX;
    KeyPlacement {
        hash,
        masked,
        partitions,
        partition: masked.checked_rem(partitions).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::{explain, murmur2};

    #[test]
    fn a_short_key() {
        assert_eq!(murmur2(b""), 275_646_681);
        assert_eq!(murmur2(b"a"), -1_563_381_124);
        let placed = explain(b"a", 5);
        assert_eq!((placed.masked, placed.partition), (584_102_524, 4));
        assert_eq!(explain(b"a", 0).partition, 0);
    }
}
