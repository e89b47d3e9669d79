//! Chromium's driver as a child of this program.

use crate::step::{self, Outcome};
use crate::tools::Browser;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A running chromedriver; it ends when this is dropped.
pub struct Driver {
    child: Child,
    /// Where it listens.
    pub address: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the driver on a free port.
pub fn start(browser: &Browser) -> Outcome<Driver> {
    let mut command = Command::new(&browser.driver);
    command
        .args(["--port=0", "--log-level=SEVERE"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .map_err(|error| step::cannot_start(&command, &error))?;
    let lines = child
        .stdout
        .take()
        .map(BufReader::new)
        .into_iter()
        .flat_map(BufRead::lines);
    let port = lines.map_while(Result::ok).find_map(|line| port_in(&line));
    let address = format!("http://127.0.0.1:{}", port.unwrap_or_default());
    let driver = Driver { child, address };
    match port {
        Some(_) => Ok(driver),
        None => Err(
            "chromedriver ended before it listened; try it by hand: chromedriver --port=0"
                .to_owned(),
        ),
    }
}

/// The port in `ChromeDriver was started successfully on port 41234.`
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("successfully on port ")?;
    port.trim_end_matches('.').trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_port_is_read_from_the_greeting() {
        let greeting = "ChromeDriver was started successfully on port 41234.";
        assert_eq!(super::port_in(greeting), Some(41234));
        assert_eq!(super::port_in("Starting ChromeDriver on port 0"), None);
    }
}
