//! The servers that the clients talk to: started on free ports, and told to kill and start brokers.

use super::FOLDER;
use super::clients;
use super::options::{Against, Options};
use crate::step::{self, Outcome, say};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a server may take until it is ready; the real one needs most of it.
const READY: Duration = Duration::from_secs(120);

/// Makes servers of one kind.
pub struct Servers {
    kind: Kind,
    /// Those that several clients share, by number of brokers.
    shared: Vec<(u16, Shared)>,
}

/// A server that clients share: one at a time where brokers are killed.
struct Shared {
    server: std::sync::Mutex<Server>,
    address: String,
}

enum Kind {
    Program(Vec<String>),
    Running,
}

/// A running server; it ends when this is dropped.
pub struct Server {
    child: Option<Child>,
    control: Option<ChildStdin>,
    port: u16,
    /// Where its output goes.
    pub log: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input and this signal both end it; the reference has children to end first.
        drop(self.control.take());
        let Some(mut child) = self.child.take() else {
            return;
        };
        let _ = Command::new("kill").arg(child.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Shared {
    fn running(address: &str) -> Shared {
        let server = Server {
            child: None,
            control: None,
            port: 0,
            log: address.to_owned(),
        };
        Shared {
            server: std::sync::Mutex::new(server),
            address: address.to_owned(),
        }
    }
}

impl Servers {
    /// Builds or brings what serves.
    pub fn prepare(options: &Options) -> Outcome<Servers> {
        let mut servers = Servers {
            kind: Kind::Running,
            shared: Vec::new(),
        };
        match &options.against {
            Against::Ours => servers.kind = Kind::Program(vec![ours()?]),
            Against::Real => {
                clients::jars("reference/pom.xml", "reference")?;
                let script = "tests/conformance/reference/serve.py".to_owned();
                let jars = format!("{FOLDER}/reference.classpath");
                servers.kind = Kind::Program(vec!["python3".to_owned(), script, jars]);
                for &brokers in &options.brokers {
                    let server = servers.start(brokers, "real")?;
                    servers.share(brokers, server);
                }
            }
            Against::Running(address) => {
                for &brokers in &options.brokers {
                    servers.shared.push((brokers, Shared::running(address)));
                }
            }
        }
        Ok(servers)
    }

    /// How many clients may run at a time.
    pub fn at_a_time(&self, wanted: usize) -> usize {
        if self.shared.is_empty() { wanted } else { 1 }
    }

    /// Does something with a server: one of its own, or the one that all share.
    pub fn with<T>(
        &self,
        brokers: u16,
        name: &str,
        act: impl FnOnce(&str, &mut Server) -> T,
    ) -> Outcome<T> {
        let shared = self.shared.iter().find(|(number, _)| *number == brokers);
        if let Some((_, shared)) = shared {
            let mut server = shared
                .server
                .lock()
                .map_err(|_| "a run broke while it had the server.")?;
            return Ok(act(&shared.address, &mut server));
        }
        let mut server = self.start(brokers, name)?;
        let address = server.address();
        Ok(act(&address, &mut server))
    }

    fn share(&mut self, brokers: u16, server: Server) {
        let address = server.address();
        let server = std::sync::Mutex::new(server);
        self.shared.push((brokers, Shared { server, address }));
    }

    /// Starts one; ports that were free a moment ago may be taken by now, so it tries more than once.
    fn start(&self, brokers: u16, name: &str) -> Outcome<Server> {
        let once = || self.start_once(brokers, name);
        once().or_else(|_| once()).or_else(|_| once())
    }

    fn start_once(&self, brokers: u16, name: &str) -> Outcome<Server> {
        let Kind::Program(words) = &self.kind else {
            return Err("there is no server to start.".to_owned());
        };
        let port = free_ports(brokers * 2)?;
        let log = log_of(name, brokers);
        let file = create(&log)?;
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .args([
                "serve",
                "--control-stdin",
                "--brokers",
                &brokers.to_string(),
            ])
            .args(["--port", &port.to_string(), "--verbose"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file);
        let mut child = command
            .spawn()
            .map_err(|error| step::cannot_start(&command, &error))?;
        let output = child.stdout.take();
        let mut server = Server {
            control: child.stdin.take(),
            child: Some(child),
            port,
            log,
        };
        server.wait_until_ready(output)?;
        Ok(server)
    }
}

impl Server {
    /// Where its first broker listens.
    pub fn address(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Carries out `kill 2` or `start 2`, and returns once the broker's port agrees.
    pub fn control(&mut self, line: &str) -> Outcome {
        let control = self
            .control
            .as_mut()
            .ok_or("this server takes no orders.")?;
        writeln!(control, "{line}")
            .map_err(|error| format!("the server takes no orders: {error}."))?;
        let (verb, broker) = line
            .split_once(' ')
            .ok_or("an order is a word and a broker.")?;
        let broker: u16 = broker.trim().parse().map_err(|_| "a broker is a number.")?;
        let port = self.port + broker - 1;
        let deadline = Instant::now() + READY;
        while listens(port) != (verb == "start") {
            if Instant::now() > deadline {
                return Err(format!("broker {broker} did not {verb} in time."));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Whether it still runs; a server that fell over explains every failure after it.
    pub fn lives(&mut self) -> bool {
        self.child
            .as_mut()
            .is_none_or(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// The first line on its output says that it is ready; the rest goes to the log.
    fn wait_until_ready(&mut self, output: Option<std::process::ChildStdout>) -> Outcome {
        let (tell, told) = mpsc::channel();
        let mut file = File::options()
            .append(true)
            .open(&self.log)
            .map_err(|error| format!("cannot write {}: {error}.", self.log))?;
        std::thread::spawn(move || {
            for line in output
                .map(BufReader::new)
                .into_iter()
                .flat_map(BufRead::lines)
                .map_while(Result::ok)
            {
                let _ = writeln!(file, "{line}");
                let _ = tell.send(());
            }
        });
        told.recv_timeout(READY).map_err(|_| {
            format!(
                "the server did not say that it is ready; its words are in {}.",
                self.log
            )
        })
    }
}

/// Where the words of a server go.
pub fn log_of(name: &str, brokers: u16) -> String {
    format!("{FOLDER}/logs/server-{name}-{brokers}.log")
}

/// Makes a file and the folders that lead to it.
pub fn create(path: &str) -> Outcome<File> {
    crate::files::write(std::path::Path::new(path), b"")?;
    File::options()
        .append(true)
        .open(path)
        .map_err(|error| format!("cannot write {path}: {error}."))
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// The first of so many ports in a row that nobody listens at.
fn free_ports(count: u16) -> Outcome<u16> {
    static NEXT: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    let start = 20_000 + (std::process::id() % 1000) as u16 * 10;
    for _ in 0..2000 {
        let step = NEXT.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        let first = 20_000 + (start - 20_000 + step) % 12_000;
        let free =
            (first..first + count).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok());
        if free {
            return Ok(first);
        }
    }
    Err("there are no free ports in a row.".to_owned())
}

/// Builds our server and returns where the program is.
fn ours() -> Outcome<String> {
    say("Building the server");
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "build",
            "--locked",
            "--package",
            "kafka-playground-gateway",
            "--message-format",
            "json-render-diagnostics",
        ])
        .stderr(Stdio::inherit());
    let output = cargo
        .output()
        .map_err(|error| step::cannot_start(&cargo, &error))?;
    if !output.status.success() {
        return Err("the server does not build; see above.".to_owned());
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let program = lines.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once("\"executable\":\"")?;
        rest.split('"').next().map(str::to_owned)
    });
    program.ok_or("cargo built the server and did not say where it is.".to_owned())
}
