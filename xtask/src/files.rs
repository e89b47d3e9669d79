//! Where things lie in the project, and walking its folders.

use crate::step::Outcome;
use std::path::{Path, PathBuf};

/// Tools that the project built for itself.
pub const TOOLS: &str = "target/tools/bin";
/// The one stylesheet of the page, put together from `static/css`.
pub const STYLESHEET: &str = "target/page/app.css";
/// The page as it is shipped.
pub const DIST: &str = "dist";

/// Makes the project's root the current folder, so that every path in here is relative to it.
pub fn enter_root() -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.ok_or("the project has no root folder; clone it anew")?;
    std::env::set_current_dir(root).map_err(|error| {
        format!(
            "cannot enter {}: {error}. Was the project moved? Run touch xtask/src/main.rs.",
            root.display()
        )
    })
}

/// Every file under a folder, in the order of their names; none when there is no such folder.
pub fn under(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
        .into_iter()
        .flat_map(|path| {
            if path.is_dir() {
                under(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Reads a whole file.
pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}.", path.display()))
}

/// Writes a whole file and the folders that lead to it.
pub fn write(path: &Path, content: &[u8]) -> Outcome {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, content))
        .map_err(|error| {
            format!(
                "cannot write {}: {error}. Is the disk full or read-only?",
                path.display()
            )
        })
}

/// The full path of a program, looked for in the project's tools first and then along `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = std::env::current_dir().ok()?.join(TOOLS);
    std::iter::once(here)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
