//! View models: plain structs, already laid out, computed by pure functions.
//!
//! - [`keys`]: which colour and shape a record key has
//! - [`memory`]: what views remember between frames
//! - [`flow`]: the flow diagram
//! - [`walkthrough`], [`prose`]: steps, and running text with code in it
//! - [`timeline`]: what happened when
//! - [`dialogs`]: what is typed into forms, checked, as actions
//! - [`notices`]: what the page has to say
//! - [`top`]: the bar on top
//! - [`dock`]: the panel below: [`terminal`], [`records`], [`groups`], [`protocol_log`], [`metrics`]
//! - [`inspector`]: the panel at the right
//! - [`stored`], [`words`]: records read a few at a time; times, sizes and texts as they are written

pub mod dialogs;
pub mod dock;
pub mod flow;
pub mod groups;
pub mod inspector;
pub mod keys;
pub mod memory;
pub mod metrics;
pub mod notices;
pub mod prose;
pub mod protocol_log;
pub mod records;
pub mod stored;
pub mod terminal;
pub mod timeline;
pub mod top;
pub mod walkthrough;
pub mod words;
