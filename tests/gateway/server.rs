//! The program, running.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::peer::Peer;

/// Long enough for any machine; nothing waits so long if all is well.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server on free ports, killed when dropped.
pub struct Server {
    child: Child,
    orders: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    complaints: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    pub brokers: Vec<SocketAddr>,
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_kafka-playground"))
}

/// Runs the program to its end.
pub fn run(args: &[&str]) -> Ended {
    let output = program().args(args).stdin(Stdio::null()).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Server {
    /// Starts `serve --port 0` with more arguments; returns when it is ready.
    pub fn start(args: &[&str]) -> Server {
        let mut child = program()
            .args(["serve", "--port", "0", "--control-stdin"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let complaints = Arc::new(Mutex::new(String::new()));
        let reader = collect(child.stderr.take().unwrap(), Arc::clone(&complaints));
        let mut ready = String::new();
        lines.read_line(&mut ready).unwrap();
        let Some(list) = ready.trim().strip_prefix("Ready: bootstrap.servers=") else {
            let _ = child.kill();
            panic!("not ready: {ready:?} {}", complaints.lock().unwrap());
        };
        let brokers = list
            .split(',')
            .map(|address| address.parse().unwrap())
            .collect();
        Server {
            orders: child.stdin.take(),
            child,
            lines,
            complaints,
            reader: Some(reader),
            brokers,
        }
    }

    /// A connection to broker `id`.
    pub fn connect(&self, id: usize) -> Peer {
        Peer::new(TcpStream::connect(self.brokers[id - 1]).unwrap())
    }

    /// Gives an order and returns its answer.
    pub fn order(&mut self, order: &str) -> String {
        let orders = self.orders.as_mut().unwrap();
        writeln!(orders, "{order}").unwrap();
        let mut answer = String::new();
        self.lines.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }

    /// Sends a signal, `INT` or `TERM`, and waits for the end.
    pub fn stop(mut self, signal: &str) -> Ended {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        let mut stdout = String::new();
        self.lines.read_to_string(&mut stdout).unwrap();
        self.reader.take().unwrap().join().unwrap();
        Ended {
            code: status.code(),
            stdout,
            stderr: self.complaints(),
        }
    }

    /// What it has written to standard error so far.
    pub fn complaints(&self) -> String {
        self.complaints.lock().unwrap().clone()
    }

    /// Waits until standard error holds a text.
    pub fn complains_of(&self, text: &str) -> String {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let complaints = self.complaints();
            if complaints.contains(text) {
                return complaints;
            }
            assert!(
                Instant::now() < give_up,
                "no {text:?} in {complaints:?} after {PATIENCE:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib: usize = line
            .and_then(|line| line.split_whitespace().nth(1))
            .unwrap()
            .parse()
            .unwrap();
        kib * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count) = from.read(&mut bytes) {
            if count == 0 {
                return;
            }
            into.lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    })
}
