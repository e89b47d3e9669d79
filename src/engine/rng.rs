//! The seeded generator. The world makes one from its seed and gives each machine a child, so that
//! the same seed and inputs give the same bytes everywhere.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng as _, SeedableRng};
use serde::Serialize;

/// A small seeded generator; not for secrets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rng(Pcg64Mcg);

impl Rng {
    /// The generator of `seed`.
    pub fn from_seed(seed: u64) -> Rng {
        Rng(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A generator of its own for a machine.
    pub fn child(&mut self) -> Rng {
        Rng::from_seed(self.next_u64())
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 up to, not including, `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// Sixteen bytes in the form of a random (version 4) UUID.
    pub fn uuid_bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0u8; 16];
        bytes[..8].copy_from_slice(&self.next_u64().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next_u64().to_be_bytes());
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        bytes
    }

    /// A random UUID as text, in the 36-character form that member ids carry.
    pub fn uuid_text(&mut self) -> String {
        use std::fmt::Write;
        let mut text = String::with_capacity(36);
        for (i, byte) in self.uuid_bytes().iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn same_seed_same_story() {
        let (mut a, mut b) = (Rng::from_seed(7), Rng::from_seed(7));
        assert_eq!(a.uuid_text(), b.uuid_text());
        assert_eq!(a.child(), b.child());
        assert_ne!(Rng::from_seed(7).next_u64(), Rng::from_seed(8).next_u64());
    }

    #[test]
    fn below_stays_below() {
        let mut rng = Rng::from_seed(1);
        assert!((0..1000).all(|_| rng.below(3) < 3));
        assert_eq!(rng.below(0), 0);
    }
}
