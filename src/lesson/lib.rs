//! Walkthroughs as data: text, commands, and goals over the state of the cluster.
//!
//! - [`lesson`]: what a walkthrough is
//! - [`goal`]: what a step wants to see happen, whoever does it
//! - [`watch`]: notes what has happened, so that goals can be checked
//! - [`lecture`]: the lecture's steps

pub mod goal;
pub mod lecture;
pub mod lesson;
pub mod watch;
