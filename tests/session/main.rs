//! Sittings: scenes open alive, buttons do what they say, the lecture is solved by its own commands.

mod actions;
mod lecture;
mod recording;
mod scenes;
mod support;
