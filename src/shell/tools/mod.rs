//! Kafka's own command-line tools, one file each. In every file the same order: the table of options,
//! what the tool keeps, how it starts, how it goes on.

mod admin;
mod console_consumer;
mod console_producer;
mod delete_records;
mod formatter;
mod get_offsets;
mod groups;
mod log_dirs;
pub(crate) mod options;
mod reader;
mod settings;
mod topics;

use serde::Serialize;
use world::input::{ClientId, Input};

use crate::commands::{Process, Step};
use crate::io::Io;
use options::OptionSpec;

/// What is known of a tool.
pub(crate) struct ToolSpec {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) options: &'static [OptionSpec],
    start: fn(&[String], &mut Io<'_>) -> Result<Tool, Process>,
}

/// All tools by name.
pub(crate) const TOOLS: &[ToolSpec] = &[
    ToolSpec {
        name: "kafka-console-consumer",
        summary: console_consumer::SUMMARY,
        options: console_consumer::OPTIONS,
        start: console_consumer::start,
    },
    ToolSpec {
        name: "kafka-console-producer",
        summary: console_producer::SUMMARY,
        options: console_producer::OPTIONS,
        start: console_producer::start,
    },
    ToolSpec {
        name: "kafka-consumer-groups",
        summary: groups::SUMMARY,
        options: groups::OPTIONS,
        start: groups::start,
    },
    ToolSpec {
        name: "kafka-delete-records",
        summary: delete_records::SUMMARY,
        options: delete_records::OPTIONS,
        start: delete_records::start,
    },
    ToolSpec {
        name: "kafka-get-offsets",
        summary: get_offsets::SUMMARY,
        options: get_offsets::OPTIONS,
        start: get_offsets::start,
    },
    ToolSpec {
        name: "kafka-log-dirs",
        summary: log_dirs::SUMMARY,
        options: log_dirs::OPTIONS,
        start: log_dirs::start,
    },
    ToolSpec {
        name: "kafka-topics",
        summary: topics::SUMMARY,
        options: topics::OPTIONS,
        start: topics::start,
    },
];

/// The tool of that name.
pub(crate) fn find(name: &str) -> Option<&'static ToolSpec> {
    TOOLS.iter().find(|tool| tool.name == name)
}

/// Starts a tool. `Err` is what it says instead, when its options are wrong or ask for help.
pub(crate) fn start(name: &str, arguments: &[String], io: &mut Io<'_>) -> Result<Tool, Process> {
    match find(name) {
        Some(tool) => (tool.start)(arguments, io),
        None => Err(Process::failed(
            127,
            format!("bash: {name}: command not found"),
        )),
    }
}

/// Takes a client out of the world, with whatever it still had to say.
pub(crate) fn remove(io: &mut Io<'_>, client: ClientId) {
    // It may have left by itself.
    let _ = io.host.apply(Input::Kill(client));
    io.host.take_client_events(client);
}

/// A tool while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Tool {
    Admin(Box<admin::AdminTool>),
    Producer(Box<console_producer::ConsoleProducer>),
    Consumer(Box<console_consumer::ConsoleConsumer>),
}

impl Tool {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        match self {
            Tool::Admin(admin) => admin.step(io),
            Tool::Producer(producer) => producer.step(io),
            Tool::Consumer(consumer) => consumer.step(io),
        }
    }

    /// Ctrl-C: whether it ends at once.
    pub(crate) fn interrupt(&mut self, io: &mut Io<'_>) -> bool {
        match self {
            Tool::Admin(admin) => {
                admin.kill(io);
                true
            }
            Tool::Producer(producer) => producer.interrupt(io),
            Tool::Consumer(consumer) => consumer.interrupt(io),
        }
    }

    /// It is gone without closing.
    pub(crate) fn kill(&mut self, io: &mut Io<'_>) {
        match self {
            Tool::Admin(admin) => admin.kill(io),
            Tool::Producer(producer) => producer.kill(io),
            Tool::Consumer(consumer) => consumer.kill(io),
        }
    }
}
