//! Commands of the shell itself: they read or change the terminal's state when they start.

use crate::commands::{Process, docker};
use crate::files::{Files, Machine, Place};
use crate::host::Host;
use crate::screen::{Piece, Stream, Tone};
use crate::terminal::{State, Wish};

/// A job in the background.
#[derive(Debug, Clone)]
pub(crate) struct JobFacts {
    pub(crate) number: u32,
    pub(crate) text: String,
}

/// A command with what it may read and change.
pub(crate) struct Call<'a> {
    pub(crate) arguments: &'a [String],
    pub(crate) state: &'a mut State,
    pub(crate) history: &'a [String],
    pub(crate) jobs: &'a [JobFacts],
    pub(crate) files: &'a Files,
    pub(crate) host: &'a dyn Host,
    /// It stands alone in the foreground, so that what it changes lasts.
    pub(crate) alone: bool,
}

/// Starts the command if it is one of the shell itself.
pub(crate) fn start(call: Call<'_>) -> Option<Process> {
    let (name, rest) = call.arguments.split_first()?;
    let process = match name.as_str() {
        "cd" => cd(call, rest),
        "export" => export(call, rest),
        "unset" => {
            for name in rest {
                call.state.variables.remove(name);
            }
            done()
        }
        "env" | "set" if rest.is_empty() => variables(call.state),
        "exit" | "logout" => exit(call, rest),
        "history" => history(call.history),
        "clear" | "reset" => {
            call.state.wishes.push(Wish::Clear);
            done()
        }
        "jobs" => jobs(call.jobs),
        "fg" => foreground(call, rest),
        "bg" => done(),
        "kill" => kill(call, rest),
        "docker" if call.alone => return enter_container(call, rest),
        "bash" | "sh" if rest.is_empty() => {
            Process::Said(vec![hint("you are in a shell already")], 0)
        }
        _ => return None,
    };
    Some(process)
}

/// Sets a variable; `false` if there are too many.
pub(crate) fn set(state: &mut State, name: &str, value: String) -> bool {
    let held: usize = state
        .variables
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let more = held.saturating_add(name.len()).saturating_add(value.len());
    if more > 64 * 1024 || (state.variables.len() >= 200 && !state.variables.contains_key(name)) {
        return false;
    }
    state.variables.insert(name.to_owned(), value);
    true
}

fn done() -> Process {
    Process::Said(Vec::new(), 0)
}

fn hint(text: &str) -> Piece {
    Piece::new(Stream::Err, Tone::Hint, format!("{text}\n"))
}

fn cd(call: Call<'_>, rest: &[String]) -> Process {
    let mut place = call.state.place();
    let target = match rest.first() {
        Some(target) => target.clone(),
        None => place.home().to_owned(),
    };
    let directory = place.resolve(&target);
    if !call.files.is_directory(&place, &directory) {
        let exists = call.files.read(&place, &directory).is_ok();
        let why = if exists {
            "Not a directory"
        } else {
            "No such file or directory"
        };
        return Process::failed(1, format!("bash: cd: {target}: {why}"));
    }
    if call.alone
        && let Some(last) = call.state.places.last_mut()
    {
        place.directory = directory;
        *last = place;
    }
    done()
}

fn export(call: Call<'_>, rest: &[String]) -> Process {
    if rest.is_empty() {
        return variables(call.state);
    }
    for argument in rest {
        if let Some((name, value)) = argument.split_once('=')
            && call.alone
            && !set(call.state, name, value.to_owned())
        {
            return Process::failed(
                1,
                "bash: here a shell may have 200 variables of 64 KiB together",
            );
        }
    }
    done()
}

fn variables(state: &State) -> Process {
    let mut text = format!("HOME={}\n", state.place().home());
    for (name, value) in &state.variables {
        text.push_str(&format!("{name}={value}\n"));
    }
    Process::said(text)
}

fn exit(call: Call<'_>, rest: &[String]) -> Process {
    let status = rest
        .first()
        .and_then(|text| text.parse().ok())
        .unwrap_or(call.state.status);
    if !call.alone {
        return Process::Said(Vec::new(), status);
    }
    if call.state.places.len() > 1 {
        call.state.places.pop();
        let text = Piece::new(Stream::Out, Tone::Plain, "exit\n");
        return Process::Said(vec![text], status);
    }
    let text = "this is the host's own shell; closing the terminal's tab ends it";
    Process::Said(vec![hint(text)], status)
}

fn history(lines: &[String]) -> Process {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text.push_str(&format!("{:5}  {line}\n", index.saturating_add(1)));
    }
    Process::said(text)
}

fn jobs(jobs: &[JobFacts]) -> Process {
    let row = |job: &JobFacts| format!("[{}]   {:22}  {} &\n", job.number, "Running", job.text);
    Process::said(jobs.iter().map(row).collect::<String>())
}

/// The job that `%1`, `1` or nothing (the latest) names.
fn named(jobs: &[JobFacts], name: Option<&String>) -> Option<u32> {
    match name {
        None => jobs.last().map(|job| job.number),
        Some(name) => {
            let digits = name.trim_start_matches('%');
            let number: u32 = digits.parse().ok()?;
            let by_number = |job: &&JobFacts| job.number == number || 4000 + job.number == number;
            jobs.iter().find(by_number).map(|job| job.number)
        }
    }
}

fn foreground(call: Call<'_>, rest: &[String]) -> Process {
    match named(call.jobs, rest.first()) {
        Some(number) => {
            call.state.wishes.push(Wish::Foreground(number));
            done()
        }
        None => no_such_job("fg", rest.first()),
    }
}

fn no_such_job(command: &str, name: Option<&String>) -> Process {
    let name = name.map_or("current", String::as_str);
    Process::failed(1, format!("bash: {command}: {name}: no such job"))
}

fn kill(call: Call<'_>, rest: &[String]) -> Process {
    let mut signal = 15;
    let mut names = rest;
    if let Some((first, more)) = rest.split_first()
        && let Some(flag) = first.strip_prefix('-')
    {
        signal = match flag {
            "9" | "KILL" | "SIGKILL" => 9,
            "2" | "INT" | "SIGINT" => 2,
            _ => 15,
        };
        names = more;
    }
    if names.is_empty() {
        return Process::failed(2, "kill: usage: kill [-9] %JOB");
    }
    for name in names {
        match named(call.jobs, Some(name)) {
            Some(number) => call.state.wishes.push(Wish::Signal(number, signal)),
            None => return no_such_job("kill", Some(name)),
        }
    }
    done()
}

fn enter_container(call: Call<'_>, rest: &[String]) -> Option<Process> {
    if call.state.place().machine != Machine::Host {
        return None;
    }
    if rest.first().map(String::as_str) != Some("exec") {
        return None;
    }
    let cluster = call.host.cluster();
    let (broker, assumed) = docker::entered(rest, cluster.as_ref())?;
    call.state.places.push(Place::container(broker));
    let pieces = match assumed {
        true => vec![hint(
            "docker exec wants a command to run in the container; bash was assumed",
        )],
        false => Vec::new(),
    };
    Some(Process::Said(pieces, 0))
}
