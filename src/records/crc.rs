//! CRC-32C, the checksum of batches, and CRC-32, the one of gzip.
//!
//! For CRC-32C the `crc32c` crate natively uses the processor's own instruction. In wasm there is
//! none, and the crate's tables would be 8 kB that no compression shrinks: there, and for gzip, the
//! same tables are computed when first needed.

use std::sync::OnceLock;

/// Bytes taken in one step.
const STRIDE: usize = 16;
/// The polynomials, lowest bit first.
#[cfg(any(target_arch = "wasm32", test))]
const CASTAGNOLI: u32 = 0x82f6_3b78;
const IEEE: u32 = 0xedb8_8320;

/// Row `r` holds what each byte does to the checksum when `r` bytes come after it.
type Tables = [[u32; 256]; STRIDE];

/// The CRC-32C of bytes that follow others; `before` is the checksum of those, 0 for none.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn append(before: u32, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(before, bytes)
}

#[cfg(target_arch = "wasm32")]
pub(crate) use castagnoli as append;

#[cfg(any(target_arch = "wasm32", test))]
pub(crate) fn castagnoli(before: u32, bytes: &[u8]) -> u32 {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    walk(TABLES.get_or_init(|| compute(CASTAGNOLI)), before, bytes)
}

/// The CRC-32 that ends a gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> u32 {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    walk(TABLES.get_or_init(|| compute(IEEE)), 0, bytes)
}

fn walk(tables: &Tables, before: u32, bytes: &[u8]) -> u32 {
    let mut crc = !before;
    let (strides, rest) = bytes.as_chunks::<STRIDE>();
    for stride in strides {
        let [a, b, c, d] = crc.to_le_bytes();
        let mut mixed = *stride;
        for (byte, crc_byte) in mixed.iter_mut().zip([a, b, c, d]) {
            *byte ^= crc_byte;
        }
        crc = 0;
        for (row, byte) in tables.iter().rev().zip(mixed) {
            crc ^= look_up(row, byte);
        }
    }
    let [last, ..] = tables;
    for byte in rest {
        crc = look_up(last, crc as u8 ^ byte) ^ (crc >> 8);
    }
    !crc
}

fn look_up(row: &[u32; 256], byte: u8) -> u32 {
    row.get(usize::from(byte)).copied().unwrap_or_default()
}

fn compute(polynomial: u32) -> Tables {
    let mut tables = [[0; 256]; STRIDE];
    let mut row: [u32; 256] = std::array::from_fn(|byte| {
        (0..8).fold(byte as u32, |crc, _| (crc >> 1) ^ (polynomial * (crc & 1)))
    });
    let first = row;
    for table in &mut tables {
        *table = row;
        row = row.map(|crc| look_up(&first, crc as u8) ^ (crc >> 8));
    }
    tables
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::{append, castagnoli, gzip};

    #[test]
    fn the_check_values_of_the_standards() {
        assert_eq!(append(0, b"123456789"), 0xe306_9283);
        assert_eq!(castagnoli(0, b"123456789"), 0xe306_9283);
        assert_eq!(gzip(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn tables_and_crate_agree(
            before in any::<u32>(),
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            prop_assert_eq!(castagnoli(before, &bytes), append(before, &bytes));
        }
    }
}
