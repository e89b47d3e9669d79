//! The lecture is solved by its own commands, typed one after the other, and by nothing less.

use lesson::lesson::At;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;
use shell::terminal::TerminalId;

use crate::support::{open, screen, wait};

#[test]
fn every_step_is_open_before_its_commands_and_done_after_them() {
    let mut session = open(SceneId::Lecture);
    let lesson = session.lecture().lesson();
    session.update(Msg::TerminalOpened);
    wait(&mut session, 1);
    for (number, step) in lesson.steps.iter().enumerate() {
        assert!(
            !session.lecture().is_done(number),
            "step {number} is done too early"
        );
        for command in &step.commands {
            let terminal = terminal_for(&mut session, command.at);
            session.update(Msg::LineEntered(terminal, command.line.to_owned()));
            wait(&mut session, 4);
        }
        assert!(
            session.lecture().is_done(number),
            "step {number}, {}, is not done:\n{}\n---\n{}",
            step.title,
            screen(&session, 1),
            screen(&session, 2)
        );
    }
    assert_eq!(session.lecture().done_count(), lesson.steps.len());
}

/// Where a person would type it; at a prompt, so a consumer that runs there is ended first.
fn terminal_for(session: &mut Session, at: At) -> TerminalId {
    match at {
        At::Prompt | At::Program(_) => {
            let terminal = TerminalId(1);
            if at == At::Prompt && session.shell().has_running(terminal) {
                session.update(Msg::InputEnded(terminal));
                wait(session, 1);
            }
            terminal
        }
        At::SecondTerminal => {
            let terminal = TerminalId(2);
            if session.shell().has_running(terminal) {
                session.update(Msg::Interrupted(terminal));
                wait(session, 1);
            }
            terminal
        }
    }
}
