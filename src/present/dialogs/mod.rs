//! Dialogs: what is typed into a form, checked as it is typed, as an action with its command.
//!
//! - [`facts`]: what a dialog may know of the sitting
//! - [`check`]: what a form adds up to: an action, or what is wrong with which field
//! - [`rules`]: names and numbers that Kafka takes
//! - [`topic`], [`producer`], [`consumer`], [`compose`], [`group`]: the forms
//! - [`json`]: whether a value is JSON, and why not
//! - [`question`]: what is asked before something is gone for good

pub mod check;
pub mod compose;
pub mod consumer;
pub mod facts;
pub mod group;
pub mod json;
pub mod producer;
pub mod question;
pub mod rules;
pub mod topic;
