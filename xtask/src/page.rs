//! Building the page.

use crate::files::{self, DIST, STYLESHEET};
use crate::parts::glue;
use crate::step::{self, Outcome};
use crate::{bindgen, sizes, tools};
use std::path::Path;

/// How the page is compiled.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// As it is shipped: small and fast, a minute to build.
    Release,
    /// For working on it: quick to build, large and slow.
    Dev,
    /// As it is shipped, but in one part that tells which of its functions ran.
    Counting,
}

/// Where the program's later part lies until it is put into the page.
pub const BESIDE: &str = "target/page/program";
/// Names that say which types a function is made for: the cut goes by names, which are not shipped.
const FLAGS: &str = "-Csymbol-mangling-version=v0 -Clink-arg=--emit-relocs";

impl Kind {
    /// The folder that the built page lies in; only the shipped one may be `dist`.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Release => DIST,
            Kind::Dev => "target/page/dev",
            Kind::Counting => "target/page/counting",
        }
    }
}

/// Builds the page as it is shipped, prints its weight and refuses one that is too heavy.
pub fn build_and_weigh() -> Outcome {
    build(Kind::Release)?;
    sizes::weigh(Path::new(DIST))
}

/// Builds the page into its folder.
pub fn build(kind: Kind) -> Outcome {
    tools::wasm_target()?;
    let mut trunk = tools::trunk()?;
    write_stylesheet()?;
    trunk.args(["build", "--dist", kind.folder()]);
    let beside = std::path::absolute(BESIDE)
        .map_err(|error| format!("there is no current folder: {error}."))?;
    if kind != Kind::Dev {
        trunk
            .arg("--release")
            .env(bindgen::LATER, &beside)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", FLAGS);
    }
    if kind == Kind::Counting {
        trunk.env(bindgen::COUNTING, "1");
    }
    let what = match kind {
        Kind::Release => "Building the page into dist/ (the first time takes a minute or two)",
        Kind::Dev => "Building the page for development",
        Kind::Counting => "Building the page so that it tells which of its functions ran",
    };
    step::run(
        what,
        &mut trunk,
        "The compiler's or Trunk's message is above.",
    )?;
    // Trunk's lock is no part of the page; it may be gone already.
    let _ = std::fs::remove_file(Path::new(kind.folder()).join(".trunk-lock"));
    if kind == Kind::Release {
        let later = files::read(&beside.join(bindgen::LATER_FILE))?;
        files::write(&Path::new(DIST).join(glue::name(&later)), &later)?;
    }
    Ok(())
}

/// One stylesheet is one request: tokens first, then the ground, then everything else by name.
fn write_stylesheet() -> Outcome {
    let folder = Path::new("static/css");
    let mut sheets = files::under(folder);
    sheets.retain(|sheet| sheet.extension().is_some_and(|ending| ending == "css"));
    let place = |sheet: &Path| {
        let first = ["tokens.css", "base.css"];
        let at_the_top = first.iter().position(|name| sheet == folder.join(name));
        at_the_top.unwrap_or(if sheet.parent() == Some(folder) { 2 } else { 3 })
    };
    sheets.sort_by_key(|sheet| place(sheet));
    let mut whole = Vec::new();
    for sheet in sheets {
        whole.extend(files::read(&sheet)?);
        whole.push(b'\n');
    }
    let path = Path::new(STYLESHEET);
    if std::fs::read(path).is_ok_and(|found| found == whole) {
        return Ok(());
    }
    files::write(path, &whole)
}
