//! The tools that building and testing take: found, or brought.

use crate::files::{self, TOOLS};
use crate::step::{self, Outcome, say};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one version of Trunk that the page is built with.
const TRUNK: &str = "0.22.1";
const WASM: &str = "wasm32-unknown-unknown";

/// Where Chromium's driver is.
pub struct Browser {
    /// The program that speaks WebDriver.
    pub driver: PathBuf,
}

/// Makes sure that the compiler can build for the browser.
pub fn wasm_target() -> Outcome {
    let mut ask = Command::new("rustc");
    ask.args(["--print", "target-libdir", "--target", WASM]);
    if step::output_of(&mut ask).is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    step::run(
        "Adding the wasm target to the Rust toolchain",
        Command::new("rustup").args(["target", "add", WASM]),
        &format!("Check the network, then type: rustup target add {WASM}"),
    )
}

/// Makes sure that Trunk and its `wasm-bindgen` are there, and returns Trunk ready for its arguments.
pub fn trunk() -> Outcome<Command> {
    wasm_bindgen()?;
    let found = files::find_program("trunk").filter(|program| is_our_trunk(program));
    let program = match found {
        Some(program) => program,
        None => build_trunk()?,
    };
    let mut command = Command::new(program);
    // Trunk takes any NO_COLOR that is not "true" or "false" for a mistake.
    command
        .env_remove("NO_COLOR")
        .env("PATH", path_with_tools()?);
    Ok(command)
}

/// A command that runs cargo with the project's own test runner for the browser.
pub fn cargo_in_browser(browser: &Browser) -> Outcome<Command> {
    let me = own_program()?;
    let mut cargo = Command::new("cargo");
    cargo
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            format!("{} wasm-bindgen-test-runner", me.display()),
        )
        .env("CHROMEDRIVER", &browser.driver);
    Ok(cargo)
}

/// Makes sure that Chromium and its driver are there.
pub fn browser() -> Outcome<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    from_apt("chromium chromium-driver")?;
    find_browser().ok_or_else(|| {
        "chromedriver is not on the PATH after its installation; install chromium-driver by hand.".to_owned()
    })
}

/// Installs packages of the system where apt may be used; otherwise says what to type.
pub fn from_apt(packages: &str) -> Outcome {
    let install = format!("apt-get install -y --no-install-recommends {packages}");
    let Some(prefix) = apt() else {
        return Err(format!(
            "{packages} is missing. On Debian or Ubuntu type: sudo apt-get update && sudo {install}"
        ));
    };
    let update = format!("{prefix}apt-get update");
    let install = format!("{prefix}{install}");
    let advice = format!("Check the network, then type: {update} && {install}");
    // A mirror in the middle of an update makes a first try fail now and then.
    let once = || {
        step::run(
            "Updating apt's package lists",
            &mut in_shell(&update),
            &advice,
        )?;
        step::run(
            &format!("Installing {packages}"),
            &mut in_shell(&install),
            &advice,
        )
    };
    once().or_else(|trouble| {
        say(&format!("{trouble} Trying once more."));
        once()
    })
}

fn is_our_trunk(program: &Path) -> bool {
    let version = step::output_of(
        Command::new(program)
            .env_remove("NO_COLOR")
            .arg("--version"),
    );
    version.is_some_and(|version| version.ends_with(&format!(" {TRUNK}")))
}

fn build_trunk() -> Outcome<PathBuf> {
    // Trunk's lock file asks for a newer compiler than it needs; a debug build without debug
    // information is as fast at work and takes a third of the time to make.
    step::run(
        &format!("Building Trunk {TRUNK} into target/tools (once, some five minutes)"),
        Command::new("cargo")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .args([
                "install",
                "--locked",
                "--ignore-rust-version",
                "--debug",
                "--no-default-features",
                "--features",
                "rustls",
                "--root",
                "target/tools",
                "trunk",
                "--version",
                TRUNK,
            ]),
        "Check the network and that a C compiler is installed (on Debian: apt-get install gcc libc6-dev), then try again.",
    )?;
    files::find_program("trunk").ok_or_else(|| {
        "Trunk was built but is not in target/tools/bin; remove target/tools and try again."
            .to_owned()
    })
}

/// Trunk looks for a program named `wasm-bindgen`; ours is this program with another first word.
fn wasm_bindgen() -> Outcome {
    let me = own_program()?;
    let script = Path::new(TOOLS).join("wasm-bindgen");
    let content = format!("#!/bin/sh\nexec '{}' wasm-bindgen \"$@\"\n", me.display());
    if std::fs::read_to_string(&script).is_ok_and(|found| found == content) {
        return Ok(());
    }
    files::write(&script, content.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))
            .map_err(|error| format!("cannot make {} a program: {error}.", script.display()))?;
    }
    Ok(())
}

fn own_program() -> Outcome<PathBuf> {
    std::env::current_exe()
        .map_err(|error| format!("cannot tell where xtask itself lies: {error}."))
}

fn path_with_tools() -> Outcome<std::ffi::OsString> {
    let tools =
        std::env::current_dir().map_err(|error| format!("there is no current folder: {error}."))?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(tools.join(TOOLS)).chain(std::env::split_paths(&path));
    std::env::join_paths(folders)
        .map_err(|error| format!("the project's path cannot stand in PATH: {error}."))
}

fn find_browser() -> Option<Browser> {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ];
    names.iter().find_map(|name| files::find_program(name))?;
    let named = std::env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .filter(|program| program.is_file());
    Some(Browser {
        driver: named.or_else(|| files::find_program("chromedriver"))?,
    })
}

/// What to write before `apt-get`: nothing for root, `sudo -n` where that works without a password.
fn apt() -> Option<String> {
    files::find_program("apt-get")?;
    let user = step::output_of(Command::new("id").arg("-u"))?;
    if user == "0" {
        return Some("DEBIAN_FRONTEND=noninteractive ".to_owned());
    }
    step::output_of(Command::new("sudo").args(["-n", "true"])).map(|_| "sudo -n ".to_owned())
}

fn in_shell(line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).stdin(std::process::Stdio::null());
    shell
}
