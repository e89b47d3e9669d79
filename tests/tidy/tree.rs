//! The project's files as the rules see them.

use crate::rust::Code;
use std::fmt;
use std::path::Path;

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 4] = ["target", "dist", "node_modules", ".git"];
/// Files read as text.
const ENDINGS: [&str; 9] = [
    "rs", "css", "toml", "md", "html", "js", "json", "svg", "txt",
];

/// One breach of a rule.
pub struct Offence {
    path: String,
    line: usize,
    what: String,
}

impl Offence {
    /// A breach at a line (from 1) of a file; `what` says what is wrong and what to do.
    pub fn new(file: &File, line: usize, what: impl Into<String>) -> Offence {
        Offence {
            path: file.path.clone(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// A text file; its path is relative to the project, with `/`.
pub struct File {
    pub path: String,
    pub text: String,
    /// For Rust: the same lines without comments and without what stands in strings.
    pub code: Code,
}

impl File {
    /// A file with this path and text.
    pub fn new(path: &str, text: &str) -> File {
        let code = if path.ends_with(".rs") {
            Code::of(text)
        } else {
            Code::default()
        };
        File {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
        }
    }

    /// The layer whose folder this file is in.
    pub fn layer(&self) -> Option<&str> {
        let (layer, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(layer)
    }
}

/// All text files.
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    /// The project as it lies on the disk.
    pub fn of_project() -> Tree {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        read(root, root, &mut files);
        Tree { files }
    }

    /// A project of these paths and texts.
    #[cfg(test)]
    pub fn planted(files: &[(&str, &str)]) -> Tree {
        Tree {
            files: files
                .iter()
                .map(|(path, text)| File::new(path, text))
                .collect(),
        }
    }

    /// Every Rust file.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// Every Rust file of the product itself.
    pub fn product(&self) -> impl Iterator<Item = &File> {
        self.rust().filter(|file| file.path.starts_with("src/"))
    }

    /// Every stylesheet.
    pub fn styles(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".css"))
    }
}

fn read(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                read(root, &path, files);
            }
            continue;
        }
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if !ENDINGS.contains(&ending) && !path.ends_with(".ci/run") {
            continue;
        }
        // What is not UTF-8 is data of a test, not text of the project.
        if let Ok(text) = std::fs::read_to_string(&path) {
            let relative = path.strip_prefix(root).expect("inside the project");
            files.push(File::new(
                &relative.to_string_lossy().replace('\\', "/"),
                &text,
            ));
        }
    }
}
