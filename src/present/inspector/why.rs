//! Why a record lies in its partition: computed where that can be known, said plainly where it can't.

use client::murmur2;

use crate::words;

/// Why a record lies in its partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The calculation, if the record has a key.
    pub steps: Option<Steps>,
    /// What there is to say beside it.
    pub note: Option<String>,
}

/// From a key's bytes to a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The key, shortened.
    pub key: String,
    /// Its murmur2 hash, `0x28670bc2`.
    pub hash: String,
    /// The hash without its sign bit.
    pub masked: i32,
    /// How many partitions the topic has now.
    pub partitions: i32,
    /// The remainder.
    pub partition: i32,
}

/// Why a record with this key lies in `partition` of a topic of `partitions` partitions.
pub fn why(key: Option<&[u8]>, partition: i32, partitions: i32) -> Why {
    let Some(key) = key else {
        return Why {
            steps: None,
            note: Some(keyless(partitions)),
        };
    };
    let placed = murmur2::explain(key, partitions);
    let differs = placed.partition != partition;
    Why {
        steps: Some(Steps {
            key: words::preview(key, 24),
            hash: format!("{:#010x}", placed.hash),
            masked: placed.masked,
            partitions,
            partition: placed.partition,
        }),
        note: differs.then(|| {
            format!(
                "The key's hash names partition {}, yet the record lies in {partition}. Its sender chose the partition \
                 itself or used another partitioner, or the topic had another number of partitions then. The record does not say which.",
                placed.partition
            )
        }),
    }
}

fn keyless(partitions: i32) -> String {
    if partitions == 1 {
        return "The topic has one partition.".to_owned();
    }
    "No key, so no hash. Unless its sender chose the partition, the producer's partitioner did: it stays with one partition \
     until about batch.size bytes (16,384) went there, then moves on to another at random. The record does not say which."
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::why;

    #[test]
    fn the_designs_own_example() {
        let found = why(Some(b"nfsturm"), 0, 3);
        let steps = found.steps.expect("a key has a hash");
        assert_eq!(
            (
                steps.hash.as_str(),
                steps.masked,
                steps.partition,
                found.note
            ),
            ("0x28670bc2", 677_841_858, 0, None)
        );
    }

    #[test]
    fn what_cannot_be_known_is_not_claimed() {
        let elsewhere = why(Some(b"nfsturm"), 2, 3).note.expect("a note");
        assert!(elsewhere.contains("names partition 0, yet the record lies in 2"));
        let keyless = why(None, 1, 3);
        assert!(keyless.steps.is_none() && keyless.note.expect("a note").contains("does not say"));
        // A hash with its sign bit set has eight digits too.
        assert_eq!(
            why(Some(b"a"), 4, 5).steps.expect("steps").hash,
            "0xa2d0b27c"
        );
    }
}
