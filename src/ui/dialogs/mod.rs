//! Dialogs: forms for topics, producers, consumers, groups and records, questions, and the help.

use std::rc::Rc;

use engine::ids::TopicPartition;
use present::dialogs::facts::DialogFacts;
use session::action::Composed;
use session::msg::Msg;
use world::input::ClientId;
use yew::prelude::*;

/// Which dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// Make a topic.
    Topic,
    /// Give a topic more partitions.
    AddPartitions(String),
    /// Add a producer that sends by itself, or change what one sends.
    Producer {
        /// The topic to begin with.
        topic: Option<String>,
        /// The producer to change.
        edit: Option<ClientId>,
    },
    /// Add a consumer.
    Consumer {
        /// The group to begin with.
        group: Option<String>,
        /// The topic to begin with.
        topic: Option<String>,
    },
    /// Send records.
    Compose(Composed),
    /// Move a group to other offsets of a topic.
    MoveGroup(String),
    /// Let a group read again from a record on.
    Replay(TopicPartition, i64),
    /// Whether to delete a topic.
    ConfirmDeleteTopic(String),
    /// Whether to delete a group.
    ConfirmDeleteGroup(String),
    /// Whether to delete the records of a partition before an offset.
    ConfirmDeleteRecords(TopicPartition, i64),
    /// Whether to remove the cluster.
    ConfirmStopCluster,
    /// Whether to let go of everything and begin the scene anew.
    ConfirmStartOver,
    /// Shortcuts, and what the diagram's marks mean.
    Help,
}

/// What the dialogs need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DialogsProps {
    /// The open one.
    pub open: Option<Dialog>,
    /// What they may know of the sitting.
    pub facts: Rc<DialogFacts>,
    /// Whether single keys act as shortcuts, for the help.
    pub shortcuts: bool,
    /// What was done.
    pub act: Callback<Msg>,
    /// The open one is no longer wanted.
    pub on_close: Callback<()>,
}

/// The open dialog, if one is.
#[component]
pub fn Dialogs(props: &DialogsProps) -> Html {
    let _ = props;
    html! {}
}
