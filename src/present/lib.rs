//! View models: plain structs, already laid out, computed by pure functions.
//!
//! - [`keys`]: which colour and shape a record key has
//! - [`memory`]: what views remember between frames
//! - [`flow`]: the flow diagram
//! - [`dock`], [`inspector`]: the panels below and at the right
//! - [`walkthrough`], [`prose`]: steps, and running text with code in it
//! - [`timeline`]: what happened when
//! - [`dialogs`]: what is typed into forms, checked, as actions
//! - [`notices`]: what the page has to say
//! - [`top`]: the bar on top

pub mod dialogs;
pub mod dock;
pub mod flow;
pub mod inspector;
pub mod keys;
pub mod memory;
pub mod notices;
pub mod prose;
pub mod timeline;
pub mod top;
pub mod walkthrough;
