//! `docker` and `docker-compose`: the cluster as a container.

use engine::time::SimTime;
use serde::Serialize;
use world::input::{ClusterSpec, Input};

use super::{Process, Step};
use crate::files::{Place, container_name};
use crate::host::ClusterFacts;
use crate::io::Io;
use crate::screen::{Piece, Stream, Tone};

/// How long starting and stopping take, in microseconds of the world's time.
const START: u64 = 1_000_000;

/// `docker-compose up` and `down` while they run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Compose {
    state: State,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum State {
    Start {
        spec: ClusterSpec,
        attached: bool,
    },
    Starting {
        until: SimTime,
        brokers: i32,
        attached: bool,
    },
    Stop,
    Stopping {
        until: SimTime,
        brokers: i32,
    },
    Attached,
}

/// Starts `docker …` or `docker-compose …`.
pub(crate) fn start(name: &str, arguments: &[String], io: &mut Io<'_>) -> Process {
    if name == "docker-compose" {
        return compose(arguments, io);
    }
    let Some((verb, rest)) = arguments.split_first() else {
        return Process::failed(
            1,
            "Usage: docker compose|ps|exec|logs …  (what this playground knows of docker)",
        );
    };
    match verb.as_str() {
        "compose" => compose(rest, io),
        "ps" | "container" => Process::said(ps(io.host.cluster())),
        "exec" => exec(rest, io),
        "logs" => logs(io.host.cluster()),
        "version" | "--version" | "-v" => {
            Process::said("Docker version 28.0 (as this playground plays it)\n")
        }
        "images" => Process::said(
            "REPOSITORY     TAG       SIZE\napache/kafka   4.3.1     nothing: it runs in this page\n",
        ),
        other => Process::failed(
            1,
            format!(
                "docker: '{other}' is not part of this playground; compose, ps, exec and logs are"
            ),
        ),
    }
}

/// The broker whose container `docker exec … NAME bash` enters, if `arguments` (behind `docker`) say
/// that; with a hint if `bash` had to be assumed.
pub(crate) fn entered(arguments: &[String], cluster: Option<&ClusterFacts>) -> Option<(i32, bool)> {
    let (verb, rest) = arguments.split_first()?;
    if verb != "exec" {
        return None;
    }
    let exec = Exec::of(rest).ok()?;
    let broker = broker_of(&exec.name, cluster)?;
    match exec.command.as_slice() {
        [] => Some((broker, true)),
        [shell] if is_shell(shell) => Some((broker, false)),
        [shell, flag] if is_shell(shell) && flag == "-l" => Some((broker, false)),
        _ => None,
    }
}

fn is_shell(name: &str) -> bool {
    matches!(name, "bash" | "sh" | "/bin/bash" | "/bin/sh")
}

struct Exec {
    name: String,
    command: Vec<String>,
}

impl Exec {
    fn of(arguments: &[String]) -> Result<Exec, String> {
        let mut rest = arguments;
        while let Some((first, more)) = rest.split_first() {
            match first.as_str() {
                "-it" | "-ti" | "-i" | "-t" | "-d" | "--interactive" | "--tty" => rest = more,
                "-u" | "-w" | "-e" | "--user" | "--workdir" | "--env" => {
                    rest = more.get(1..).unwrap_or_default();
                }
                flag if flag.starts_with('-') => {
                    return Err(format!("unknown flag: {flag}"));
                }
                name => {
                    return Ok(Exec {
                        name: name.to_owned(),
                        command: more.to_vec(),
                    });
                }
            }
        }
        Err(
            "\"docker exec\" requires at least 2 arguments: the container, then a command"
                .to_owned(),
        )
    }
}

fn broker_of(name: &str, cluster: Option<&ClusterFacts>) -> Option<i32> {
    let brokers = cluster?.brokers;
    (1..=brokers).find(|broker| container_name(*broker) == name)
}

fn exec(arguments: &[String], io: &mut Io<'_>) -> Process {
    let exec = match Exec::of(arguments) {
        Ok(exec) => exec,
        Err(sentence) => return Process::failed(1, sentence),
    };
    let cluster = io.host.cluster();
    let Some(broker) = broker_of(&exec.name, cluster.as_ref()) else {
        let text = format!(
            "Error response from daemon: No such container: {}",
            exec.name
        );
        let mut pieces = vec![Piece::new(Stream::Err, Tone::Error, format!("{text}\n"))];
        if cluster.is_none() {
            let hint = "no cluster runs: docker-compose -f docker-compose.yml up -d starts it\n";
            pieces.push(Piece::new(Stream::Err, Tone::Hint, hint));
        }
        return Process::Said(pieces, 1);
    };
    let command = match exec.command.as_slice() {
        [shell, flag, line] if is_shell(shell) && flag == "-c" => {
            line.split_whitespace().map(str::to_owned).collect()
        }
        command => command.to_vec(),
    };
    if command.is_empty() || command.first().is_some_and(|first| is_shell(first)) {
        return Process::failed(
            1,
            "the input device is not a TTY: enter the container by a command of its own",
        );
    }
    let place = Place::container(broker);
    let mut inside = Io {
        host: &mut *io.host,
        files: &mut *io.files,
        rng: &mut *io.rng,
        place: &place,
        input: crate::io::Input::Nothing,
        interactive: io.interactive,
        room: io.room,
        work: &mut *io.work,
        pieces: Vec::new(),
        starved: false,
    };
    super::start(&command, &mut inside)
}

fn ps(cluster: Option<ClusterFacts>) -> String {
    let mut text =
        "CONTAINER ID   IMAGE                COMMAND                  STATUS   PORTS                    NAMES\n"
            .to_owned();
    for (broker, port) in containers(cluster.as_ref()) {
        let ports = format!("0.0.0.0:{port}->{port}/tcp");
        let name = container_name(broker);
        text.push_str(&format!(
            "c0ffee{broker:06}   apache/kafka:4.3.1   \"/etc/kafka/docker/run\"  Up       {ports:24} {name}\n"
        ));
    }
    text
}

fn containers(cluster: Option<&ClusterFacts>) -> Vec<(i32, i32)> {
    let Some(cluster) = cluster else {
        return Vec::new();
    };
    let first = i32::from(cluster.first_port);
    (1..=cluster.brokers)
        .map(|broker| (broker, first + broker - 1))
        .collect()
}

fn logs(cluster: Option<ClusterFacts>) -> Process {
    let Some(cluster) = cluster else {
        return Process::failed(1, "Error response from daemon: No such container: kafka");
    };
    let mut text = String::new();
    for (broker, port) in containers(Some(&cluster)) {
        text.push_str(&format!(
            "[BrokerServer id={broker}] started, listening on localhost:{port}\n"
        ));
    }
    Process::said(text)
}

fn compose(arguments: &[String], io: &mut Io<'_>) -> Process {
    let mut file = None;
    let mut rest = arguments;
    while let Some((first, more)) = rest.split_first() {
        match (first.as_str(), more) {
            ("-f" | "--file" | "-p" | "--project-name", [value, more @ ..]) => {
                if first == "-f" || first == "--file" {
                    file = Some(value.clone());
                }
                rest = more;
            }
            _ => break,
        }
    }
    let Some((verb, flags)) = rest.split_first() else {
        return Process::failed(1, "Usage: docker-compose [-f FILE] up -d|ps|logs|down");
    };
    if verb == "version" {
        return Process::said("Docker Compose version v2 (as this playground plays it)\n");
    }
    let text = match compose_file(file.as_deref(), io) {
        Ok(text) => text,
        Err(sentence) => return Process::failed(14, sentence),
    };
    match verb.as_str() {
        "up" => {
            let attached = !flags.iter().any(|flag| flag == "-d" || flag == "--detach");
            let spec = cluster_spec(&text);
            Process::Compose(Box::new(Compose {
                state: State::Start { spec, attached },
            }))
        }
        "down" => Process::Compose(Box::new(Compose { state: State::Stop })),
        "ps" => Process::said(ps(io.host.cluster())),
        "logs" => logs(io.host.cluster()),
        "config" => Process::said(text),
        other => Process::failed(
            1,
            format!(
                "docker-compose: '{other}' is not part of this playground; up -d, ps, logs and down are"
            ),
        ),
    }
}

fn compose_file(named: Option<&str>, io: &Io<'_>) -> Result<String, String> {
    let path = named.unwrap_or("docker-compose.yml");
    match io.files.read(io.place, path) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) if named.is_none() => Err("no configuration file provided: not found".to_owned()),
        Err(error) => {
            let whole = io.place.resolve(path);
            let text = error.text();
            let text = text.replacen(
                |c: char| c.is_ascii_uppercase(),
                &text.get(..1).unwrap_or_default().to_lowercase(),
                1,
            );
            Err(format!("open {whole}: {text}"))
        }
    }
}

/// What a compose file asks for: its containers, their first port, the offsets topic's partitions.
fn cluster_spec(text: &str) -> ClusterSpec {
    let mut spec = ClusterSpec {
        brokers: 0,
        first_port: 0,
        offsets_partitions: 50,
    };
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.starts_with("container_name:") {
            spec.brokers = spec.brokers.saturating_add(1);
        } else if let Some(port) = line.strip_prefix("- ") {
            let port = port.trim_matches(['"', '\'']);
            let port = port.split(':').next().and_then(|port| port.parse().ok());
            if spec.first_port == 0 {
                spec.first_port = port.unwrap_or(0);
            }
        } else if let Some(number) = line.strip_prefix("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS:") {
            let number = number.trim().trim_matches('"').parse().unwrap_or(50);
            spec.offsets_partitions = i32::clamp(number, 1, 50);
        }
    }
    spec.brokers = spec.brokers.clamp(1, 9);
    if spec.first_port == 0 {
        spec.first_port = 8098;
    }
    spec
}

impl Compose {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        match self.state.clone() {
            State::Start { spec, attached } => self.start(io, spec, attached),
            State::Starting {
                until,
                brokers,
                attached,
            } => {
                if io.host.now() < until {
                    return Step::Wait(Some(until));
                }
                done(io, brokers, "Created", "Started");
                self.state = State::Attached;
                match attached {
                    true => Step::Again,
                    false => Step::Exit(0),
                }
            }
            State::Stop => {
                let brokers = io.host.cluster().map_or(0, |cluster| cluster.brokers);
                if io.host.apply(Input::StopCluster).is_err() {
                    io.err(
                        Tone::Warning,
                        "Warning: No resource found to remove for project \"you\".",
                    );
                    return Step::Exit(0);
                }
                io.files.forget_containers();
                let until = io.host.now().plus_micros(START);
                self.state = State::Stopping { until, brokers };
                Step::Wait(Some(until))
            }
            State::Stopping { until, brokers } => {
                if io.host.now() < until {
                    return Step::Wait(Some(until));
                }
                done(io, brokers, "Removed", "Removed");
                Step::Exit(0)
            }
            State::Attached => Step::Wait(None),
        }
    }

    fn start(&mut self, io: &mut Io<'_>, spec: ClusterSpec, attached: bool) -> Step {
        let brokers = spec.brokers;
        match io.host.apply(Input::StartCluster(spec)) {
            Ok(_) => {
                let until = io.host.now().plus_micros(START);
                self.state = State::Starting {
                    until,
                    brokers,
                    attached,
                };
                Step::Wait(Some(until))
            }
            Err(world::input::WorldError::ClusterRuns) => {
                let brokers = io.host.cluster().map_or(brokers, |cluster| cluster.brokers);
                headline(io, brokers);
                for broker in 1..=brokers {
                    row(io, "Container", &container_name(broker), "Running", "0.0s");
                }
                Step::Exit(0)
            }
            Err(_) => {
                io.error("Error response from daemon: the cluster could not be started");
                Step::Exit(1)
            }
        }
    }

    /// Ctrl-C while attached: the cluster goes on.
    pub(crate) fn interrupt(&mut self, io: &mut Io<'_>) {
        if self.state == State::Attached {
            io.err(
                Tone::Hint,
                "The cluster runs on (at home, Ctrl-C without -d stops it); docker-compose down removes it.",
            );
        }
    }
}

fn headline(io: &mut Io<'_>, brokers: i32) {
    let all = brokers.saturating_add(1);
    io.line(&format!("[+] Running {all}/{all}"));
}

fn done(io: &mut Io<'_>, brokers: i32, network: &str, container: &str) {
    headline(io, brokers);
    row(io, "Network", "you_default", network, "0.1s");
    for broker in 1..=brokers {
        row(io, "Container", &container_name(broker), container, "0.9s");
    }
}

fn row(io: &mut Io<'_>, kind: &str, name: &str, state: &str, time: &str) {
    let text = format!(" ✔ {kind:9} {name:12} {state:10} {time}\n");
    io.piece(Piece::new(Stream::Out, Tone::Ok, text));
}

#[cfg(test)]
mod tests {
    use super::{cluster_spec, entered};
    use crate::files::{Files, Place};
    use crate::host::ClusterFacts;

    #[test]
    fn compose_files_say_what_to_start() {
        let files = Files::new();
        let read = |name: &str| files.read(&Place::host(), name).unwrap().to_owned();
        let one = cluster_spec(&read("docker-compose.yml"));
        assert_eq!(
            (one.brokers, one.first_port, one.offsets_partitions),
            (1, 8098, 5)
        );
        assert_eq!(cluster_spec(&read("kafka_three_brokers.yml")).brokers, 3);
        assert_eq!(cluster_spec("").brokers, 1);
    }

    #[test]
    fn exec_enters_with_or_without_bash() {
        let facts = ClusterFacts {
            brokers: 1,
            ..ClusterFacts::default()
        };
        let enter = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            entered(&words, Some(&facts))
        };
        assert_eq!(enter("exec -it kafka bash"), Some((1, false)));
        assert_eq!(enter("exec -it kafka"), Some((1, true)));
        assert_eq!(enter("exec kafka kafka-topics --list"), None);
        assert_eq!(enter("exec -it kafka2 bash"), None);
    }
}
