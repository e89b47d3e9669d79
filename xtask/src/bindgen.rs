//! wasm-bindgen as a library: a third of the time that building the tool itself takes.

use crate::files;
use crate::parts::{self, opening::Opening};
use crate::step::Outcome;
use std::path::{Path, PathBuf};

/// Set while the page is built as it is shipped: a folder for what is beside the first part.
pub const LATER: &str = "PLAYGROUND_LATER";
/// Set as well while the page is built to see what its opening runs.
pub const COUNTING: &str = "PLAYGROUND_COUNTING";
/// The later part in that folder.
pub const LATER_FILE: &str = "later.wasm";
/// The names of the counted functions, one a line.
pub const NAMES_FILE: &str = "functions.txt";

/// Stands in for the program `wasm-bindgen`.
pub fn bind(args: &[String]) -> Outcome {
    // The version alone is asked for before the work begins.
    let later = std::env::var_os(LATER).filter(|_| args.len() > 1);
    let names = ["--no-demangle"];
    let names = names.iter().copied().filter(|_| later.is_some());
    let words = std::iter::once("wasm-bindgen")
        .chain(args.iter().map(String::as_str))
        .chain(names);
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words)
        .map_err(|error| format!("{error:#}"))?;
    match later {
        Some(folder) => {
            let linked = args.iter().find(|arg| arg.ends_with(".wasm"));
            let linked = linked.ok_or("wasm-bindgen was not told of a program.")?;
            cut(Path::new(linked), &output(args)?, Path::new(&folder))
        }
        None => Ok(()),
    }
}

/// Stands in for the program `wasm-bindgen-test-runner`.
pub fn run_tests(args: &[String]) -> Outcome {
    let args = std::iter::once("wasm-bindgen-test-runner").chain(args.iter().map(String::as_str));
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args)
        .map_err(|error| format!("{error:#}"))
}

/// The path of what was written, without `.js` or `_bg.wasm`.
fn output(args: &[String]) -> Outcome<PathBuf> {
    let after = |option: &str| {
        let joined = format!("{option}=");
        args.iter().enumerate().find_map(|(at, arg)| {
            let joined = arg.strip_prefix(&joined);
            joined.or_else(|| (arg == option).then(|| args.get(at + 1).map(String::as_str))?)
        })
    };
    match (after("--out-dir"), after("--out-name")) {
        (Some(folder), Some(name)) => Ok(Path::new(folder).join(name)),
        _ => Err("wasm-bindgen was not told --out-dir and --out-name.".to_owned()),
    }
}

/// Cuts what was written in two, and has the glue between program and page say where the later part is.
fn cut(linked: &Path, output: &Path, folder: &Path) -> Outcome {
    let beside = |ending: &str| PathBuf::from(format!("{}{ending}", output.display()));
    let (wasm_path, glue_path) = (beside("_bg.wasm"), beside(".js"));
    let wasm = files::read(&wasm_path)?;
    let glue = String::from_utf8(files::read(&glue_path)?)
        .map_err(|_| "the glue is no text.".to_owned())?;
    if std::env::var_os(COUNTING).is_some() {
        let (counting, names) = parts::count(&wasm)?;
        files::write(&wasm_path, &counting)?;
        files::write(&folder.join(NAMES_FILE), names.as_bytes())?;
        return files::write(&glue_path, parts::glue::counting(&glue)?.as_bytes());
    }
    let parts = parts::split(&wasm, &files::read(linked)?, &Opening::written_down())?;
    let name = parts::glue::name(&parts.later);
    files::write(&wasm_path, &parts.first)?;
    files::write(&folder.join(LATER_FILE), &parts.later)?;
    files::write(
        &glue_path,
        parts::glue::lending(&glue, &name, &parts.imports)?.as_bytes(),
    )
}
