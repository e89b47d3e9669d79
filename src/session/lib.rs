//! One sitting: what was done, what is selected, what is remembered.
//!
//! [`session::Session::update`] takes a [`msg::Msg`] and gives back [`msg::Effect`]s for the page.
//!
//! - [`session`]: routes messages, lets time pass
//! - [`msg`]: messages and effects
//! - [`action`], [`command`]: what buttons do, and the commands that would do the same
//! - [`scene`]: opening scenes as data
//! - [`selection`], [`layout`], [`dock`]: what is selected, open, and how it is looked at
//! - [`journal`]: the protocol log, the timeline, rates and lag
//! - [`notice`]: what the page has to say
//! - [`place`]: where a line of the walkthrough is typed
//! - [`progress`]: how far the walkthrough is
//! - [`recording`]: what was done, to be done again

pub mod action;
pub mod command;
pub mod dock;
pub mod journal;
pub mod layout;
pub mod look;
pub mod msg;
pub mod notice;
mod perform;
pub mod place;
pub mod progress;
pub mod recording;
mod sampling;
pub mod scene;
pub mod selection;
pub mod session;
mod stage;
pub mod stepping;
mod terminals;
