//! Dialogs: forms for topics, producers, consumers, groups and records, questions, and the help.
//!
//! - [`modal`]: the window that all of them stand in
//! - [`form`]: a form in it: fields, the command that does the same, the button
//! - [`fields`]: one field with its label, its hint and what is wrong with it
//! - [`topic`], [`producer`], [`consumer`], [`compose`], [`group`]: the forms
//! - [`question`]: asked before something is gone for good
//! - [`help`]: shortcuts, and what the diagram's marks mean

pub mod compose;
pub mod consumer;
pub mod fields;
pub mod form;
pub mod group;
pub mod help;
pub mod modal;
pub mod producer;
pub mod question;
pub mod topic;

use std::rc::Rc;

use engine::ids::TopicPartition;
use present::dialogs::facts::DialogFacts;
use session::action::Composed;
use session::msg::Msg;
use world::input::ClientId;
use yew::prelude::*;

use compose::ComposeDialog;
use consumer::ConsumerDialog;
use group::{MoveDialog, ReplayDialog};
use help::HelpDialog;
use producer::ProducerDialog;
use question::QuestionDialog;
use topic::{PartitionsDialog, TopicDialog};

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

/// What a dialog with a form needs beside its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Surroundings {
    /// What it may know of the sitting.
    pub facts: Rc<DialogFacts>,
    /// What was done.
    pub act: Callback<Msg>,
    /// It is no longer wanted.
    pub on_close: Callback<()>,
}

/// The open dialog, if one is.
#[component]
pub fn Dialogs(props: &DialogsProps) -> Html {
    let Some(open) = &props.open else {
        return html! {};
    };
    let around = Surroundings {
        facts: props.facts.clone(),
        act: props.act.clone(),
        on_close: props.on_close.clone(),
    };
    match open.clone() {
        Dialog::Topic => html! { <TopicDialog {around} /> },
        Dialog::AddPartitions(topic) => html! { <PartitionsDialog {topic} {around} /> },
        Dialog::Producer { topic, edit } => html! { <ProducerDialog {topic} {edit} {around} /> },
        Dialog::Consumer { group, topic } => html! { <ConsumerDialog {group} {topic} {around} /> },
        Dialog::Compose(record) => html! { <ComposeDialog {record} {around} /> },
        Dialog::MoveGroup(group) => html! { <MoveDialog {group} {around} /> },
        Dialog::Replay(partition, offset) => {
            html! { <ReplayDialog {partition} {offset} {around} /> }
        }
        Dialog::Help => html! { <HelpDialog shortcuts={props.shortcuts} {around} /> },
        other => match question::of(&other) {
            Some(question) => html! { <QuestionDialog {question} {around} /> },
            None => html! {},
        },
    }
}
