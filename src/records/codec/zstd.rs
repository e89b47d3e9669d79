//! Zstandard.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use ruzstd::encoding::{CompressionLevel, compress as encode};

use crate::codec::{Fault, Sink};

pub(super) fn compress(bytes: &[u8], out: &mut Vec<u8>) {
    encode(bytes, out, CompressionLevel::Fastest);
}

/// Opens all frames; Java reads several as one, too.
pub(super) fn decompress(mut bytes: &[u8], sink: &mut Sink) -> Result<(), Fault> {
    while !bytes.is_empty() {
        frame(&mut bytes, sink)?;
    }
    Ok(())
}

fn frame(bytes: &mut &[u8], sink: &mut Sink) -> Result<(), Fault> {
    // A fresh one each time: a used one makes room for the window that the next frame claims.
    let mut decoder = FrameDecoder::new();
    decoder.init(&mut *bytes).map_err(|_| Fault::Damaged)?;
    let mut done = false;
    while !done {
        let step = BlockDecodingStrategy::UptoBlocks(1);
        let decoded = decoder.decode_blocks(&mut *bytes, step);
        done = decoded.map_err(|_| Fault::Damaged)?;
        // The window is kept back until the frame ends; it counts against the limit all the same.
        if let Some(ready) = decoder.collect() {
            sink.put(&ready)?;
        }
    }
    Ok(())
}
