//! `cargo xtask serve`: the page on this machine, built anew when its source changes.

use crate::files;
use crate::page::{self, Kind};
use crate::server;
use crate::step::{Outcome, say};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// What the page is made of.
const SOURCES: [&str; 5] = ["src", "static", "index.html", "Cargo.toml", "Trunk.toml"];
/// How often the sources are looked at.
const LOOK: Duration = Duration::from_millis(700);

#[derive(Debug, PartialEq)]
struct Options {
    open: bool,
    port: u16,
    dev: bool,
}

/// Builds, serves, and goes on until it is stopped.
pub fn serve(args: &[String]) -> Outcome {
    let options = parse(args)?;
    let kind = if options.dev {
        Kind::Dev
    } else {
        Kind::Release
    };
    // First the port: better to hear at once that it is taken than after a minute of building.
    let site = server::start(Path::new(kind.folder()), options.port, "")?;
    page::build(kind)?;
    println!("\nKafka Playground is at {}\n", site.address);
    say("Ctrl-C stops it; after a change of the source it is built anew: reload the page then");
    if options.open {
        open(&site.address);
    }
    let mut built = newest_change();
    loop {
        std::thread::sleep(LOOK);
        let changed = newest_change();
        if changed == built {
            continue;
        }
        built = changed;
        if let Err(trouble) = page::build(kind) {
            eprintln!("{trouble} The page from before is still served.");
        } else {
            say(&format!("Built anew; reload {}", site.address));
        }
    }
}

fn parse(args: &[String]) -> Outcome<Options> {
    let mut options = Options {
        open: false,
        port: 8080,
        dev: false,
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--open" => options.open = true,
            "--dev" => options.dev = true,
            "--port" => {
                let port = args.next().and_then(|port| port.parse().ok());
                options.port = port.ok_or("--port wants a number from 0 to 65535 after it.")?;
            }
            other => {
                return Err(format!(
                    "unknown option {other}; there are --open, --port N and --dev."
                ));
            }
        }
    }
    Ok(options)
}

fn newest_change() -> Option<SystemTime> {
    let times = SOURCES.iter().map(Path::new).flat_map(|source| {
        if source.is_dir() {
            files::under(source)
        } else {
            vec![source.to_owned()]
        }
    });
    times
        .filter_map(|file| file.metadata().and_then(|data| data.modified()).ok())
        .max()
}

fn open(address: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let opened = Command::new(opener)
        .arg(address)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if opened.is_err() {
        say(&format!(
            "No program here opens a browser ({opener} is missing); go to {address} yourself"
        ));
    }
}

#[cfg(test)]
mod tests {
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
    fn options_are_read_and_mistakes_named() {
        assert_eq!(
            parsed(""),
            Ok(Options {
                open: false,
                port: 8080,
                dev: false
            })
        );
        assert_eq!(
            parsed("--open --port 9000"),
            Ok(Options {
                open: true,
                port: 9000,
                dev: false
            })
        );
        assert!(parsed("--port many").is_err());
        assert!(parsed("--prot 1").is_err_and(|sentence| sentence.contains("--prot")));
    }
}
