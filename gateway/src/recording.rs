//! Recordings: every input with its time, so that a run can be run again bit for bit, and marks that
//! say what had been sent by then.
//!
//! A recording is a line of text, the plan as JSON with its length, then entries; numbers are
//! big-endian. It is written as the run goes on, so one that breaks off is good up to its last entry.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use engine::time::SimTime;

use crate::cluster::{ClientId, Input, Output, Plan};

/// The first bytes of a recording.
const SIGN: &[u8; 8] = b"KPREC 1\n";
/// A mark at least so often while something happens.
const MARK_MICROS: u64 = 1_000_000;
const BUFFER: usize = 1 << 20;
/// No recording has longer texts or frames; more means that it is damaged.
const LONGEST: u32 = 1 << 30;

const TURN: u8 = b'T';
const MARK: u8 = b'M';
const END: u8 = b'E';

/// What had been sent at some moment: how many frames, and a digest over each one's connection and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Frames.
    pub frames: u64,
    /// Not a secret: it finds differences, it does not withstand forgery.
    pub digest: u64,
}

/// Writes a recording.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: BufWriter<File>,
    sent: Sent,
    marked_at: SimTime,
}

/// One entry of a recording.
#[derive(Debug, PartialEq)]
pub enum Entry {
    /// What arrived, and when.
    Turn(SimTime, Vec<Input>),
    /// What had been sent by then.
    Mark(Sent),
    /// The run ended in good order, having sent this.
    End(Sent),
}

/// Reads a recording.
#[derive(Debug)]
pub struct Recording {
    file: BufReader<File>,
}

impl Sent {
    /// Counts what a turn put out.
    pub fn note(&mut self, outputs: &[Output]) {
        for output in outputs {
            let (client, kind, bytes) = match output {
                Output::Frame(client, frame) => (client, 1_u64, &frame[..]),
                Output::Close(client) => (client, 2, &[][..]),
                Output::Idle(_) => continue,
            };
            self.frames = self.frames.saturating_add(u64::from(kind == 1));
            let crc = u64::from(crc32c::crc32c(bytes));
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            for word in [client.0, kind, length, crc] {
                // FNV-1a, a word at a time.
                self.digest = (self.digest ^ word).wrapping_mul(0x0000_0100_0000_01b3);
                self.digest = self.digest.rotate_left(29);
            }
        }
    }
}

impl Recorder {
    /// A new recording of a run by this plan.
    ///
    /// # Errors
    /// A sentence, if the file cannot be written.
    pub fn create(path: &Path, plan: &Plan) -> Result<Recorder, String> {
        let file = File::create(path).map_err(|error| format!("cannot write {path:?}: {error}"))?;
        let mut recorder = Recorder {
            path: path.to_owned(),
            file: BufWriter::with_capacity(BUFFER, file),
            sent: Sent::default(),
            marked_at: SimTime(plan.started_at),
        };
        let plan = serde_json::to_vec(plan).map_err(|error| error.to_string())?;
        recorder.written(|file| {
            file.write_all(SIGN)?;
            write_bytes(file, &plan)
        })?;
        Ok(recorder)
    }

    /// What is about to happen.
    ///
    /// # Errors
    /// A sentence, if the file cannot be written.
    pub fn turn(&mut self, now: SimTime, inputs: &[Input]) -> Result<(), String> {
        self.written(|file| {
            file.write_all(&[TURN])?;
            file.write_all(&now.0.to_be_bytes())?;
            write_length(file, inputs.len())?;
            inputs.iter().try_for_each(|input| write_input(file, input))
        })
    }

    /// What came of it.
    ///
    /// # Errors
    /// A sentence, if the file cannot be written.
    pub fn sent(&mut self, now: SimTime, outputs: &[Output]) -> Result<(), String> {
        self.sent.note(outputs);
        if now.micros_since(self.marked_at) < MARK_MICROS {
            return Ok(());
        }
        self.marked_at = now;
        let sent = self.sent;
        self.written(|file| {
            write_mark(file, MARK, sent)?;
            file.flush()
        })
    }

    /// The run ends in good order.
    ///
    /// # Errors
    /// A sentence, if the file cannot be written.
    pub fn finish(mut self) -> Result<(), String> {
        let sent = self.sent;
        self.written(|file| {
            write_mark(file, END, sent)?;
            file.flush()
        })
    }

    fn written(
        &mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), String> {
        write(&mut self.file)
            .map_err(|error| format!("cannot write the recording {:?}: {error}", self.path))
    }
}

impl Recording {
    /// Opens a recording; gives the plan of its run too.
    ///
    /// # Errors
    /// A sentence, if there is no such file or it is no recording.
    pub fn open(path: &Path) -> Result<(Recording, Plan), String> {
        let file = File::open(path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
        let mut file = BufReader::with_capacity(BUFFER, file);
        let foreign = || format!("{path:?} is not a recording of this version of kafka-playground");
        let mut sign = [0; SIGN.len()];
        if file.read_exact(&mut sign).is_err() || sign != *SIGN {
            return Err(foreign());
        }
        let plan = read_bytes(&mut file).map_err(|_| foreign())?;
        let plan = serde_json::from_slice(&plan).map_err(|_| foreign())?;
        Ok((Recording { file }, plan))
    }

    /// The next entry; `None` where the file ends or breaks off.
    ///
    /// # Errors
    /// A sentence, if the file cannot be read or holds something else.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, String> {
        match read_entry(&mut self.file) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(format!("the recording cannot be read: {error}")),
        }
    }
}

fn write_mark(file: &mut impl Write, kind: u8, sent: Sent) -> io::Result<()> {
    file.write_all(&[kind])?;
    file.write_all(&sent.frames.to_be_bytes())?;
    file.write_all(&sent.digest.to_be_bytes())
}

fn write_input(file: &mut impl Write, input: &Input) -> io::Result<()> {
    match input {
        Input::Accepted {
            client,
            broker,
            peer_host,
        } => {
            file.write_all(b"a")?;
            file.write_all(&client.0.to_be_bytes())?;
            file.write_all(&broker.to_be_bytes())?;
            write_bytes(file, peer_host.as_bytes())
        }
        Input::Frame(client, frame) => {
            file.write_all(b"f")?;
            file.write_all(&client.0.to_be_bytes())?;
            write_bytes(file, frame)
        }
        Input::Closed(client) => {
            file.write_all(b"c")?;
            file.write_all(&client.0.to_be_bytes())
        }
        Input::Kill(broker) => {
            file.write_all(b"k")?;
            file.write_all(&broker.to_be_bytes())
        }
        Input::Start(broker) => {
            file.write_all(b"s")?;
            file.write_all(&broker.to_be_bytes())
        }
    }
}

fn write_bytes(file: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write_length(file, bytes.len())?;
    file.write_all(bytes)
}

fn write_length(file: &mut impl Write, length: usize) -> io::Result<()> {
    let length = u32::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
    file.write_all(&length.to_be_bytes())
}

fn read_entry(file: &mut impl Read) -> io::Result<Entry> {
    match read_array::<1>(file)? {
        [TURN] => {
            let now = SimTime(read_u64(file)?);
            let count = read_length(file)?;
            let mut inputs = Vec::new();
            for _ in 0..count {
                inputs.push(read_input(file)?);
            }
            Ok(Entry::Turn(now, inputs))
        }
        [MARK] => Ok(Entry::Mark(read_sent(file)?)),
        [END] => Ok(Entry::End(read_sent(file)?)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn read_sent(file: &mut impl Read) -> io::Result<Sent> {
    Ok(Sent {
        frames: read_u64(file)?,
        digest: read_u64(file)?,
    })
}

fn read_input(file: &mut impl Read) -> io::Result<Input> {
    Ok(match &read_array::<1>(file)? {
        b"a" => Input::Accepted {
            client: ClientId(read_u64(file)?),
            broker: read_i32(file)?,
            peer_host: String::from_utf8(read_bytes(file)?)
                .map_err(|_| io::ErrorKind::InvalidData)?,
        },
        b"f" => Input::Frame(ClientId(read_u64(file)?), Bytes::from(read_bytes(file)?)),
        b"c" => Input::Closed(ClientId(read_u64(file)?)),
        b"k" => Input::Kill(read_i32(file)?),
        b"s" => Input::Start(read_i32(file)?),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    })
}

/// Takes memory as the bytes come, whatever a damaged length says.
fn read_bytes(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = read_length(file)?;
    let mut bytes = Vec::new();
    let read = file.take(u64::from(length)).read_to_end(&mut bytes)?;
    if u32::try_from(read).is_ok_and(|read| read == length) {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn read_length(file: &mut impl Read) -> io::Result<u32> {
    let length = u32::from_be_bytes(read_array(file)?);
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(length)
}

fn read_u64(file: &mut impl Read) -> io::Result<u64> {
    Ok(u64::from_be_bytes(read_array(file)?))
}

fn read_i32(file: &mut impl Read) -> io::Result<i32> {
    Ok(i32::from_be_bytes(read_array(file)?))
}

fn read_array<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
