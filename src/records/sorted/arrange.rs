//! Sorting with one copy of the algorithm for all types.

use std::cmp::Ordering;

/// Stable sorting of a slice, in time n log n.
///
/// The slice methods of `std` bring five kilobytes of code for every type and order; here the order is
/// worked out on positions, so that only the comparison and the moves exist once a type.
pub trait Arrange<T> {
    /// Sorts by the order of the items themselves.
    fn arrange(&mut self)
    where
        T: Ord;

    /// Sorts by a comparison.
    fn arrange_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts by a key, which is worked out at every comparison.
    fn arrange_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Arrange<T> for [T] {
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }

    fn arrange_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let order = order(self.len(), &mut |a, b| match (self.get(a), self.get(b)) {
            (Some(a), Some(b)) => compare(a, b) == Ordering::Greater,
            _ => false,
        });
        for (place, from) in swaps(&order) {
            self.swap(place, from);
        }
    }

    fn arrange_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.arrange_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The positions `0..len` in the order of what stands there: a merge sort from the bottom up.
#[inline(never)]
fn order(len: usize, greater: &mut dyn FnMut(usize, usize) -> bool) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut width = 1;
    while width < len {
        for run in sorted.chunks(width.saturating_mul(2)) {
            let (left, right) = run.split_at(width.min(run.len()));
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            loop {
                let next = match (left.peek(), right.peek()) {
                    (Some(l), Some(r)) if greater(**l, **r) => right.next(),
                    (Some(_), _) => left.next(),
                    (None, _) => right.next(),
                };
                let Some(next) = next else { break };
                merged.push(*next);
            }
        }
        std::mem::swap(&mut sorted, &mut merged);
        merged.clear();
        width = width.saturating_mul(2);
    }
    sorted
}

/// The swaps, one after the other, that bring what stands at `order[i]` to `i` for every `i`.
#[inline(never)]
fn swaps(order: &[usize]) -> Vec<(usize, usize)> {
    // Where an item stands now, and which item stands now at a place.
    let mut stands: Vec<usize> = (0..order.len()).collect();
    let mut holds = stands.clone();
    let mut out = Vec::new();
    for (place, item) in order.iter().enumerate() {
        let (Some(&from), Some(&held)) = (stands.get(*item), holds.get(place)) else {
            continue;
        };
        if from == place {
            continue;
        }
        out.push((place, from));
        if let (Some(hole), Some(moved)) = (holds.get_mut(from), stands.get_mut(held)) {
            *hole = held;
            *moved = from;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_a_stable_sort_does(keys in proptest::collection::vec(0u8..20, 0..200)) {
            let mut ours: Vec<(u8, usize)> = keys.iter().copied().zip(0..).collect();
            let mut other = ours.clone();
            ours.arrange_by_key(|item| item.0);
            other.sort_by_key(|item| item.0);
            prop_assert_eq!(&ours, &other);
            ours.arrange_by(|a, b| b.0.cmp(&a.0));
            other.sort_by_key(|pair| std::cmp::Reverse(pair.0));
            prop_assert_eq!(&ours, &other);
            ours.arrange();
            other.sort();
            prop_assert_eq!(ours, other);
        }
    }
}
