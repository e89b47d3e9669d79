//! Bytes of one connection become frames. Memory grows with what has arrived, never with what a
//! length has announced.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

/// Kafka's `socket.request.max.bytes`: 100 MiB.
pub const DEFAULT_REQUEST_LIMIT: usize = 104_857_600;
/// Before a frame stands its length.
const LENGTH: usize = 4;
/// Room for a connection's first bytes, and for one that rarely says anything.
const SMALLEST_ROOM: usize = 4 * 1024;
/// Less room than this is not worth a read.
const SMALLEST_READ: usize = 512;
/// Room for a connection that fills what it gets.
const USUAL_ROOM: usize = 64 * 1024;

/// Bytes that have arrived and are not taken yet.
#[derive(Debug)]
pub struct Incoming {
    buffer: BytesMut,
    limit: usize,
    room: usize,
}

/// A length that no request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLength {
    announced: i32,
    limit: usize,
}

impl fmt::Display for BadLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BadLength { announced, limit } = self;
        write!(
            f,
            "announced a request of {announced} bytes; socket.request.max.bytes allows {limit}"
        )
    }
}

impl Incoming {
    /// Nothing yet, of frames of at most `limit` bytes.
    pub fn new(limit: usize) -> Incoming {
        Incoming {
            buffer: BytesMut::new(),
            limit,
            room: SMALLEST_ROOM,
        }
    }

    /// Bytes that wait here.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// A buffer with room for more, to read into.
    pub fn make_room(&mut self) -> &mut BytesMut {
        let spare = self.buffer.capacity().saturating_sub(self.buffer.len());
        if spare < SMALLEST_READ {
            let arrived = self.buffer.len();
            let missing = self.missing();
            // A large frame's memory doubles as it arrives.
            let room = missing.clamp(self.room, arrived.max(self.room));
            self.room = self.room.saturating_mul(2).min(USUAL_ROOM);
            self.buffer.reserve(room);
        }
        &mut self.buffer
    }

    /// The next whole frame, if it has arrived.
    ///
    /// # Errors
    /// The length that comes next is negative or above the limit; nothing tells where another frame
    /// would begin.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, BadLength> {
        let Some(length) = self.length()? else {
            return Ok(None);
        };
        if self.buffer.len() < length.saturating_add(LENGTH) {
            return Ok(None);
        }
        self.buffer.advance(LENGTH);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    fn length(&self) -> Result<Option<usize>, BadLength> {
        let Some(bytes) = self.buffer.first_chunk::<LENGTH>() else {
            return Ok(None);
        };
        let announced = i32::from_be_bytes(*bytes);
        let limit = self.limit;
        match usize::try_from(announced) {
            Ok(length) if length <= limit => Ok(Some(length)),
            _ => Err(BadLength { announced, limit }),
        }
    }

    /// What the frame that has begun still lacks.
    fn missing(&self) -> usize {
        let length = self.length().ok().flatten().unwrap_or(0);
        length
            .saturating_add(LENGTH)
            .saturating_sub(self.buffer.len())
    }
}

#[cfg(test)]
mod tests {
    use bytes::BufMut;

    use super::{Incoming, USUAL_ROOM};

    fn arrive(incoming: &mut Incoming, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = incoming.make_room();
            let fits = rest.len().min(room.capacity() - room.len());
            room.put_slice(&rest[..fits]);
            rest = &rest[fits..];
        }
    }

    fn frame(body: &[u8]) -> Vec<u8> {
        let mut bytes = (body.len() as i32).to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn frames_come_out_whole_however_they_arrive() {
        let (one, two) = (vec![1; 3], vec![2; 300_000]);
        let bytes = [frame(&one), frame(&[]), frame(&two)].concat();
        for step in [1, 7, 4096, bytes.len()] {
            let mut incoming = Incoming::new(1_000_000);
            let mut frames = Vec::new();
            for part in bytes.chunks(step) {
                arrive(&mut incoming, part);
                while let Some(frame) = incoming.next_frame().expect("good lengths") {
                    frames.push(frame);
                }
            }
            assert_eq!(frames, [one.clone(), Vec::new(), two.clone()], "{step}");
            assert_eq!(incoming.held(), 0);
        }
    }

    #[test]
    fn a_length_is_refused_as_soon_as_it_is_known() {
        for announced in [-1_i32, i32::MIN, i32::MAX, 1_001] {
            let mut incoming = Incoming::new(1_000);
            arrive(&mut incoming, &announced.to_be_bytes());
            let sentence = incoming.next_frame().expect_err("too long").to_string();
            assert!(sentence.contains(&announced.to_string()), "{sentence}");
        }
    }

    #[test]
    fn an_announced_length_takes_no_memory() {
        let mut incoming = Incoming::new(usize::MAX);
        arrive(&mut incoming, &i32::MAX.to_be_bytes());
        for _ in 0..10 {
            arrive(&mut incoming, &[0; 1000]);
            assert!(incoming.next_frame().is_ok_and(|frame| frame.is_none()));
            let (held, capacity) = (incoming.held(), incoming.buffer.capacity());
            assert!(capacity <= 2 * held + USUAL_ROOM, "{capacity} for {held}");
        }
    }
}
