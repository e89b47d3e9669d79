//! The order in which a Java hash table hands out its entries.
//!
//! Where the Java client walks a hash table, that order decides who keeps what, so it has to be the
//! same here for the same assignment to come out.

use engine::ids::TopicPartition;
use records::sorted::Arrange;

/// `String.hashCode`.
pub(crate) fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |h, unit| {
        h.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

/// `TopicPartition.hashCode`.
pub(crate) fn partition_hash(tp: &TopicPartition) -> i32 {
    31i32
        .wrapping_mul(31i32.wrapping_add(tp.partition))
        .wrapping_add(string_hash(&tp.topic))
}

/// Puts `items`, listed in the order in which they were added to an empty table of the usual first
/// size, into the order in which that table is walked.
pub(crate) fn walk_order<T>(items: &mut [T], hash: impl Fn(&T) -> i32) {
    let capacity = table_size(items.len());
    items.arrange_by_key(|item| {
        let h = hash(item) as u32;
        (h ^ (h >> 16)) & (capacity - 1)
    });
}

fn table_size(entries: usize) -> u32 {
    let mut capacity: u32 = 16;
    while entries > (capacity as usize) / 4 * 3 && capacity < 1 << 30 {
        capacity *= 2;
    }
    capacity
}

#[cfg(test)]
mod tests {
    use super::{partition_hash, string_hash, table_size};
    use engine::ids::TopicPartition;

    #[test]
    fn hashes_as_java() {
        assert_eq!(string_hash("t"), 116);
        assert_eq!(string_hash("hello world"), 1_794_106_052);
        assert_eq!(partition_hash(&TopicPartition::new("t", 1)), 1108);
    }

    #[test]
    fn tables_grow_at_three_quarters() {
        assert_eq!(
            (table_size(0), table_size(12), table_size(13)),
            (16, 16, 32)
        );
    }
}
