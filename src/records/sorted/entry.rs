//! The place of a key in a map, filled or empty.

/// The place of a key.
pub struct Entry<'a, K, V> {
    pub(super) entries: &'a mut Vec<(K, V)>,
    pub(super) at: usize,
    pub(super) is_filled: bool,
    pub(super) key: K,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, which becomes `value` if there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, which `make` makes if there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        if !self.is_filled {
            return &mut self.entries.insert_mut(self.at, (self.key, make())).1;
        }
        match self.entries.get_mut(self.at) {
            Some((_, value)) => value,
            // Never: the place was found in this very vector, which has been borrowed since.
            None => &mut Box::leak(Box::new((self.key, make()))).1,
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
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Self {
        if self.is_filled
            && let Some((_, value)) = self.entries.get_mut(self.at)
        {
            change(value);
        }
        self
    }
}
