//! How far the walkthrough is: done is what has happened, whoever did it.

use lesson::lesson::Lesson;
use lesson::watch::Watch;
use serde::Serialize;
use shell::Shell;
use world::event::WorldEvent;
use world::world::World;

/// Where the walkthrough stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Progress {
    watch: Watch,
    done: Vec<bool>,
    /// The step that is looked at, if one was chosen by hand.
    chosen: Option<usize>,
}

impl Progress {
    /// The lesson itself.
    pub fn lesson(&self) -> Lesson {
        lesson::lecture::lecture()
    }

    /// What has happened so far.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Whether a step is done.
    pub fn is_done(&self, step: usize) -> bool {
        self.done.get(step).copied().unwrap_or(false)
    }

    /// How many steps are done.
    pub fn done_count(&self) -> usize {
        self.done.iter().filter(|done| **done).count()
    }

    /// The step to look at: the one chosen by hand, else the first that is not done.
    pub fn current(&self) -> usize {
        let open = self.done.iter().position(|done| !done);
        self.chosen
            .or(open)
            .unwrap_or(self.done.len().saturating_sub(1))
    }

    /// The step that was chosen by hand.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    pub(crate) fn look_at(&mut self, step: usize) {
        self.chosen = Some(step.min(self.lesson().steps.len().saturating_sub(1)));
    }

    pub(crate) fn note(&mut self, event: &WorldEvent) {
        self.watch.note(event);
    }

    /// Checks every step that is not done yet. A step that gets done lets go of a choice by hand, so
    /// that the next one comes into view.
    pub(crate) fn check(&mut self, world: &World, shell: &Shell) {
        self.watch.look(world, shell);
        let lesson = self.lesson();
        self.done.resize(lesson.steps.len(), false);
        for (number, (step, done)) in lesson.steps.iter().zip(&mut self.done).enumerate() {
            if !*done && step.goals.iter().all(|goal| goal.is_met(&self.watch)) {
                *done = true;
                if self.chosen == Some(number) {
                    self.chosen = None;
                }
            }
        }
    }
}
