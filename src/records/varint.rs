//! Variable-length numbers: groups of seven bits, lowest first, small magnitudes short (zigzag).

/// The most bytes a 64-bit number takes.
pub(crate) const MAX_SIZE: usize = 10;

/// Appends a number.
pub(crate) fn put(out: &mut Vec<u8>, value: i64) {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// How many bytes a number takes.
pub(crate) fn size(value: i64) -> usize {
    let bits = u64::BITS - (zigzag(value) | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Undoes the zigzag.
pub(crate) fn unzigzag(raw: u64) -> i64 {
    (raw >> 1) as i64 ^ -((raw & 1) as i64)
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{MAX_SIZE, put, size};
    use crate::cursor::Cursor;

    #[test]
    fn known_bytes() {
        for (value, bytes) in [
            (0, &[0][..]),
            (-1, &[1]),
            (1, &[2]),
            (63, &[0x7e]),
            (64, &[0x80, 1]),
            (i64::from(i32::MAX), &[0xfe, 0xff, 0xff, 0xff, 0x0f]),
            (i64::from(i32::MIN), &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] {
            let mut out = Vec::new();
            put(&mut out, value);
            assert_eq!(out, bytes, "{value}");
        }
    }

    #[test]
    fn an_endless_number_is_an_error() {
        assert_eq!(Cursor::new(&[0x80; 20]).varlong(), None);
        assert_eq!(Cursor::new(&[0x80; 20]).varint(), None);
        assert_eq!(Cursor::new(&[0x80, 0x80]).varlong(), None);
        // 2^32 fits into five groups, but not into 32 bits.
        assert_eq!(Cursor::new(&[0x80, 0x80, 0x80, 0x80, 0x20]).varint(), None);
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(value in any::<i64>(), shift in 0u32..64) {
            let value = value >> shift;
            let mut out = Vec::new();
            put(&mut out, value);
            assert_eq!(out.len(), size(value));
            assert!(out.len() <= MAX_SIZE);
            assert_eq!(Cursor::new(&out).varlong(), Some(value));
            assert_eq!(Cursor::new(&out).varint(), i32::try_from(value).ok());
        }
    }
}
