//! Dialogs: what is typed into a form, checked as it is typed, as an action with its command.
//!
//! - [`facts`]: what a dialog may know of the sitting

pub mod facts;
