//! The place of a key in a map, filled or empty.

/// The place of a key.
pub enum Entry<'a, K, V> {
    /// It has a value.
    Occupied(OccupiedEntry<'a, K, V>),
    /// It has none yet.
    Vacant(VacantEntry<'a, K, V>),
}

/// A place that is filled.
pub struct OccupiedEntry<'a, K, V> {
    pub(super) entries: &'a mut Vec<(K, V)>,
    pub(super) at: usize,
}

/// A place that is empty.
pub struct VacantEntry<'a, K, V> {
    pub(super) entries: &'a mut Vec<(K, V)>,
    pub(super) at: usize,
    pub(super) key: K,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, which becomes `value` if there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, which `make` makes if there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(make()),
        }
    }

    /// The value, which is its type's default if there is none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value if there is one.
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }
}

// The place was found in this very vector, which has been borrowed since.
#[allow(clippy::indexing_slicing)]
impl<'a, K, V> OccupiedEntry<'a, K, V> {
    /// The key.
    pub fn key(&self) -> &K {
        &self.entries[self.at].0
    }

    /// The value.
    pub fn get(&self) -> &V {
        &self.entries[self.at].1
    }

    /// The value, to change.
    pub fn get_mut(&mut self) -> &mut V {
        &mut self.entries[self.at].1
    }

    /// The value, to change for as long as the map is borrowed.
    pub fn into_mut(self) -> &'a mut V {
        &mut self.entries[self.at].1
    }

    /// Sets the value, and gives back the one before.
    pub fn insert(&mut self, value: V) -> V {
        std::mem::replace(self.get_mut(), value)
    }

    /// Takes the value out.
    pub fn remove(self) -> V {
        self.entries.remove(self.at).1
    }
}

#[allow(clippy::indexing_slicing)]
impl<'a, K, V> VacantEntry<'a, K, V> {
    /// The key.
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Fills the place.
    pub fn insert(self, value: V) -> &'a mut V {
        self.entries.insert(self.at, (self.key, value));
        &mut self.entries[self.at].1
    }
}
