//! `cargo xtask bench`: the same measurements natively and in the browser, side by side.

use crate::page::{self, Kind};
use crate::step::{Outcome, say};
use crate::tally::Tally;
use crate::{tests, tools};
use std::process::Command;

/// What a measurement's line starts with; the rest is name, number, unit and, perhaps, the name of the figure to
/// compare it with, parted by tabs.
const MARK: &str = "bench\t";

#[derive(Clone, Debug, PartialEq)]
struct Figure {
    name: String,
    value: f64,
    unit: String,
    ceiling: String,
}

/// Runs all measurements and prints them as one table.
pub fn bench() -> Outcome {
    let mut tally = Tally::default();
    let native = figures(&tally.run(
        "Measuring on this machine (optimised build)",
        &mut native_run(),
    )?);
    tools::wasm_target()?;
    let browser = tools::browser()?;
    let mut cargo = tools::cargo_in_browser(&browser)?;
    cargo
        .args([
            "test",
            "--locked",
            "--release",
            "--target",
            "wasm32-unknown-unknown",
            "--bench",
            "playground",
            "--",
            "--nocapture",
        ])
        .env("WASM_BINDGEN_TEST_TIMEOUT", "600");
    let wasm = figures(&tally.run("Measuring in headless Chromium", &mut cargo)?);
    page::build(Kind::Release)?;
    let page = tests::through_the_page(&["--ignored", "--nocapture", "measure"], |cargo| {
        tally.run("Measuring how soon the page draws", cargo)
    })?;
    print!("{}", table(&native, &wasm, &figures(&page)));
    if tally.failed > 0 {
        return Err("not every measurement came through; the failures are above.".to_owned());
    }
    Ok(())
}

fn native_run() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "bench",
        "--locked",
        "-p",
        "kafka-playground",
        "--bench",
        "playground",
    ]);
    cargo
}

fn figures(lines: &[String]) -> Vec<Figure> {
    let figures: Vec<Figure> = lines.iter().filter_map(|line| figure(line)).collect();
    if figures.is_empty() {
        say("No figure came out of this run");
    }
    figures
}

fn figure(line: &str) -> Option<Figure> {
    let (_, rest) = line.split_once(MARK)?;
    let mut parts = rest.split('\t').map(str::trim);
    let (name, value, unit) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let ceiling = parts.next().unwrap_or_default().to_owned();
    Some(Figure {
        name: name.to_owned(),
        value,
        unit: unit.to_owned(),
        ceiling,
    })
}

/// One row a name: native, wasm, how many times slower wasm is, and the share of the run's own ceiling.
fn table(native: &[Figure], wasm: &[Figure], page: &[Figure]) -> String {
    let mut out = format!(
        "\n{:<58} {:>13} {:>13} {:<7} {:>11} {:>14} {:>12}\n",
        "name", "native", "wasm", "unit", "wasm/native", "native/ceiling", "wasm/ceiling"
    );
    for (at, figure) in native.iter().chain(wasm).enumerate() {
        let in_wasm = find(wasm, &figure.name);
        let here = find(native, &figure.name);
        if at >= native.len() && here.is_some() {
            continue;
        }
        let ratio = here
            .zip(in_wasm)
            .map(|(here, there)| there.value / here.value);
        out.push_str(&format!(
            "{:<58} {:>13} {:>13} {:<7} {:>11} {:>14} {:>12}\n",
            figure.name,
            number(here.map(|found| found.value)),
            number(in_wasm.map(|found| found.value)),
            figure.unit,
            share(ratio),
            share(of_ceiling(native, here)),
            share(of_ceiling(wasm, in_wasm)),
        ));
    }
    for figure in page {
        out.push_str(&format!(
            "{:<58} {:>13} {:>13} {:<7}\n",
            figure.name,
            "",
            number(Some(figure.value)),
            figure.unit
        ));
    }
    out
}

fn find<'a>(figures: &'a [Figure], name: &str) -> Option<&'a Figure> {
    figures.iter().find(|figure| figure.name == name)
}

fn of_ceiling(run: &[Figure], figure: Option<&Figure>) -> Option<f64> {
    let figure = figure?;
    Some(figure.value / find(run, &figure.ceiling)?.value)
}

fn number(value: Option<f64>) -> String {
    match value {
        Some(value) if value.abs() >= 1000.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.2}"),
        None => "-".to_owned(),
    }
}

fn share(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn a_figure_is_read_from_its_line_wherever_it_starts() {
        let read = figure("    bench\tproduce 1000 records\t4000000.0\trec/s\tcodec");
        let whole = Figure {
            name: "produce 1000 records".to_owned(),
            value: 4e6,
            unit: "rec/s".to_owned(),
            ceiling: "codec".to_owned(),
        };
        assert_eq!(read, Some(whole));
        assert_eq!(figure("bench\tbroken\tmany\trec/s"), None);
        assert_eq!(figure("running 1 test"), None);
    }

    #[test]
    fn the_table_sets_native_beside_wasm_and_both_against_their_ceiling() {
        let run = |ceiling: f64, produce: f64| {
            let lines = [
                format!("bench\tcodec\t{ceiling}\trec/s\t"),
                format!("bench\tproduce\t{produce}\trec/s\tcodec"),
            ];
            figures(&lines)
        };
        let table = table(&run(8e6, 6e6), &run(4e6, 1e6), &[]);
        let cells = |name: &str| {
            let row = table
                .lines()
                .find(|line| line.starts_with(name))
                .unwrap_or_default();
            row.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            cells("produce"),
            [
                "produce", "6000000", "1000000", "rec/s", "0.17", "0.75", "0.25"
            ]
        );
        assert_eq!(
            cells("codec"),
            ["codec", "8000000", "4000000", "rec/s", "0.50", "-", "-"]
        );
    }
}
