//! wasm-bindgen as a library: a third of the time that building the tool itself takes.

use crate::step::Outcome;

/// Set while the page is built as it is shipped: names of functions are a quarter of the download.
pub const NAMELESS: &str = "PLAYGROUND_NAMELESS";

/// Stands in for the program `wasm-bindgen`.
pub fn bind(args: &[String]) -> Outcome {
    // The version alone is asked for before the work begins.
    let nameless = std::env::var_os(NAMELESS).is_some() && args.len() > 1;
    let strip = ["--remove-name-section", "--remove-producers-section"];
    let strip = strip.iter().copied().filter(|_| nameless);
    let args = std::iter::once("wasm-bindgen")
        .chain(args.iter().map(String::as_str))
        .chain(strip);
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args).map_err(|error| format!("{error:#}"))
}

/// Stands in for the program `wasm-bindgen-test-runner`.
pub fn run_tests(args: &[String]) -> Outcome {
    let args = std::iter::once("wasm-bindgen-test-runner").chain(args.iter().map(String::as_str));
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args)
        .map_err(|error| format!("{error:#}"))
}
