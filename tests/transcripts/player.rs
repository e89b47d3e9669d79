//! Plays a transcript in a simulated world at real pace.

use std::collections::BTreeMap;

use engine::time::SimTime;
use shell::Shell;
use shell::terminal::TerminalId;
use world::input::{ClusterSpec, Input, Pace};
use world::world::World;

use crate::compare::differences;
use crate::script::{Said, Transcript, What, words};

/// A command whose output differs.
pub struct Difference {
    /// The line of the transcript that the command stands on.
    pub line: usize,
    /// The command.
    pub command: String,
    /// The lines that differ: `-` the real Kafka's, `+` ours.
    pub lines: Vec<String>,
}

/// How long a command may take, in simulated seconds.
const LIMIT: f64 = 130.0;
/// How long the real tools take to start, in seconds: what a command before has begun goes on meanwhile.
const START: f64 = 1.5;

/// What differs from the transcript.
pub fn play(transcript: &Transcript) -> Vec<Difference> {
    let mut player = Player::new(transcript.brokers);
    let mut found = Vec::new();
    for step in &transcript.steps {
        let (command, lines) = match &step.what {
            What::Wait(seconds) => {
                player.pass(*seconds, None);
                continue;
            }
            What::KillBroker(id) => {
                let killed = player.world.apply(Input::KillBroker(*id));
                killed.expect("it runs");
                continue;
            }
            What::StartBroker(id) => {
                let started = player.world.apply(Input::StartBroker(*id));
                started.expect("it is down");
                continue;
            }
            What::File { name, content } => {
                player.shell.put_file(name, content).expect("the file fits");
                continue;
            }
            What::Start { name, command } => {
                player.start(name, command);
                continue;
            }
            What::Run {
                command,
                typed,
                said,
            } => {
                let ours = player.run(command, typed);
                (command.clone(), differences(&words(command), said, &ours))
            }
            What::Stop { name, said } => {
                let (command, ours) = player.stop(name);
                let lines = differences(&words(&command), said, &ours);
                (format!("stop {name}: {command}"), lines)
            }
        };
        if !lines.is_empty() {
            let line = step.line;
            found.push(Difference {
                line,
                command,
                lines,
            });
        }
    }
    found
}

struct Player {
    world: World,
    shell: Shell,
    front: TerminalId,
    behind: BTreeMap<String, (TerminalId, String)>,
}

impl Player {
    fn new(brokers: i32) -> Player {
        let mut world = World::new(7, SimTime::from_millis(1_780_000_000_000), Pace::Real);
        let spec = ClusterSpec {
            brokers,
            first_port: 8098,
            offsets_partitions: 5,
        };
        world
            .apply(Input::StartCluster(spec))
            .expect("the cluster starts");
        let mut shell = Shell::new();
        let front = shell.open_terminal();
        let mut player = Player {
            world,
            shell,
            front,
            behind: BTreeMap::new(),
        };
        player.pass(3.0, None);
        player
    }

    /// Lets time pass, at most so many seconds, until a terminal has no job in the foreground.
    fn pass(&mut self, seconds: f64, until_idle: Option<TerminalId>) {
        let micros = (seconds * 1e6) as u64;
        let end = self.world.now().plus_micros(micros);
        loop {
            self.shell.poll(&mut self.world);
            if until_idle.is_some_and(|id| !self.shell.has_running(id)) {
                return;
            }
            let now = self.world.now();
            if now >= end {
                return;
            }
            let wake = self.shell.next_wakeup().unwrap_or(end);
            if wake <= now {
                continue;
            }
            if self.world.has_mail() {
                // Somebody does not take what there is: it may not stop the clock.
                self.world.run_until(now.plus_micros(1_000).min(end));
            } else {
                self.world.run_until_mail(wake.min(end));
            }
        }
    }

    fn run(&mut self, command: &str, typed: &[String]) -> Said {
        self.pass(START, None);
        let mut input = String::new();
        for line in typed.iter().filter(|line| *line != "^D") {
            input.push_str(line);
            input.push('\n');
        }
        self.shell.put_file("in", &input).expect("the file fits");
        self.enter(self.front, command, "front", "in");
        self.pass(LIMIT, Some(self.front));
        if self.shell.has_running(self.front) {
            self.shell.ctrl_c(&mut self.world, self.front, "");
            self.pass(LIMIT, Some(self.front));
            let mut said = self.said(self.front, "front");
            said.exit = "timeout".to_owned();
            return said;
        }
        self.said(self.front, "front")
    }

    fn start(&mut self, name: &str, command: &str) {
        let id = self.shell.open_terminal();
        self.enter(id, command, name, "/dev/null");
        self.behind
            .insert(name.to_owned(), (id, command.to_owned()));
    }

    fn stop(&mut self, name: &str) -> (String, Said) {
        let (id, command) = self.behind.remove(name).expect("it was started");
        self.shell.ctrl_c(&mut self.world, id, "");
        self.pass(LIMIT, Some(id));
        (command, self.said(id, name))
    }

    fn enter(&mut self, id: TerminalId, command: &str, name: &str, input: &str) {
        let quoted = |word: String| format!("'{}'", word.replace('\'', "'\\''"));
        let words: Vec<String> = words(command).into_iter().map(quoted).collect();
        let line = format!("{} <{input} >{name}.out 2>{name}.err", words.join(" "));
        self.shell.enter(&mut self.world, id, &line);
    }

    fn said(&self, id: TerminalId, name: &str) -> Said {
        let lines = |end: &str| {
            let text = self
                .shell
                .file(&format!("{name}.{end}"))
                .unwrap_or_default();
            let text = text.strip_suffix('\n').unwrap_or(text);
            match self.shell.file(&format!("{name}.{end}")) {
                None | Some("") => Vec::new(),
                Some(_) => text.split('\n').map(str::to_owned).collect(),
            }
        };
        let status = self
            .shell
            .terminal(id)
            .map_or(-1, |terminal| terminal.status());
        Said {
            out: lines("out"),
            err: lines("err"),
            exit: status.to_string(),
        }
    }
}
