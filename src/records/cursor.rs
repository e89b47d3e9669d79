//! A place in borrowed bytes.

use crate::varint;

/// Reads forward; `None` means the bytes do not hold what was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    #[inline]
    pub(crate) fn varlong(&mut self) -> Option<i64> {
        let mut raw = 0u64;
        for group in 0..varint::MAX_SIZE {
            let byte = self.byte()?;
            raw |= u64::from(byte & 0x7f) << (7 * group);
            if byte < 0x80 {
                return Some(varint::unzigzag(raw));
            }
        }
        None
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Option<i32> {
        i32::try_from(self.varlong()?).ok()
    }

    /// Bytes after their length; a negative length is null.
    #[inline]
    pub(crate) fn nullable(&mut self) -> Option<Option<&'a [u8]>> {
        match usize::try_from(self.varint()?) {
            Ok(length) => self.take(length).map(Some),
            Err(_) => Some(None),
        }
    }
}
