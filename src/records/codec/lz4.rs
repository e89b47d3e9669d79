//! LZ4 frames: blocks of up to 64 KiB to 4 MiB behind a short header.

use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use twox_hash::XxHash32;

use crate::codec::{Fault, Sink};
use crate::cursor::Cursor;

const MAGIC: [u8; 4] = 0x184D_2204_u32.to_le_bytes();
/// Version 1, blocks that do not refer to one another: the only ones that Java's clients read.
const FLAGS: u8 = VERSION | INDEPENDENT;
const VERSION: u8 = 0x40;
const VERSION_MASK: u8 = 0xc0;
const INDEPENDENT: u8 = 0x20;
const BLOCK_CHECKSUMS: u8 = 0x10;
const CONTENT_SIZE: u8 = 0x08;
const CONTENT_CHECKSUM: u8 = 0x04;
/// A block may have up to 64 KiB, as Java's clients have it.
const BLOCK_CODE: u8 = 4 << 4;
/// Bytes put into one: the crate looks for matches in larger ones by the width of the machine's
/// words, and a page must write the same bytes as a server.
const BLOCK: usize = 60 * 1024;
/// The bit of a block's size that says it is not compressed.
const STORED: u32 = 1 << 31;
/// What a byte can open to at most.
const MOST_PER_BYTE: usize = 255;

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    let descriptor = [FLAGS, BLOCK_CODE];
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&descriptor);
    out.push(header_checksum(&descriptor));
    let mut packed = vec![0; get_maximum_output_size(bytes.len().min(BLOCK))];
    for block in bytes.chunks(BLOCK) {
        let size = compress_into(block, &mut packed).unwrap_or(BLOCK);
        let (size, content) = match packed.get(..size) {
            Some(packed) if size < block.len() => (size as u32, packed),
            _ => (block.len() as u32 | STORED, block),
        };
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(content);
    }
    out.extend_from_slice(&[0; 4]);
}

/// Opens one frame. Bytes after it are passed over, as Java does.
pub(super) fn decompress(bytes: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let mut rest = Cursor::new(bytes);
    let (flags, most) = header(&mut rest).ok_or(Fault::Damaged)?;
    loop {
        let size = word(&mut rest).ok_or(Fault::Damaged)?;
        if size == 0 {
            break;
        }
        let length = usize::try_from(size & !STORED).map_err(|_| Fault::Damaged)?;
        let content = rest.take(length.min(most.saturating_add(1)));
        let content = content.filter(|content| content.len() == length);
        let content = content.ok_or(Fault::Damaged)?;
        if flags & BLOCK_CHECKSUMS != 0 && word(&mut rest) != Some(XxHash32::oneshot(0, content)) {
            return Err(Fault::Damaged);
        }
        if size & STORED == 0 {
            block(content, most, sink)?;
        } else {
            sink.put(content)?;
        }
    }
    if flags & CONTENT_CHECKSUM != 0 {
        word(&mut rest).ok_or(Fault::Damaged)?;
    }
    Ok(())
}

/// Reads what stands before the blocks: the flags, and how large a block may be.
fn header(rest: &mut Cursor<'_>) -> Option<(u8, usize)> {
    if rest.take(MAGIC.len())? != MAGIC {
        return None;
    }
    let mut descriptor = *rest;
    let (flags, code) = (rest.byte()?, rest.byte()?);
    if flags & VERSION_MASK != VERSION || flags & INDEPENDENT == 0 {
        return None;
    }
    let size = if flags & CONTENT_SIZE != 0 { 8 } else { 0 };
    rest.take(size)?;
    let covered = descriptor.take(size + 2)?;
    if rest.byte()? != header_checksum(covered) {
        return None;
    }
    let code = (code >> 4) & 7;
    (code >= 4).then(|| (flags, 1 << (8 + 2 * u32::from(code))))
}

fn block(bytes: &[u8], most: usize, sink: &mut Sink) -> Result<(), Fault> {
    let start = sink.bytes.len();
    let room = bytes.len().saturating_mul(MOST_PER_BYTE).min(most);
    let end = start.saturating_add(room).min(sink.limit);
    sink.bytes.resize(end.max(start), 0);
    let out = sink.bytes.get_mut(start..).unwrap_or_default();
    let short = out.len() < room;
    match decompress_into(bytes, out) {
        Ok(written) => {
            sink.bytes.truncate(start.saturating_add(written));
            Ok(())
        }
        Err(_) if short => Err(Fault::TooMuch),
        Err(_) => Err(Fault::Damaged),
    }
}

fn header_checksum(descriptor: &[u8]) -> u8 {
    (XxHash32::oneshot(0, descriptor) >> 8) as u8
}

fn word(rest: &mut Cursor<'_>) -> Option<u32> {
    rest.take(4)?
        .first_chunk()
        .map(|word| u32::from_le_bytes(*word))
}
