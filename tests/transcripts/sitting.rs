//! A person at a terminal: what is typed, what the screen shows.

use engine::time::SimTime;
use shell::Shell;
use shell::screen::Stream;
use shell::terminal::{Terminal, TerminalId};
use world::input::Pace;
use world::world::World;

pub struct Sitting {
    pub world: World,
    pub shell: Shell,
    pub id: TerminalId,
}

impl Sitting {
    /// An empty machine.
    pub fn new(pace: Pace) -> Sitting {
        let world = World::new(3, SimTime::from_millis(1_780_000_000_000), pace);
        let mut shell = Shell::new();
        let id = shell.open_terminal();
        Sitting { world, shell, id }
    }

    /// A machine with the lecture's cluster.
    pub fn with_cluster(pace: Pace) -> Sitting {
        let mut sitting = Sitting::new(pace);
        sitting.run("docker-compose up -d");
        sitting.pass(2.0);
        sitting.run("clear");
        sitting
    }

    pub fn terminal(&self) -> &Terminal {
        self.shell.terminal(self.id).expect("it is open")
    }

    /// Types a line, or pastes several.
    pub fn enter(&mut self, text: &str) {
        self.shell.enter(&mut self.world, self.id, text);
    }

    /// Types a command and waits for its end; what it wrote.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        let before = self.count();
        self.enter(command);
        for _ in 0..2000 {
            if !self.shell.has_running(self.id) && !self.busy() {
                break;
            }
            self.pass(0.1);
        }
        assert!(
            !self.shell.has_running(self.id),
            "{command} does not end: {:?}",
            self.since(before)
        );
        let all = self.since(before);
        all.into_iter().skip(1).collect()
    }

    fn busy(&self) -> bool {
        self.shell.next_wakeup() == Some(SimTime(0))
    }

    /// Lets so many seconds pass, polling as a page does.
    pub fn pass(&mut self, seconds: f64) {
        let end = self.world.now().plus_micros((seconds * 1e6) as u64);
        loop {
            self.shell.poll(&mut self.world);
            let now = self.world.now();
            if now >= end {
                return;
            }
            let wake = self.shell.next_wakeup().unwrap_or(end);
            let frame = now.plus_micros(10_000);
            self.world
                .run_until(wake.clamp(now, frame).min(end).max(now.plus_micros(100)));
        }
    }

    /// How many lines there have been.
    pub fn count(&self) -> u64 {
        self.terminal().dropped() + self.terminal().lines().len() as u64
    }

    /// The lines since there were `before`.
    pub fn since(&self, before: u64) -> Vec<String> {
        let skip = before.saturating_sub(self.terminal().dropped()) as usize;
        self.terminal()
            .lines()
            .skip(skip)
            .map(|line| line.text())
            .collect()
    }

    /// All lines kept.
    pub fn lines(&self) -> Vec<String> {
        self.since(0)
    }

    /// The lines of one stream.
    pub fn stream(&self, stream: Stream) -> Vec<String> {
        let lines = self.terminal().lines();
        lines
            .filter(|line| line.stream == stream)
            .map(|line| line.text())
            .collect()
    }

    pub fn status(&self) -> i32 {
        self.terminal().status()
    }

    pub fn ctrl_c(&mut self, typed: &str) {
        self.shell.ctrl_c(&mut self.world, self.id, typed);
        self.pass(3.0);
    }

    pub fn ctrl_d(&mut self) {
        self.shell.ctrl_d(&mut self.world, self.id);
        self.pass(5.0);
    }
}
