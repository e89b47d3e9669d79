//! From a parsed pipeline to running commands: words are filled in, files opened, commands started.

use engine::rng::Rng;

use crate::builtins::{self, JobFacts};
use crate::commands::{self, Process};
use crate::files::{FILE_BYTES, Files, Place};
use crate::host::Host;
use crate::io::{Input, Io, Pipe};
use crate::job::{Dest, Running, Source, Stage};
use crate::language::expand::Environment;
use crate::language::{Pipeline, Redirect, Simple};
use crate::terminal::State;

/// What starting commands needs.
pub(crate) struct Starter<'a> {
    pub(crate) host: &'a mut dyn Host,
    pub(crate) files: &'a mut Files,
    pub(crate) rng: &'a mut Rng,
    pub(crate) work: &'a mut u32,
    pub(crate) state: &'a mut State,
    pub(crate) history: &'a [String],
    pub(crate) jobs: &'a [JobFacts],
    pub(crate) place: Place,
    pub(crate) background: bool,
}

impl Starter<'_> {
    /// Starts all commands of a pipeline.
    pub(crate) fn pipeline(&mut self, pipeline: &Pipeline) -> Running {
        let last = pipeline.commands.len().saturating_sub(1);
        let alone = last == 0 && !self.background;
        let mut stages = Vec::new();
        for (index, command) in pipeline.commands.iter().enumerate() {
            let source = if index == 0 {
                Source::Terminal
            } else {
                Source::Pipe
            };
            let out = if index == last {
                Dest::Terminal
            } else {
                Dest::Pipe
            };
            stages.push(self.stage(command, source, out, alone));
        }
        Running {
            stages,
            pipes: vec![Pipe::default(); last],
            negated: pipeline.negated,
        }
    }

    fn stage(&mut self, command: &Simple, source: Source, out: Dest, alone: bool) -> Stage {
        let mut stage = Stage {
            process: Process::Said(Vec::new(), 0),
            place: self.place.clone(),
            source,
            out,
            err: Dest::Terminal,
            exit: None,
            ending: None,
            wake: None,
            starved: false,
        };
        let arguments = self.environment().arguments(&command.words);
        stage.process = match self.redirect(command, &mut stage) {
            Ok(()) => self.process(command, &arguments, &stage, alone),
            Err(sentence) => Process::failed(1, sentence),
        };
        stage
    }

    fn environment(&self) -> Environment<'_> {
        Environment {
            variables: &self.state.variables,
            status: self.state.status,
            home: self.place.home(),
        }
    }

    fn redirect(&mut self, command: &Simple, stage: &mut Stage) -> Result<(), String> {
        for redirect in &command.redirects {
            match redirect {
                Redirect::Input(file) => {
                    let path = self.environment().text(file);
                    let text = match path.as_str() {
                        "/dev/null" => "",
                        path => self
                            .files
                            .read(&self.place, path)
                            .map_err(|error| format!("bash: {path}: {}", error.text()))?,
                    };
                    stage.source = Source::Text(Pipe::of(text.to_owned()));
                }
                Redirect::Text(word) => {
                    let text = self.environment().text(word);
                    stage.source = Source::Text(Pipe::of(text));
                }
                Redirect::Output { fd, append, file } => {
                    let path = self.environment().text(file);
                    let dest = self.open(&path, *append)?;
                    match fd {
                        2 => stage.err = dest,
                        _ => stage.out = dest,
                    }
                }
                Redirect::Copy { fd: 2, of: 1 } => stage.err = stage.out.clone(),
                Redirect::Copy { fd: 1, of: 2 } => stage.out = stage.err.clone(),
                Redirect::Copy { .. } => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, path: &str, append: bool) -> Result<Dest, String> {
        if path == "/dev/null" {
            return Ok(Dest::Nothing);
        }
        let opened = match append {
            true => self.files.append(&self.place, path, ""),
            false => self.files.create(&self.place, path),
        };
        match opened {
            Ok(()) => Ok(Dest::File(path.to_owned())),
            Err(error) => Err(format!("bash: {path}: {}", error.text())),
        }
    }

    fn process(
        &mut self,
        command: &Simple,
        arguments: &[String],
        stage: &Stage,
        alone: bool,
    ) -> Process {
        let Some(name) = arguments.first() else {
            return self.assign(command, alone);
        };
        let total: usize = arguments.iter().map(String::len).sum();
        if name.len() > 4096 || total > FILE_BYTES.saturating_mul(2) {
            let shown = crate::screen::prefix(name, 40);
            return Process::failed(126, format!("bash: {shown}…: Argument list too long"));
        }
        let call = builtins::Call {
            arguments,
            state: self.state,
            history: self.history,
            jobs: self.jobs,
            files: self.files,
            host: self.host,
            alone,
        };
        if let Some(process) = builtins::start(call) {
            return process;
        }
        let mut io = Io {
            host: self.host,
            files: self.files,
            rng: self.rng,
            place: &self.place,
            input: Input::Nothing,
            interactive: stage.source == Source::Terminal && stage.out == Dest::Terminal,
            room: 0,
            work: self.work,
            pieces: Vec::new(),
            starved: false,
        };
        commands::start(arguments, &mut io)
    }

    /// `NAME=value` alone sets variables of the shell.
    fn assign(&mut self, command: &Simple, alone: bool) -> Process {
        for (name, word) in &command.assignments {
            let value = self.environment().text(word);
            if alone && !builtins::set(self.state, name, value) {
                return Process::failed(
                    1,
                    "bash: here a shell may have 200 variables of 64 KiB together",
                );
            }
        }
        Process::Said(Vec::new(), 0)
    }
}
