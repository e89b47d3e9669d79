//! gzip: DEFLATE between a header and a checksum.

use miniz_oxide::deflate;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress as inflate, inflate_flags};

use crate::codec::{Fault, Sink};
use crate::crc;
use crate::cursor::Cursor;

/// Magic, DEFLATE, nothing optional, no time, no hint, no system. Java writes the same.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
const USUAL_LEVEL: u8 = 6;
/// What a first look makes room for; the room doubles from there.
const FIRST_ROOM: usize = 4096;

const HAS_HEADER_CRC: u8 = 0x02;
const HAS_EXTRA: u8 = 0x04;
const HAS_NAME: u8 = 0x08;
const HAS_COMMENT: u8 = 0x10;

pub(super) fn compress(level: i32, bytes: &[u8], out: &mut Vec<u8>) {
    let level = u8::try_from(level).ok().filter(|l| (1..=9).contains(l));
    out.extend_from_slice(&HEADER);
    let packed = deflate::compress_to_vec(bytes, level.unwrap_or(USUAL_LEVEL));
    out.extend_from_slice(&packed);
    out.extend_from_slice(&crc::gzip(bytes).to_le_bytes());
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
}

/// Opens all members; Java reads several as one, too.
pub(super) fn decompress(bytes: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    let mut rest = Cursor::new(bytes);
    while rest.remaining() > 0 {
        skip_header(&mut rest).ok_or(Fault::Damaged)?;
        let start = sink.bytes.len();
        let consumed = member(rest.rest(), sink)?;
        let content = sink.bytes.get(start..).unwrap_or_default();
        let sums = [crc::gzip(content), content.len() as u32];
        rest.take(consumed).ok_or(Fault::Damaged)?;
        for sum in sums {
            let stored = rest.take(4).and_then(|stored| stored.first_chunk());
            if stored != Some(&sum.to_le_bytes()) {
                return Err(Fault::Damaged);
            }
        }
    }
    Ok(())
}

/// Inflates one stream; gives how many bytes it took.
fn member(bytes: &[u8], sink: &mut Sink) -> Result<usize, Fault> {
    let mut state = Box::<DecompressorOxide>::default();
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    // All that this member wrote must stay in one piece: it refers back to itself.
    let start = sink.bytes.len();
    let (mut read, mut written) = (0, 0);
    let mut room = FIRST_ROOM;
    loop {
        let size = start.saturating_add(room).min(sink.limit);
        sink.bytes.resize(size, 0);
        let out = sink.bytes.get_mut(start..).unwrap_or_default();
        let left = bytes.get(read..).unwrap_or_default();
        let (status, took, gave) = inflate(&mut state, left, out, written, flags);
        read = read.saturating_add(took);
        written = written.saturating_add(gave);
        match status {
            TINFLStatus::Done => break,
            TINFLStatus::HasMoreOutput if size < sink.limit => room = room.saturating_mul(2),
            TINFLStatus::HasMoreOutput => return Err(Fault::TooMuch),
            _ => return Err(Fault::Damaged),
        }
    }
    sink.bytes.truncate(start.saturating_add(written));
    Ok(read)
}

fn skip_header(rest: &mut Cursor<'_>) -> Option<()> {
    let header = rest.take(HEADER.len())?;
    let [0x1f, 0x8b, 8, flags, ..] = header else {
        return None;
    };
    if flags & HAS_EXTRA != 0 {
        let length = u16::from_le_bytes(*rest.take(2)?.first_chunk()?);
        rest.take(usize::from(length))?;
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        while flags & text != 0 && rest.byte()? != 0 {}
    }
    if flags & HAS_HEADER_CRC != 0 {
        rest.take(2)?;
    }
    Some(())
}
