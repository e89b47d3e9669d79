//! A set kept as a sorted vector.

use std::borrow::Borrow;
use std::fmt;
use std::ops::RangeBounds;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::map::SortedMap;

/// A set kept as a sorted vector.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedSet<T> {
    items: SortedMap<T, ()>,
}

/// Items in order, borrowed.
pub type Iter<'a, T> = std::iter::Map<std::slice::Iter<'a, (T, ())>, fn(&'a (T, ())) -> &'a T>;
/// Items in order; the set is used up.
pub type IntoIter<T> = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

impl<T> SortedSet<T> {
    /// An empty set.
    pub const fn new() -> SortedSet<T> {
        SortedSet {
            items: SortedMap::new(),
        }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Removes all items.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Items in order.
    pub fn iter(&self) -> Iter<'_, T> {
        self.items.entries.iter().map(|(item, ())| item)
    }

    /// Keeps the items for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.items.retain(|item, ()| keep(item));
    }

    /// The smallest item.
    pub fn first(&self) -> Option<&T> {
        self.items.entries.first().map(|(item, ())| item)
    }

    /// The largest item.
    pub fn last(&self) -> Option<&T> {
        self.items.entries.last().map(|(item, ())| item)
    }

    /// Takes the smallest item.
    pub fn pop_first(&mut self) -> Option<T> {
        self.items.pop_first().map(|(item, ())| item)
    }

    /// Takes the largest item.
    pub fn pop_last(&mut self) -> Option<T> {
        self.items.pop_last().map(|(item, ())| item)
    }
}

impl<T: Ord> SortedSet<T> {
    /// Whether an item is in the set.
    pub fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.items.contains_key(item)
    }

    /// The item as it is stored.
    pub fn get<Q: Ord + ?Sized>(&self, item: &Q) -> Option<&T>
    where
        T: Borrow<Q>,
    {
        self.items.get_key_value(item).map(|(item, ())| item)
    }

    /// Adds an item; false if it was in the set already.
    pub fn insert(&mut self, item: T) -> bool {
        self.items.insert(item, ()).is_none()
    }

    /// Removes an item; false if it was not in the set.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.items.remove(item).is_some()
    }

    /// Takes an item.
    pub fn take<Q: Ord + ?Sized>(&mut self, item: &Q) -> Option<T>
    where
        T: Borrow<Q>,
    {
        let (Ok(at) | Err(at)) = self
            .items
            .entries
            .binary_search_by(|(stored, ())| stored.borrow().cmp(item));
        let found = self
            .items
            .entries
            .get(at)
            .is_some_and(|(stored, ())| stored.borrow() == item);
        found.then(|| self.items.entries.remove(at).0)
    }

    /// Items that lie in a range, in order.
    pub fn range<Q: Ord + ?Sized, R: RangeBounds<Q>>(
        &self,
        range: R,
    ) -> impl DoubleEndedIterator<Item = &T>
    where
        T: Borrow<Q>,
    {
        self.items.range(range).map(|(item, ())| item)
    }

    /// Moves all items of another set into this one.
    pub fn append(&mut self, other: &mut SortedSet<T>) {
        self.items.append(&mut other.items);
    }

    /// Items of this set that are not in the other, in order.
    pub fn difference<'a>(&'a self, other: &'a SortedSet<T>) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|item| !other.contains(*item))
    }

    /// Items that are in both, in order.
    pub fn intersection<'a>(&'a self, other: &'a SortedSet<T>) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|item| other.contains(*item))
    }

    /// Items of this set, then those of the other that are not in it.
    pub fn union<'a>(&'a self, other: &'a SortedSet<T>) -> impl Iterator<Item = &'a T> {
        self.iter().chain(other.difference(self))
    }

    /// Whether every item is in the other set.
    pub fn is_subset(&self, other: &SortedSet<T>) -> bool {
        self.iter().all(|item| other.contains(item))
    }

    /// Whether no item is in the other set.
    pub fn is_disjoint(&self, other: &SortedSet<T>) -> bool {
        self.intersection(other).next().is_none()
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> SortedSet<T> {
        SortedSet::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for SortedSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<'a, T: Ord + Copy + 'a> Extend<&'a T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, items: I) {
        self.extend(items.into_iter().copied());
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> SortedSet<T> {
        let mut set = SortedSet::new();
        set.extend(items);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(items: [T; N]) -> SortedSet<T> {
        items.into_iter().collect()
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        self.items.entries.into_iter().map(|(item, ())| item)
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T: Serialize> Serialize for SortedSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de, T: Deserialize<'de> + Ord> Deserialize<'de> for SortedSet<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SortedSet<T>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::SortedSet;

    proptest! {
        #[test]
        fn it_does_what_a_b_tree_does(
            a in prop::collection::vec(0u8..20, 0..20),
            b in prop::collection::vec(0u8..20, 0..20),
            item in 0u8..20,
        ) {
            let (ours_a, ours_b): (SortedSet<u8>, SortedSet<u8>) =
                (a.iter().copied().collect(), b.iter().copied().collect());
            let (theirs_a, theirs_b): (BTreeSet<u8>, BTreeSet<u8>) =
                (a.into_iter().collect(), b.into_iter().collect());
            prop_assert!(ours_a.iter().eq(theirs_a.iter()));
            prop_assert!(ours_a.difference(&ours_b).eq(theirs_a.difference(&theirs_b)));
            prop_assert!(ours_a.intersection(&ours_b).eq(theirs_a.intersection(&theirs_b)));
            prop_assert!(ours_a.range(item..).eq(theirs_a.range(item..)));
            prop_assert_eq!(ours_a.is_subset(&ours_b), theirs_a.is_subset(&theirs_b));
            let (mut ours, mut theirs) = (ours_a.clone(), theirs_a.clone());
            prop_assert_eq!(ours.take(&item), theirs.take(&item));
            prop_assert_eq!(ours.insert(item), theirs.insert(item));
            prop_assert!(ours.into_iter().eq(theirs));
        }
    }
}
