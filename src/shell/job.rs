//! Jobs: pipelines while they run, and what connects their commands.

use std::collections::VecDeque;

use engine::rng::Rng;
use engine::time::SimTime;
use serde::Serialize;

use crate::commands::{Process, Step};
use crate::files::{Files, Place};
use crate::host::Host;
use crate::io::{Input, Io, Pipe, Typed};
use crate::language::{Connector, Pipeline};
use crate::screen::{Piece, Screen, Stream, Tone};

/// How much one step may write to a screen or a file.
const STEP_BYTES: usize = 256 * 1024;

/// Where a command reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Source {
    Terminal,
    /// From the command before it.
    Pipe,
    /// A file or a here-document.
    Text(Pipe),
}

/// Where a command writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Dest {
    Terminal,
    /// To the command behind it.
    Pipe,
    File(String),
    Nothing,
}

/// One command of a pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Stage {
    pub(crate) process: Process,
    pub(crate) place: Place,
    pub(crate) source: Source,
    pub(crate) out: Dest,
    pub(crate) err: Dest,
    pub(crate) exit: Option<i32>,
    /// It was told to end and is closing.
    pub(crate) ending: Option<i32>,
    pub(crate) wake: Option<SimTime>,
    pub(crate) starved: bool,
}

/// A pipeline while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Running {
    pub(crate) stages: Vec<Stage>,
    pub(crate) pipes: Vec<Pipe>,
    pub(crate) negated: bool,
}

/// A list of pipelines while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Job {
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) rest: VecDeque<(Connector, Pipeline)>,
    pub(crate) running: Option<Running>,
    pub(crate) status: i32,
    pub(crate) background: bool,
    pub(crate) interrupted: bool,
}

/// What a job touches while it goes on.
pub(crate) struct Context<'a> {
    pub(crate) host: &'a mut dyn Host,
    pub(crate) files: &'a mut Files,
    pub(crate) rng: &'a mut Rng,
    pub(crate) screen: &'a mut Screen,
    pub(crate) typed: &'a mut Typed,
    pub(crate) foreground: bool,
    pub(crate) work: &'a mut u32,
}

/// How a job is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// `kill`
    Terminate,
    /// `kill -9`
    Kill,
}

impl Signal {
    pub(crate) fn status(self) -> i32 {
        match self {
            Signal::Interrupt => 130,
            Signal::Terminate => 143,
            Signal::Kill => 137,
        }
    }
}

impl Running {
    /// Lets every command take a step; whether any did something.
    pub(crate) fn step(&mut self, context: &mut Context<'_>) -> bool {
        let mut moved = false;
        for index in 0..self.stages.len() {
            if *context.work == 0 {
                return true;
            }
            moved |= self.step_stage(index, context);
        }
        moved
    }

    /// The pipeline's status once all its commands have ended.
    pub(crate) fn status(&self) -> Option<i32> {
        if self.stages.iter().any(|stage| stage.exit.is_none()) {
            return None;
        }
        let status = self.stages.last().and_then(|stage| stage.exit).unwrap_or(0);
        Some(match self.negated {
            true => i32::from(status == 0),
            false => status,
        })
    }

    /// Whether a command waits for what is typed.
    pub(crate) fn reads_terminal(&self) -> bool {
        self.stages
            .iter()
            .any(|stage| stage.source == Source::Terminal && stage.starved && stage.exit.is_none())
    }

    pub(crate) fn next_wakeup(&self) -> Option<SimTime> {
        let waiting = self.stages.iter().filter(|stage| stage.exit.is_none());
        waiting.filter_map(|stage| stage.wake).min()
    }

    /// Tells every command to end.
    pub(crate) fn signal(&mut self, signal: Signal, context: &mut Context<'_>) {
        for index in 0..self.stages.len() {
            self.with_io(index, context, |stage, io| {
                if stage.exit.is_some() {
                    return;
                }
                let again = stage.ending.is_some();
                let ended = match signal == Signal::Kill || again {
                    true => {
                        stage.process.kill(io);
                        true
                    }
                    false => stage.process.interrupt(io),
                };
                match ended {
                    true => stage.exit = Some(signal.status()),
                    false => stage.ending = Some(signal.status()),
                }
            });
            self.close_ends(index);
        }
    }

    fn step_stage(&mut self, index: usize, context: &mut Context<'_>) -> bool {
        let unread = self.pipes.get(index).is_some_and(|pipe| pipe.unread);
        let moved = self.with_io(index, context, |stage, io| {
            if stage.exit.is_some() {
                return false;
            }
            if unread && stage.out == Dest::Pipe && stage.ending.is_none() {
                stage.out = Dest::Nothing;
                match stage.process.interrupt(io) {
                    true => stage.exit = Some(141),
                    false => stage.ending = Some(141),
                }
                return true;
            }
            io.room = io.room.min(STEP_BYTES);
            let step = stage.process.step(io);
            stage.starved = io.starved;
            stage.wake = None;
            match step {
                Step::Again => true,
                Step::Wait(wake) => {
                    stage.wake = wake;
                    !io.pieces.is_empty()
                }
                Step::Exit(status) => {
                    stage.exit = Some(stage.ending.unwrap_or(status));
                    true
                }
            }
        });
        self.close_ends(index);
        moved
    }

    /// Hands a command what it may touch, then brings what it wrote where it belongs.
    fn with_io<T: Default>(
        &mut self,
        index: usize,
        context: &mut Context<'_>,
        act: impl FnOnce(&mut Stage, &mut Io<'_>) -> T,
    ) -> T {
        let room = match self.pipes.get(index) {
            Some(pipe) => pipe.room(),
            None => STEP_BYTES,
        };
        let before = index.checked_sub(1).and_then(|at| self.pipes.get_mut(at));
        let Some(stage) = self.stages.get_mut(index) else {
            return T::default();
        };
        let mut text = match &mut stage.source {
            Source::Text(pipe) => Some(std::mem::take(pipe)),
            _ => None,
        };
        let place = stage.place.clone();
        let input = match (&stage.source, before, text.as_mut()) {
            (Source::Text(_), _, Some(pipe)) => Input::Pipe(pipe),
            (Source::Pipe, Some(pipe), _) => Input::Pipe(pipe),
            (Source::Terminal, _, _) if context.foreground => Input::Typed(context.typed),
            (Source::Terminal, _, _) => Input::Waiting,
            _ => Input::Nothing,
        };
        let mut io = Io {
            host: context.host,
            files: context.files,
            rng: context.rng,
            place: &place,
            input,
            interactive: stage.source == Source::Terminal && stage.out == Dest::Terminal,
            room: if stage.out == Dest::Pipe {
                room
            } else {
                STEP_BYTES
            },
            work: context.work,
            pieces: Vec::new(),
            starved: false,
        };
        let result = act(stage, &mut io);
        let pieces = std::mem::take(&mut io.pieces);
        drop(io);
        if let (Source::Text(pipe), Some(text)) = (&mut stage.source, text) {
            *pipe = text;
        }
        self.deliver(index, context, pieces);
        result
    }

    fn deliver(&mut self, index: usize, context: &mut Context<'_>, pieces: Vec<Piece>) {
        let Some(stage) = self.stages.get_mut(index) else {
            return;
        };
        for piece in pieces {
            let dest = match piece.stream {
                Stream::Echo => &Dest::Terminal,
                Stream::Out => &stage.out,
                Stream::Err => &stage.err,
            };
            match dest {
                Dest::Terminal => context.screen.write(&piece),
                Dest::Nothing => {}
                Dest::Pipe => {
                    if let Some(pipe) = self.pipes.get_mut(index) {
                        pipe.write(&piece.text);
                    }
                }
                Dest::File(path) => {
                    let written = context.files.append(&stage.place, path, &piece.text);
                    if let Err(error) = written {
                        let text = format!("bash: {path}: {}\n", error.text());
                        context
                            .screen
                            .write(&Piece::new(Stream::Err, Tone::Error, text));
                        stage.out = Dest::Nothing;
                        stage.err = Dest::Terminal;
                        stage.exit = stage.exit.or(Some(1));
                    }
                }
            }
        }
    }

    /// Once a command has ended, its neighbours learn it.
    fn close_ends(&mut self, index: usize) {
        let ended = self
            .stages
            .get(index)
            .is_some_and(|stage| stage.exit.is_some());
        if !ended {
            return;
        }
        if let Some(pipe) = self.pipes.get_mut(index) {
            pipe.ended = true;
        }
        if let Some(pipe) = index.checked_sub(1).and_then(|at| self.pipes.get_mut(at)) {
            pipe.unread = true;
        }
    }
}
