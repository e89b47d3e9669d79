//! What was done in a sitting, so that it can be done again: scene, seed, and every input with its
//! time. Replaying it gives the same bytes.

use engine::time::SimTime;
use serde::{Deserialize, Serialize};

use crate::msg::Msg;
use crate::scene::SceneId;
use crate::session::Session;

/// Written into every recording; a reader refuses one that it does not know.
const FORMAT: u32 = 1;
/// A recording stops growing here and says so.
const LIMIT: usize = 100_000;
/// Of a pasted line, so much is kept: more cannot be entered either.
const TEXT_LIMIT: usize = 8 * 1024 * 1024;

/// A recorded sitting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    format: u32,
    scene: SceneId,
    seed: u64,
    start_micros: u64,
    inputs: Vec<Entry>,
    text_bytes: usize,
    complete: bool,
}

/// One input: simulated microseconds since the Unix epoch, and what was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    at: u64,
    msg: Msg,
}

impl Recording {
    /// An empty recording of a sitting that has just begun.
    pub fn of(session: &Session) -> Recording {
        Recording {
            format: FORMAT,
            scene: session.scene(),
            seed: session.world().seed(),
            start_micros: session.world().started_at().0,
            inputs: Vec::new(),
            text_bytes: 0,
            complete: true,
        }
    }

    /// Notes an input. Time that passes is in the times of the others; the look of the page and
    /// scenes that begin anew are not part of what happened.
    pub fn note(&mut self, at: SimTime, msg: &Msg) {
        if matches!(
            msg,
            Msg::TimePassed(_)
                | Msg::Look(_)
                | Msg::SceneOpened(_)
                | Msg::StartedOver
                | Msg::Played
                | Msg::Paused
                | Msg::SpeedChosen(_)
                | Msg::NoticeClosed(_)
        ) {
            return;
        }
        if let Msg::LineEntered(_, text) = msg {
            self.text_bytes = self.text_bytes.saturating_add(text.len());
        }
        if self.inputs.len() >= LIMIT || self.text_bytes > TEXT_LIMIT {
            self.complete = false;
            return;
        }
        self.inputs.push(Entry {
            at: at.0,
            msg: msg.clone(),
        });
    }

    /// Whether everything that was done is in it.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// As a file.
    ///
    /// # Errors
    /// A sentence, if it cannot be written.
    pub fn to_json(&self) -> Result<String, String> {
        serde_json::to_string(self)
            .map_err(|error| format!("The recording can't be written: {error}"))
    }

    /// Reads a file that [`Recording::to_json`] wrote.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn from_json(text: &str) -> Result<Recording, String> {
        let recording: Recording = serde_json::from_str(text)
            .map_err(|error| format!("This is not a recording of the playground: {error}."))?;
        if recording.format != FORMAT {
            return Err(format!(
                "This recording has format {}; this playground reads format {FORMAT}.",
                recording.format
            ));
        }
        Ok(recording)
    }

    /// Does it all again, and lets time pass until `until_micros` after the scene opened.
    pub fn replay(&self, until_micros: u64) -> Session {
        let start = SimTime(self.start_micros);
        let mut session = Session::open(self.scene, self.seed, start);
        for entry in &self.inputs {
            session.run_to(SimTime(entry.at));
            session.update(entry.msg.clone());
        }
        session.run_to(start.plus_micros(until_micros));
        session
    }
}
