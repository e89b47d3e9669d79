//! What the tools that ask an admin client have in common: one client, one call after another.

use client::admin::{AdminAnswer, AdminCall, AdminConfig, AdminEvent, CallId};
use engine::net::Address;
use serde::Serialize;
use world::event::ClientEvent;
use world::input::{ClientId, Input, Reply};

use super::options::Failure;
use super::{delete_records, get_offsets, groups, log_dirs, remove, topics};
use crate::commands::Step;
use crate::io::Io;
use crate::java;

/// A tool that asks an admin client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AdminTool {
    config: AdminConfig,
    client: Option<ClientId>,
    call: Option<CallId>,
    work: Work,
}

/// What each tool does between its calls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Work {
    Topics(topics::Topics),
    Groups(groups::Groups),
    GetOffsets(get_offsets::GetOffsets),
    DeleteRecords(delete_records::DeleteRecords),
    LogDirs(log_dirs::LogDirs),
}

/// What a tool does next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    Call(AdminCall),
    Exit(i32),
}

/// The answer to a call, or what it threw.
pub(crate) type Answer = Result<AdminAnswer, Failure>;

impl AdminTool {
    pub(crate) fn new(client_id: &str, bootstrap: Vec<Address>, work: Work) -> AdminTool {
        AdminTool {
            config: AdminConfig::new(client_id, bootstrap),
            client: None,
            call: None,
            work,
        }
    }

    /// The same with another limit for a whole call.
    pub(crate) fn with_timeout(mut self, millis: i64) -> AdminTool {
        self.config.default_api_timeout_ms = millis;
        self.config.request_timeout_ms = self.config.request_timeout_ms.min(millis);
        self
    }

    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        let Some(client) = self.client else {
            let Ok(Reply::Client(client)) = io.host.apply(Input::SpawnAdmin(self.config.clone()))
            else {
                io.error("the client could not be started");
                return Step::Exit(1);
            };
            self.client = Some(client);
            let next = self.work.begin(io);
            return self.go_on(io, client, next);
        };
        for event in io.host.take_client_events(client) {
            match event {
                ClientEvent::Admin(AdminEvent::Log(line)) => java::client_log(io, &line),
                ClientEvent::Admin(AdminEvent::Done(call, outcome)) if Some(call) == self.call => {
                    let answer = outcome.map_err(|error| Failure::of(&error));
                    let next = self.work.answer(io, answer);
                    return self.go_on(io, client, next);
                }
                _ => {}
            }
        }
        Step::Wait(None)
    }

    fn go_on(&mut self, io: &mut Io<'_>, client: ClientId, next: Next) -> Step {
        match next {
            Next::Call(call) => match io.host.apply(Input::Call(client, call)) {
                Ok(Reply::Call(call)) => {
                    self.call = Some(call);
                    Step::Again
                }
                _ => {
                    io.error("the client is gone");
                    Step::Exit(1)
                }
            },
            Next::Exit(status) => {
                remove(io, client);
                Step::Exit(status)
            }
        }
    }

    pub(crate) fn kill(&mut self, io: &mut Io<'_>) {
        if let Some(client) = self.client {
            remove(io, client);
        }
    }
}

impl Work {
    fn begin(&mut self, io: &mut Io<'_>) -> Next {
        match self {
            Work::Topics(topics) => topics.begin(io),
            Work::Groups(groups) => groups.begin(io),
            Work::GetOffsets(offsets) => offsets.begin(),
            Work::DeleteRecords(records) => records.begin(io),
            Work::LogDirs(dirs) => dirs.begin(),
        }
    }

    fn answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Next {
        match self {
            Work::Topics(topics) => topics.answer(io, answer),
            Work::Groups(groups) => groups.answer(io, answer),
            Work::GetOffsets(offsets) => offsets.answer(io, answer),
            Work::DeleteRecords(records) => records.answer(io, answer),
            Work::LogDirs(dirs) => dirs.answer(io, answer),
        }
    }
}
