use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{Compression, compress, decompress, gzip, lz4, snappy, zstd};
use super::{Fault, Sink};
use crate::error::BatchError;
use crate::header::Codec;

const LIMIT: usize = 1 << 20;
const COMPRESSING: [Codec; 4] = [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

fn pack(codec: Codec, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compress(Compression::new(codec), bytes, &mut out);
    out
}

fn unpack(codec: Codec, bytes: &[u8]) -> Result<Vec<u8>, BatchError> {
    decompress(codec, bytes, Vec::new(), LIMIT)
}

/// Bytes that repeat themselves, as records do, and bytes that do not.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let piece = (prop::collection::vec(any::<u8>(), 0..60), 1usize..400);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| {
        pieces
            .iter()
            .flat_map(|(bytes, times)| bytes.repeat(*times))
            .collect()
    })
}

fn text() -> Vec<u8> {
    let lines = (0..2000).map(|number| format!("nfsturm,{number},{}\n", number * 7919 % 1000));
    lines.collect::<String>().into_bytes()
}

proptest! {
    #[test]
    fn what_is_compressed_opens_to_the_same(content in content()) {
        for codec in Codec::ALL {
            let packed = pack(codec, &content);
            prop_assert_eq!(&unpack(codec, &packed).unwrap(), &content, "{}", codec.name());
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for codec in COMPRESSING {
            let _ = unpack(codec, &bytes);
            // Behind a header they get further.
            for headed in [1, 7, 10, 16] {
                let mut bytes = bytes.clone();
                bytes.splice(..headed.min(bytes.len()), pack(codec, b"a").into_iter().take(headed));
                let _ = unpack(codec, &bytes);
            }
        }
    }

    #[test]
    fn changed_bytes_are_survived(at in any::<prop::sample::Index>(), byte in any::<u8>(), second in any::<prop::sample::Index>()) {
        for codec in COMPRESSING {
            let mut packed = pack(codec, &text());
            let length = packed.len();
            packed[at.index(length)] = byte;
            packed[second.index(length)] ^= byte;
            prop_assert!(unpack(codec, &packed).map_or(0, |out| out.len()) <= LIMIT);
        }
    }
}

#[test]
fn text_gets_smaller_and_opens_again_at_every_size() {
    let text = text();
    for codec in COMPRESSING {
        let most = if codec == Codec::Snappy || codec == Codec::Lz4 {
            2
        } else {
            3
        };
        let packed = pack(codec, &text);
        assert!(
            packed.len() * most < text.len() * 2,
            "{} {}",
            codec.name(),
            packed.len()
        );
        for size in (0..600).chain([32_767, 32_768, 32_769]) {
            let part = &text[..size.min(text.len())];
            assert_eq!(
                unpack(codec, &pack(codec, part)).unwrap(),
                part,
                "{}",
                codec.name()
            );
        }
    }
    let large = text.repeat(20);
    for codec in COMPRESSING {
        assert_eq!(
            unpack(codec, &pack(codec, &large)).unwrap(),
            large,
            "{}",
            codec.name()
        );
    }
}

#[test]
fn every_cut_is_an_error_or_a_part() {
    let text = text();
    for codec in COMPRESSING {
        let packed = pack(codec, &text[..3000]);
        for cut in 0..packed.len() {
            if let Ok(part) = unpack(codec, &packed[..cut]) {
                // Only where a part ends cleanly: the checksum of the batch tells then.
                assert!(part.len() < 3000, "{} {cut}", codec.name());
            }
        }
    }
}

#[test]
fn every_flip_is_survived() {
    let text = text();
    for codec in COMPRESSING {
        let packed = pack(codec, &text[..1500]);
        let mut noticed = 0;
        for bit in 0..packed.len() * 8 {
            let mut packed = packed.clone();
            packed[bit / 8] ^= 1 << (bit % 8);
            noticed += usize::from(unpack(codec, &packed).as_deref() != Ok(&text[..1500]));
        }
        assert!(
            noticed * 10 > packed.len() * 8 * 7,
            "{} {noticed}",
            codec.name()
        );
    }
}

#[test]
fn a_bomb_fails_at_the_limit() {
    let large = vec![0; LIMIT + 1];
    for codec in COMPRESSING {
        let packed = pack(codec, &large);
        assert_eq!(
            unpack(codec, &packed),
            Err(BatchError::OpensTooLarge(codec)),
            "{}",
            codec.name()
        );
        assert_eq!(
            unpack(codec, &pack(codec, &large[1..])).unwrap().len(),
            LIMIT
        );
    }
}

#[test]
fn a_size_that_is_only_claimed_takes_no_room() {
    let sink = || Sink {
        bytes: Vec::new(),
        limit: usize::MAX,
    };
    // snappy: 2 GB, then one literal.
    let claim = [0xff, 0xff, 0xff, 0xff, 0x07, 0, b'a'];
    let mut out = sink();
    assert_eq!(snappy::decompress(&claim, &mut out), Err(Fault::Damaged));
    assert!(out.bytes.capacity() < 1000);
    // LZ4: a content size of 2^63, blocks of 4 MiB, and one of them that is short.
    let mut claim = vec![4, 0x22, 0x4d, 0x18, 0x68, 0x70];
    claim.extend([0xff; 7]);
    claim.push(0x7f);
    claim.push((twox_hash::XxHash32::oneshot(0, &claim[4..]) >> 8) as u8);
    claim.extend([2, 0, 0, 0, 0x10, b'a', 0, 0, 0, 0]);
    let mut out = sink();
    assert_eq!(lz4::decompress(&claim, &mut out), Ok(()));
    assert_eq!(out.bytes, b"a");
    assert!(out.bytes.capacity() < 10_000);
    // Zstandard: a window of 128 MiB, one raw block.
    let claim = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x88, 9, 0, 0, b'a'];
    let mut out = sink();
    assert_eq!(zstd::decompress(&claim, &mut out), Ok(()));
    assert_eq!(out.bytes, b"a");
    assert!(out.bytes.capacity() < 1000);
}

#[test]
fn what_other_clients_write_opens() {
    let bare = snap::raw::Encoder::new().compress_vec(&text()).unwrap();
    assert_eq!(unpack(Codec::Snappy, &bare).unwrap(), text());
    // Two gzip members, the first with every optional part of a header.
    let mut members = vec![0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 0, 2, 0, b'e', b'x'];
    members.extend(b"name\0comment\0hc");
    members.extend(&pack(Codec::Gzip, b"one ")[10..]);
    members.extend(pack(Codec::Gzip, b"two"));
    assert_eq!(unpack(Codec::Gzip, &members).unwrap(), b"one two");
    let mut frames = pack(Codec::Zstd, b"one ");
    frames.extend(pack(Codec::Zstd, b"two"));
    assert_eq!(unpack(Codec::Zstd, &frames).unwrap(), b"one two");
}

#[test]
fn gzip_tries_as_hard_as_it_is_told() {
    let sizes = [1, 6, -1].map(|level| {
        let mut out = Vec::new();
        gzip::compress(level, &text(), &mut out);
        assert_eq!(unpack(Codec::Gzip, &out).unwrap(), text());
        out.len()
    });
    assert!(sizes[0] > sizes[1] && sizes[1] == sizes[2], "{sizes:?}");
}

#[test]
fn the_same_bytes_come_out_in_every_version() {
    // A recording replays to the same bytes only as long as these stay. When a new version of a
    // crate changes them, show the Java client what comes out before changing the table.
    let found = COMPRESSING.map(|codec| {
        let packed = pack(codec, &text());
        (codec.name(), packed.len(), crate::crc::append(0, &packed))
    });
    let expected = [
        ("gzip", 7650, 2_827_932_260),
        ("snappy", 13_464, 4_008_580_001),
        ("lz4", 12_714, 2_377_618_323),
        ("zstd", 7903, 438_669_757),
    ];
    assert_eq!(found, expected);
}
