//! `cargo xtask test` and what else runs the project's tests.

use crate::page::{self, Kind};
use crate::step::{Outcome, run, say};
use crate::tally::Tally;
use crate::{browser, server, sizes, tools};
use std::path::Path;
use std::process::Command;

const JOURNEYS: &str = "tests/journeys/Cargo.toml";
/// Journeys see the page under a path, so that an address that only works at the root is found.
const UNDER: &str = "some/path/";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Native,
    Browser,
    Journeys,
}

#[derive(Debug, PartialEq)]
struct Options {
    parts: Vec<Part>,
    filter: Option<String>,
}

/// Runs every test, or those of one part, or those whose names contain a filter.
pub fn test(args: &[String]) -> Outcome {
    let options = parse(args)?;
    let mut tally = Tally::default();
    for part in &options.parts {
        let filter = options.filter.as_deref();
        let ran = match part {
            Part::Native => native(&mut tally, filter),
            Part::Browser => in_browser(&mut tally, filter),
            Part::Journeys => journeys(&mut tally, filter),
        };
        if let Err(trouble) = ran {
            tally.broke(&trouble);
        }
    }
    tally.close()
}

/// Plays recorded terminal sessions against the command line.
pub fn transcripts(args: &[String]) -> Outcome {
    if args.is_empty() {
        return Err("name the transcripts to play: cargo xtask transcripts FILE...".to_owned());
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "run",
            "--quiet",
            "-p",
            "playground-shell",
            "--example",
            "transcripts",
            "--",
        ])
        .args(args);
    run(
        "Playing transcripts",
        &mut cargo,
        "Each line that differs is above.",
    )
}

/// Takes the README's picture from the real page.
pub fn screenshot() -> Outcome {
    page::build(Kind::Release)?;
    let mut tally = Tally::default();
    through_the_page(
        &["--ignored", "--exact", "readme::picture_for_the_readme"],
        |cargo| tally.run("Taking the picture", cargo).map(drop),
    )?;
    tally.close()?;
    std::fs::copy("target/screenshots/readme.png", "static/screenshot.png")
        .map_err(|error| format!("the picture was taken but not kept: {error}."))?;
    say("The picture is static/screenshot.png");
    Ok(())
}

/// Prepares a run of the journeys, with the page served and a browser's driver waiting, and hands it on.
pub fn through_the_page<T>(
    args: &[&str],
    then: impl FnOnce(&mut Command) -> Outcome<T>,
) -> Outcome<T> {
    through(Kind::Release, args, then)
}

/// The same through the page as it was built in some way.
pub fn through<T>(
    kind: Kind,
    args: &[&str],
    then: impl FnOnce(&mut Command) -> Outcome<T>,
) -> Outcome<T> {
    let browser = tools::browser()?;
    let driver = browser::start(&browser)?;
    let site = server::start(Path::new(kind.folder()), 0, UNDER)?;
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "test",
            "--locked",
            "--manifest-path",
            JOURNEYS,
            "--target-dir",
            "target/journeys",
            "--",
        ])
        .args(args)
        .env("PLAYGROUND_PAGE", &site.address)
        .env("PLAYGROUND_WEBDRIVER", &driver.address);
    then(&mut cargo)
}

fn native(tally: &mut Tally, filter: Option<&str>) -> Outcome {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["test", "--locked", "--workspace", "--no-fail-fast", "--"])
        .args(filter);
    tally.run("Tests on this machine", &mut cargo)?;
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "test",
            "--locked",
            "--manifest-path",
            "xtask/Cargo.toml",
            "--",
        ])
        .args(filter);
    tally
        .run("Tests of the project's own commands", &mut cargo)
        .map(drop)
}

fn in_browser(tally: &mut Tally, filter: Option<&str>) -> Outcome {
    tools::wasm_target()?;
    let browser = tools::browser()?;
    let mut cargo = tools::cargo_in_browser(&browser)?;
    cargo
        .args([
            "test",
            "--locked",
            "--target",
            "wasm32-unknown-unknown",
            "--test",
            "browser",
            "--",
        ])
        .args(filter);
    tally
        .run("Tests in headless Chromium", &mut cargo)
        .map(drop)
}

fn journeys(tally: &mut Tally, filter: Option<&str>) -> Outcome {
    page::build(Kind::Release)?;
    if let Err(trouble) = sizes::weigh(Path::new(Kind::Release.folder())) {
        tally.broke(&trouble);
    }
    through_the_page(&Vec::from_iter(filter), |cargo| {
        tally.run("Journeys through the built page", cargo)
    })
    .map(drop)
}

fn parse(args: &[String]) -> Outcome<Options> {
    let mut options = Options {
        parts: vec![Part::Native, Part::Browser, Part::Journeys],
        filter: None,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--only" => {
                let part = args.next().and_then(|name| part_named(name));
                options.parts =
                    vec![part.ok_or("--only wants native, browser or journeys after it.")?];
            }
            option if option.starts_with('-') => {
                return Err(format!(
                    "unknown option {option}; there is --only native|browser|journeys."
                ));
            }
            filter => options.filter = Some(filter.to_owned()),
        }
    }
    Ok(options)
}

fn part_named(name: &str) -> Option<Part> {
    match name {
        "native" => Some(Part::Native),
        "browser" => Some(Part::Browser),
        "journeys" => Some(Part::Journeys),
        _ => None,
    }
}

#[cfg(test)]
mod test {
    use super::*;

    fn parsed(line: &str) -> Outcome<Options> {
        parse(
            &line
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_part_and_a_filter_narrow_the_run() {
        assert_eq!(parsed("").map(|options| options.parts.len()), Ok(3));
        let narrow = Options {
            parts: vec![Part::Browser],
            filter: Some("root".to_owned()),
        };
        assert_eq!(parsed("--only browser root"), Ok(narrow));
        assert!(parsed("--only everything").is_err());
        assert!(parsed("--all").is_err_and(|sentence| sentence.contains("--all")));
    }
}
