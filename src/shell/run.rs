//! A terminal goes on: jobs take steps, typed lines become jobs.

use crate::Machine;
use crate::builtins;
use crate::host::Host;
use crate::io::LINE_BYTES;
use crate::job::{Context, Job, Running, Signal};
use crate::language::{Connector, List, Parsed, Pipeline, Unfinished, parser};
use crate::screen::{Piece, Stream, Tone};
use crate::start;
use crate::terminal::{Terminal, Wish};

/// How many lines the history keeps.
const HISTORY: usize = 1_000;
/// The longest line that the history keeps.
const HISTORY_BYTES: usize = 4_096;
/// How many jobs one terminal runs at once.
const JOBS: usize = 32;

impl Terminal {
    /// Goes on as far as it gets with the work left.
    pub(crate) fn poll(&mut self, host: &mut dyn Host, machine: &mut Machine) {
        loop {
            let mut moved = false;
            let numbers: Vec<u32> = self.jobs.keys().copied().collect();
            for number in numbers {
                moved |= self.step_job(host, machine, number);
            }
            moved |= self.grant_wishes(host, machine);
            if self.foreground.is_none() && machine.work > 0 {
                moved |= self.next_at_prompt(host, machine);
            }
            if machine.work == 0 {
                self.busy = moved || !self.queue.is_empty() || !self.typed.lines.is_empty();
                return;
            }
            if !moved {
                self.busy = false;
                return;
            }
        }
    }

    #[inline(never)]
    fn step_job(&mut self, host: &mut dyn Host, machine: &mut Machine, number: u32) -> bool {
        let Some(mut job) = self.jobs.remove(&number) else {
            return false;
        };
        let mut moved = false;
        if let Some(running) = &mut job.running {
            let mut context = Context {
                host: &mut *host,
                files: &mut machine.files,
                rng: &mut machine.rng,
                screen: &mut self.screen,
                typed: &mut self.typed,
                foreground: self.foreground == Some(number),
                work: &mut machine.work,
            };
            moved = running.step(&mut context);
            if let Some(status) = running.status() {
                job.status = status;
                job.running = None;
                if !job.background || self.foreground == Some(number) {
                    self.state.status = status;
                }
            }
        }
        while job.running.is_none() {
            moved = true;
            let Some((connector, pipeline)) = job.rest.pop_front() else {
                self.finish(number, &job);
                return true;
            };
            if (connector == Connector::And) == (job.status == 0) {
                let started = self.start(host, machine, &job, &pipeline);
                job.running = Some(started);
            }
        }
        self.jobs.insert(number, job);
        moved
    }

    fn finish(&mut self, number: u32, job: &Job) {
        if self.foreground == Some(number) {
            self.foreground = None;
            self.typed.ended = false;
            self.screen.fresh_line();
            return;
        }
        let how = match job.status {
            0 => "Done".to_owned(),
            130 if job.interrupted => "Interrupt".to_owned(),
            137 if job.interrupted => "Killed".to_owned(),
            143 if job.interrupted => "Terminated".to_owned(),
            status => format!("Exit {status}"),
        };
        let shown = crate::screen::prefix(&job.text, 200);
        self.say_as(Tone::Plain, &format!("[{number}]+  {how:22}  {shown}"));
    }

    #[inline(never)]
    fn grant_wishes(&mut self, host: &mut dyn Host, machine: &mut Machine) -> bool {
        let wishes = std::mem::take(&mut self.state.wishes);
        let moved = !wishes.is_empty();
        for wish in wishes {
            match wish {
                Wish::Clear => self.screen.clear(),
                Wish::Foreground(number) => {
                    if let Some(job) = self.jobs.get(&number) {
                        let text = job.text.clone();
                        self.foreground = Some(number);
                        self.say_as(Tone::Plain, &text);
                    }
                }
                Wish::Signal(number, signal) => {
                    let signal = match signal {
                        9 => Signal::Kill,
                        2 => Signal::Interrupt,
                        _ => Signal::Terminate,
                    };
                    self.signal(host, machine, number, signal);
                }
            }
        }
        moved
    }

    /// Starts the next list, or takes the next typed line; whether there was one.
    fn next_at_prompt(&mut self, host: &mut dyn Host, machine: &mut Machine) -> bool {
        if let Some(list) = self.queue.pop_front() {
            self.start_list(host, machine, list);
            return true;
        }
        let Some(line) = self.typed.pop() else {
            return false;
        };
        machine.work = machine.work.saturating_sub(1);
        if self.state.places.len() > 1 && host.cluster().is_none() {
            self.state.places.truncate(1);
        }
        self.take_line(&line);
        true
    }

    #[inline(never)]
    fn take_line(&mut self, line: &str) {
        let prompt = self.prompt();
        self.screen
            .write(&Piece::new(Stream::Echo, Tone::Prompt, prompt));
        let echo = Piece::new(Stream::Echo, Tone::Command, format!("{line}\n"));
        self.screen.write(&echo);
        let text = match self.unfinished.take() {
            None => line.to_owned(),
            Some((mut text, wanted)) => {
                text.push('\n');
                text.push_str(line);
                if text.len() > LINE_BYTES.saturating_mul(2) {
                    self.say("bash: this command has more than 4 MiB, which is the limit here; it was dropped");
                    return;
                }
                let goes_on = match &wanted {
                    Unfinished::Quote(quote) => !line.contains(*quote),
                    Unfinished::HereDocument(end) => line.trim_start_matches('\t') != end,
                    Unfinished::Line => false,
                };
                if goes_on {
                    self.unfinished = Some((text, wanted));
                    return;
                }
                text
            }
        };
        match parser::parse(&text) {
            Parsed::Unfinished(wanted) => self.unfinished = Some((text, wanted)),
            Parsed::Bad(sentence) => {
                self.remember(&text);
                self.say(&format!("bash: {sentence}"));
                self.state.status = 2;
            }
            Parsed::Script(lists) => {
                self.remember(&text);
                self.queue.extend(lists);
            }
        }
    }

    fn remember(&mut self, text: &str) {
        let known = self.history.last().is_some_and(|last| last == text);
        if text.trim().is_empty() || known || text.len() > HISTORY_BYTES {
            return;
        }
        if self.history.len() >= HISTORY {
            self.history.remove(0);
        }
        self.history.push(text.to_owned());
    }

    #[inline(never)]
    fn start_list(&mut self, host: &mut dyn Host, machine: &mut Machine, list: List) {
        if self.jobs.len() >= JOBS {
            self.say("bash: 32 jobs run in this terminal already, which is the limit here");
            self.state.status = 1;
            return;
        }
        let mut job = Job {
            text: list.text,
            place: self.state.place(),
            rest: list.rest.into(),
            running: None,
            status: 0,
            background: list.background,
            interrupted: false,
        };
        let number = (1..)
            .find(|number| !self.jobs.contains_key(number))
            .unwrap_or(1);
        if list.background {
            self.say_as(Tone::Plain, &format!("[{number}] {}", 4000 + number));
            self.state.status = 0;
        } else {
            self.foreground = Some(number);
        }
        job.running = Some(self.start(host, machine, &job, &list.first));
        self.jobs.insert(number, job);
    }

    fn start(
        &mut self,
        host: &mut dyn Host,
        machine: &mut Machine,
        job: &Job,
        pipeline: &Pipeline,
    ) -> Running {
        let jobs: Vec<builtins::JobFacts> = self
            .background()
            .map(|(number, text)| builtins::JobFacts {
                number,
                text: text.to_owned(),
            })
            .collect();
        let mut starter = start::Starter {
            host,
            files: &mut machine.files,
            rng: &mut machine.rng,
            work: &mut machine.work,
            state: &mut self.state,
            history: &self.history,
            jobs: &jobs,
            place: job.place.clone(),
            background: job.background,
        };
        if !job.background {
            starter.place = starter.state.place();
        }
        starter.pipeline(pipeline)
    }
}
