//! `kafka-playground replay FILE`: the same run again, and whether it sends the same frames.

use std::fmt;
use std::path::Path;

use engine::time::SimTime;

use crate::cluster::Cluster;
use crate::recording::{Entry, Recording, Sent};

/// A recording that was run again and sent the same frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Turns of the cluster.
    pub turns: u64,
    /// What arrived in them.
    pub inputs: u64,
    /// What was sent, up to the last mark of the recording.
    pub sent: Sent,
    /// How long the run took, in milliseconds of its own time.
    pub millis: i64,
    /// Whether the run ended in good order; otherwise its recording breaks off.
    pub ended: bool,
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sent { frames, digest } = self.sent;
        write!(
            f,
            "The same run: {} inputs in {} turns over {} ms, {frames} frames sent, digest {digest:016x}.",
            self.inputs, self.turns, self.millis
        )?;
        if !self.ended {
            write!(
                f,
                " The recording breaks off here: the server did not end in good order."
            )?;
        }
        Ok(())
    }
}

/// Runs a recording again.
///
/// # Errors
/// A sentence, if it cannot be read, or where the frames differ.
pub fn replay(path: &Path) -> Result<Replayed, String> {
    let (mut recording, plan) = Recording::open(path)?;
    let started = SimTime(plan.started_at);
    let mut now = started;
    let mut cluster = Cluster::new(plan);
    let mut sent = Sent::default();
    let mut replayed = Replayed {
        turns: 0,
        inputs: 0,
        sent,
        millis: 0,
        ended: false,
    };
    while let Some(entry) = recording.next_entry()? {
        let recorded = match entry {
            Entry::Turn(at, inputs) => {
                now = at;
                replayed.turns = replayed.turns.saturating_add(1);
                let count = u64::try_from(inputs.len()).unwrap_or(u64::MAX);
                replayed.inputs = replayed.inputs.saturating_add(count);
                sent.note(&cluster.turn(at, inputs));
                continue;
            }
            Entry::Mark(recorded) => recorded,
            Entry::End(recorded) => {
                replayed.ended = true;
                recorded
            }
        };
        replayed.millis = now.millis_since(started);
        if recorded != sent {
            return Err(format!(
                "not the same run: after {} turns and {} ms the recorded run had sent {} frames with digest {:016x}, \
                 this one has sent {} with digest {:016x}",
                replayed.turns,
                replayed.millis,
                recorded.frames,
                recorded.digest,
                sent.frames,
                sent.digest
            ));
        }
        replayed.sent = sent;
    }
    Ok(replayed)
}
