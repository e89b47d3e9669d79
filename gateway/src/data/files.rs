//! What is done to files, with a sentence when it cannot be done.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// Slices that one write takes at most.
const SLICES: usize = 512;

/// A sentence about what could not be done with a path.
pub fn failed(what: &str, path: &Path, error: &std::io::Error) -> String {
    let hint = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ": nothing that was acknowledged is lost; make room and start again"
        }
        ErrorKind::PermissionDenied => ": this user may not",
        _ => "",
    };
    format!("cannot {what} {}: {error}{hint}", path.display())
}

/// Makes a directory, and those it lies in.
pub fn make_dir(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| failed("make the directory", path, &error))
}

/// The names in a directory, in order. Names that are not text are nobody's here.
pub fn names(dir: &Path) -> Result<Vec<String>, String> {
    let failed = |error: &std::io::Error| failed("read the directory", dir, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// All bytes of a file.
pub fn read(path: &Path) -> Result<Bytes, String> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(|error| failed("open", path, &error))?;
    file.read_to_end(&mut bytes)
        .map_err(|error| failed("read", path, &error))?;
    Ok(Bytes::from(bytes))
}

/// The text of a file; `None` if there is no such file.
pub fn read_text(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, &error)),
    }
}

/// Puts bytes into a file in one step: whoever reads it finds the old ones or the new ones.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    let new = PathBuf::from(name);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    written.map_err(|error| failed("write", &new, &error))?;
    rename(&new, path)
}

/// Gives a file or directory another name.
pub fn rename(from: &Path, to: &Path) -> Result<(), String> {
    fs::rename(from, to).map_err(|error| failed("rename", from, &error))
}

/// Deletes a file that may be gone already.
pub fn remove(path: &Path) -> Result<(), String> {
    gone(fs::remove_file(path)).map_err(|error| failed("delete", path, &error))
}

/// Deletes a directory with all that is in it, which may be gone already.
pub fn remove_dir(path: &Path) -> Result<(), String> {
    gone(fs::remove_dir_all(path)).map_err(|error| failed("delete", path, &error))
}

/// Opens a file to write at its end; it is made if need be.
pub fn open_to_append(path: &Path) -> Result<File, String> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    options
        .open(path)
        .map_err(|error| failed("open", path, &error))
}

/// Cuts a file to its first `size` bytes.
pub fn cut(path: &Path, size: u64) -> Result<(), String> {
    let cut = OpenOptions::new().write(true).open(path).and_then(|file| {
        file.set_len(size)?;
        file.sync_data()
    });
    cut.map_err(|error| failed("cut", path, &error))
}

/// Writes all of `chunks`, in order.
pub fn write_all(file: &mut File, chunks: &[Bytes]) -> std::io::Result<()> {
    for chunks in chunks.chunks(SLICES) {
        let mut slices: Vec<IoSlice<'_>> = chunks.iter().map(|chunk| IoSlice::new(chunk)).collect();
        let mut left = slices.as_mut_slice();
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            match file.write_vectored(left) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn gone(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
