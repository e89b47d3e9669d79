//! A server that is measured: started, asked for its memory, and stopped when dropped.

use super::java::{Java, absolute};
use crate::step::{self, Outcome};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SERVER: &str = "target/server/kafka-playground";
/// What Kafka's own start script gives to Java.
const KAFKA_FLAGS: &[&str] = &[
    "-Xmx1G",
    "-Xms1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];
const KAFKA_PORT: u16 = 19_392;
const PATIENCE: Duration = Duration::from_secs(60);
/// ApiVersions, version 0, correlation id 1, no client id.
const ASK_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];

/// What kind of server.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Ours.
    Playground,
    /// Apache Kafka.
    Kafka(Java),
}

/// A running server.
pub struct Subject {
    /// What it is.
    pub kind: Kind,
    /// Where it listens.
    pub bootstrap: String,
    /// How long it took from its start to its first answer.
    pub started_ms: f64,
    process: Child,
    folder: Option<PathBuf>,
}

/// Builds our server.
pub fn build() -> Outcome {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--profile", "server"]);
    cargo.args(["--package", "kafka-playground-gateway"]);
    step::run(
        "Building the server (optimised)",
        &mut cargo,
        "The compiler says why.",
    )
}

impl Kind {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Playground => "the playground",
            Kind::Kafka(_) => "Apache Kafka",
        }
    }
}

impl Subject {
    /// Starts one and waits until it answers.
    pub fn start(kind: &Kind) -> Outcome<Subject> {
        let (mut command, folder, port) = match kind {
            Kind::Playground => {
                let mut server = Command::new(SERVER);
                server.args(["serve", "--port", "0"]).stdout(Stdio::piped());
                (server, None, None)
            }
            Kind::Kafka(java) => {
                let (server, folder) = kafka(java)?;
                (server, Some(folder), Some(KAFKA_PORT))
            }
        };
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let process = command
            .spawn()
            .map_err(|error| step::cannot_start(&command, &error))?;
        let mut subject = Subject {
            kind: kind.clone(),
            bootstrap: port.map_or(String::new(), |port| format!("localhost:{port}")),
            started_ms: 0.0,
            process,
            folder,
        };
        if subject.bootstrap.is_empty() {
            subject.bootstrap = subject.announced()?;
        }
        subject.wait_for_an_answer(started)?;
        subject.started_ms = started.elapsed().as_secs_f64() * 1000.0;
        Ok(subject)
    }

    /// The memory that it holds, from the kernel.
    pub fn resident_mb(&self) -> Outcome<f64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kilobytes.ok_or("the kernel tells no VmRSS")? / 1024.0)
    }

    /// The first address in the ready line.
    fn announced(&mut self) -> Outcome<String> {
        let stdout = self
            .process
            .stdout
            .take()
            .ok_or("the server has no output")?;
        let mut lines = BufReader::new(stdout);
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Some(address) = address_in(&line) {
                // Whatever it prints later has to go somewhere, or the server would stand still.
                std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
                return Ok(address);
            }
            line.clear();
        }
        Err(format!(
            "{SERVER} ended before it was ready; run it by hand to see why."
        ))
    }

    fn wait_for_an_answer(&self, started: Instant) -> Outcome {
        while started.elapsed() < PATIENCE {
            if answers(&self.bootstrap) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(format!(
            "{} did not answer at {} within a minute.",
            self.kind.name(),
            self.bootstrap
        ))
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A Kafka of one node on fresh storage, ready to be started.
fn kafka(java: &Java) -> Outcome<(Command, PathBuf)> {
    let folder = PathBuf::from(absolute("target/kafka/data")?);
    // What an earlier run left behind.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let controller = KAFKA_PORT + 1;
    let logs = folder.join("logs");
    let properties = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@localhost:{controller}\n\
         listeners=PLAINTEXT://localhost:{KAFKA_PORT},CONTROLLER://localhost:{controller}\n\
         advertised.listeners=PLAINTEXT://localhost:{KAFKA_PORT}\ncontroller.listener.names=CONTROLLER\n\
         inter.broker.listener.name=PLAINTEXT\nlog.dirs={}\noffsets.topic.replication.factor=1\n\
         transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n\
         group.initial.rebalance.delay.ms=0\n",
        logs.display()
    );
    let file = folder.join("server.properties");
    std::fs::write(&file, properties).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut format = java.program(&[], "kafka.tools.StorageTool");
    format
        .args(["format", "-t", "QkFDQUxIQVUtb24tRnJpZA", "-c"])
        .arg(&file);
    let output = format
        .output()
        .map_err(|error| step::cannot_start(&format, &error))?;
    if !output.status.success() {
        return Err(format!(
            "Kafka's storage: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let mut server = java.program(KAFKA_FLAGS, "kafka.Kafka");
    server.arg(&file).stdout(Stdio::null());
    Ok((server, folder))
}

fn answers(bootstrap: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(bootstrap) else {
        return false;
    };
    let mut length = [0; 4];
    let asked =
        stream.set_read_timeout(Some(PATIENCE)).is_ok() && stream.write_all(&ASK_VERSIONS).is_ok();
    asked && stream.read_exact(&mut length).is_ok()
}

/// The first `HOST:PORT` of a line.
fn address_in(line: &str) -> Option<String> {
    let words = line.split([' ', ',', '=', '\n']);
    let mut addresses = words.filter(|word| {
        let port = word.rsplit_once(':').map(|(_, port)| port);
        port.is_some_and(|port| port.parse::<u16>().is_ok())
    });
    addresses.next().map(str::to_owned)
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_ready_line() {
        let line = "Ready: bootstrap.servers=127.0.0.1:8098,127.0.0.1:8099\n";
        assert_eq!(address_in(line), Some("127.0.0.1:8098".to_owned()));
        assert_eq!(address_in("Starting: one moment"), None);
    }
}
