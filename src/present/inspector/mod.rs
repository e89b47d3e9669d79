//! The inspector: what is selected, in detail.
//!
//! - [`record`], [`value`], [`why`]: a record
//! - [`storage`]: a partition, a topic, a broker
//! - [`clients`]: a group, a client

pub mod clients;
pub mod record;
pub mod storage;
pub mod value;
pub mod why;

use std::fmt::Display;
use std::rc::Rc;

use session::layout::InspectorTab;
use session::selection::Selection;
use session::session::Session;

use crate::inspector::clients::{ClientDetail, GroupDetail};
use crate::inspector::record::RecordDetail;
use crate::inspector::storage::{BrokerDetail, PartitionDetail, TopicDetail};
use crate::memory::Memory;

/// The inspector.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectorView {
    /// Whether it shows.
    pub open: bool,
    /// Its open tab.
    pub tab: InspectorTab,
    /// What stands in it.
    pub body: Inspected,
}

/// What stands in the inspector.
#[derive(Debug, Clone, PartialEq)]
pub enum Inspected {
    /// A record.
    Record(Rc<RecordDetail>),
    /// A partition.
    Partition(Rc<PartitionDetail>),
    /// A topic.
    Topic(Rc<TopicDetail>),
    /// A broker.
    Broker(Rc<BrokerDetail>),
    /// A group.
    Group(Rc<GroupDetail>),
    /// A client.
    Client(Rc<ClientDetail>),
    /// Nothing, and what to do about it.
    Nothing(String),
}

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// How much, or which.
    pub value: String,
    /// What belongs beside it.
    pub note: Option<String>,
}

impl Fact {
    /// A fact.
    pub fn new(name: &'static str, value: impl Display) -> Fact {
        Fact {
            name,
            value: value.to_string(),
            note: None,
        }
    }

    /// The same with a word beside it.
    pub fn noted(self, note: impl Into<String>) -> Fact {
        let note = Some(note.into()).filter(|note| !note.is_empty());
        Fact { note, ..self }
    }
}

/// The inspector as the sitting has it.
pub fn inspector(session: &Session, memory: &mut Memory) -> InspectorView {
    let layout = session.layout();
    let body = if layout.right_open {
        inspected(session, memory)
    } else {
        Inspected::Nothing(String::new())
    };
    InspectorView {
        open: layout.right_open,
        tab: layout.inspector,
        body,
    }
}

fn inspected(session: &Session, memory: &mut Memory) -> Inspected {
    let nothing = |text: &str| Inspected::Nothing(text.to_owned());
    match (session.layout().inspector, session.selection()) {
        (InspectorTab::Record, Some(Selection::Record(partition, offset))) => {
            match record::record(session, memory, partition, *offset) {
                Some(detail) => Inspected::Record(Rc::new(detail)),
                None => Inspected::Nothing(format!("{partition} @ {offset} is no longer stored.")),
            }
        }
        (InspectorTab::Record, _) => nothing("Select a record in the diagram"),
        (InspectorTab::Partition, Some(selection)) => stored(session, selection),
        (InspectorTab::Partition, None) => {
            nothing("Select a partition, a topic or a broker in the diagram")
        }
        (InspectorTab::Group, Some(Selection::Group(id))) => match clients::group(session, id) {
            Some(detail) => Inspected::Group(Rc::new(detail)),
            None => Inspected::Nothing(format!("Group {id} does not exist any more.")),
        },
        (InspectorTab::Group, Some(Selection::Client(id))) => {
            match clients::client(session, memory, *id) {
                Some(detail) => Inspected::Client(Rc::new(detail)),
                None => nothing("This client has left."),
            }
        }
        (InspectorTab::Group, _) => nothing("Select a group or a client in the diagram"),
    }
}

#[inline(never)]
fn stored(session: &Session, selection: &Selection) -> Inspected {
    let found = match selection {
        Selection::Record(partition, _) | Selection::Partition(partition) => {
            storage::partition(session, partition)
                .map(|detail| Inspected::Partition(Rc::new(detail)))
                .ok_or_else(|| format!("{partition} does not exist any more."))
        }
        Selection::Topic(name) => storage::topic(session, name)
            .map(|detail| Inspected::Topic(Rc::new(detail)))
            .ok_or_else(|| format!("Topic {name} does not exist any more.")),
        Selection::Broker(id) => storage::broker(session, *id)
            .map(|detail| Inspected::Broker(Rc::new(detail)))
            .ok_or_else(|| format!("Broker {id} is gone.")),
        Selection::Group(_) | Selection::Client(_) => {
            Err("Select a partition, a topic or a broker in the diagram".to_owned())
        }
    };
    found.unwrap_or_else(Inspected::Nothing)
}
