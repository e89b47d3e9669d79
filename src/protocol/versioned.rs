//! Structs that travel inside bytes fields and records, with their version in front.

use bytes::Bytes;

use crate::error::{DecodeError, Fault};
use crate::header::read_version;
use crate::wire::{FieldSpan, Reader, Tracer, Versions, Wire, Writer};

/// A struct written as a 16-bit version and then its fields.
pub trait Versioned: Wire {
    /// The versions known here.
    const VERSIONS: Versions;
    /// The first version with compact lengths and tagged fields.
    const FLEXIBLE_FROM: i16 = i16::MAX;
    /// Whether a version newer than known is read as far as the last known one goes, as consumers
    /// of different age in one group must do.
    const NEWER_READS_AS_LAST: bool = false;

    /// Reads version and struct. Bytes after the last field are tolerated.
    fn decode(bytes: &Bytes) -> Result<(i16, Self), DecodeError> {
        read(&mut Reader::new(bytes, 0, false)).map_err(|fault| fault.into_error(None))
    }

    /// Writes version and struct; fields that the version does not have are left out.
    fn encode(&self, version: i16) -> Bytes {
        let mut writer = Writer::new(version, version >= Self::FLEXIBLE_FROM);
        writer.put(&version.to_be_bytes());
        self.write(&mut writer, false);
        writer.finish()
    }

    /// Where the fields lie in the bytes; as far as they could be read.
    fn trace(bytes: &Bytes) -> Vec<FieldSpan> {
        let mut reader = Reader::new(bytes, 0, false).with_tracer(Some(Tracer::default()));
        let _as_far_as_it_goes = read::<Self>(&mut reader);
        reader.into_spans()
    }
}

fn read<T: Versioned>(reader: &mut Reader<'_>) -> Result<(i16, T), Fault> {
    let newest = i16::from(T::VERSIONS.last);
    let last = if T::NEWER_READS_AS_LAST {
        i16::MAX
    } else {
        newest
    };
    let version = read_version(reader, i16::from(T::VERSIONS.first), last)?;
    let layout = version.min(newest);
    reader.set_version(layout, layout >= T::FLEXIBLE_FROM);
    let mut value = T::initial(crate::wire::Initial::Zero);
    reader.traced(T::NAME, &mut value, false)?;
    Ok((version, value))
}
