//! snappy: Java's clients write blocks behind a header of their own (`xerial`), others one bare block.

use snap::raw::{Decoder, Encoder, decompress_len, max_compress_len};

use crate::codec::{Fault, Sink};
use crate::cursor::Cursor;

/// What Java's streams begin with; a version and the oldest version that reads it follow.
const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
const VERSIONS: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 1];
/// Bytes that Java's clients put into a block.
const BLOCK: usize = 32 * 1024;
/// What a byte can open to at most: three bytes stand for up to 64.
const MOST_PER_BYTE: usize = 22;

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSIONS);
    let mut encoder = Encoder::new();
    let mut packed = vec![0; max_compress_len(bytes.len().min(BLOCK))];
    for block in bytes.chunks(BLOCK) {
        // It fails only on a buffer that is too small.
        let size = encoder.compress(block, &mut packed).unwrap_or_default();
        out.extend_from_slice(&(size as u32).to_be_bytes());
        out.extend_from_slice(packed.get(..size).unwrap_or_default());
    }
}

pub(super) fn decompress(bytes: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let Some(blocks) = bytes.strip_prefix(&MAGIC) else {
        return block(bytes, sink);
    };
    let mut rest = Cursor::new(blocks);
    rest.take(VERSIONS.len()).ok_or(Fault::Damaged)?;
    while rest.remaining() > 0 {
        let size = rest.take(4).and_then(|size| size.first_chunk());
        let size = size.map_or(0, |size| u32::from_be_bytes(*size));
        let content = usize::try_from(size).ok().and_then(|size| rest.take(size));
        block(content.ok_or(Fault::Damaged)?, sink)?;
    }
    Ok(())
}

fn block(bytes: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let size = decompress_len(bytes).map_err(|_| Fault::Damaged)?;
    // The size is only claimed: room is made for no more than the bytes can really open to.
    if size > bytes.len().saturating_mul(MOST_PER_BYTE) {
        return Err(Fault::Damaged);
    }
    sink.room_for(size)?;
    let start = sink.bytes.len();
    sink.bytes.resize(start.saturating_add(size), 0);
    let room = sink.bytes.get_mut(start..).unwrap_or_default();
    match Decoder::new().decompress(bytes, room) {
        Ok(written) if written == size => Ok(()),
        _ => Err(Fault::Damaged),
    }
}
