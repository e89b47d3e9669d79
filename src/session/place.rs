//! Where a line of the walkthrough is typed, and which terminal that is.

use lesson::lesson::At;
use serde::{Deserialize, Serialize};
use shell::terminal::TerminalId;

/// Where a line is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// At a prompt.
    Prompt,
    /// At the prompt of another terminal than the first, which may be busy.
    SecondTerminal,
    /// Into the terminal where this program runs.
    Program(String),
}

impl From<At> for Place {
    fn from(at: At) -> Place {
        match at {
            At::Prompt => Place::Prompt,
            At::SecondTerminal => Place::SecondTerminal,
            At::Program(name) => Place::Program(name.to_owned()),
        }
    }
}

/// The terminals as a choice needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Desk<'a> {
    /// Each terminal in the order of opening, with the command that runs in its foreground.
    pub(crate) terminals: Vec<(TerminalId, Option<&'a str>)>,
    /// The terminal in view, if one is.
    pub(crate) shown: Option<TerminalId>,
    /// The one beside it.
    pub(crate) beside: Option<TerminalId>,
}

impl Desk<'_> {
    /// The terminal that suits a place: one in view before one that is not. `None` if there is none
    /// yet, or if the program runs nowhere.
    pub(crate) fn find(&self, place: &Place) -> Option<TerminalId> {
        let first = self.terminals.first().map(|(id, _)| *id);
        self.in_order()
            .find(|(id, running)| match place {
                Place::Prompt => takes_lines(*running),
                Place::SecondTerminal => takes_lines(*running) && Some(*id) != first,
                Place::Program(name) => running.is_some_and(|line| program_of(line) == name),
            })
            .map(|(id, _)| id)
    }

    fn in_order(&self) -> impl Iterator<Item = (TerminalId, Option<&str>)> {
        let seen = [self.shown, self.beside];
        let in_view = seen.into_iter().flatten();
        let in_view = in_view.filter_map(|id| self.terminals.iter().find(|(at, _)| *at == id));
        in_view.chain(self.terminals.iter()).copied()
    }
}

/// Programs that run until they are stopped, or that read what is typed.
const STAYS: [&str; 6] = [
    "kafka-console-producer",
    "kafka-console-consumer",
    "watch",
    "sleep",
    "tail",
    "cat",
];

/// Whether a line entered now comes to the prompt: at once, or when what runs has ended by itself. A
/// step's check may be met a moment before its command is through; the next step's is typed ahead then.
fn takes_lines(running: Option<&str>) -> bool {
    running.is_none_or(|line| {
        line.split('|')
            .all(|part| !STAYS.contains(&program_of(part)))
    })
}

/// The program that a command line starts, without its folder and without `.sh`.
fn program_of(line: &str) -> &str {
    let word = line.split_whitespace().next().unwrap_or_default();
    let name = word.rsplit('/').next().unwrap_or(word);
    name.strip_suffix(".sh").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{Desk, Place, program_of};
    use shell::terminal::TerminalId;

    const ONE: TerminalId = TerminalId(1);
    const TWO: TerminalId = TerminalId(2);
    const THREE: TerminalId = TerminalId(3);

    fn desk<'a>(terminals: &[(TerminalId, Option<&'a str>)]) -> Desk<'a> {
        Desk {
            terminals: terminals.to_vec(),
            shown: Some(ONE),
            beside: None,
        }
    }

    #[test]
    fn a_prompt_in_view_comes_first() {
        let mut desk = desk(&[(ONE, None), (TWO, None)]);
        assert_eq!(desk.find(&Place::Prompt), Some(ONE));
        desk.shown = Some(TWO);
        assert_eq!(desk.find(&Place::Prompt), Some(TWO));
    }

    #[test]
    fn a_busy_terminal_has_no_prompt() {
        let desk = desk(&[(ONE, Some("watch ls")), (TWO, None)]);
        assert_eq!(desk.find(&Place::Prompt), Some(TWO));
        assert_eq!(desk.find(&Place::SecondTerminal), Some(TWO));
    }

    #[test]
    fn a_command_that_ends_by_itself_does_not_drive_the_next_one_elsewhere() {
        let creating = desk(&[(ONE, Some("kafka-topics --create --topic t")), (TWO, None)]);
        assert_eq!(creating.find(&Place::Prompt), Some(ONE));
        let piped = desk(&[(ONE, Some("seq 9 | kafka-console-producer --topic t"))]);
        assert_eq!(piped.find(&Place::Prompt), None);
    }

    #[test]
    fn the_second_terminal_is_never_the_first_nor_a_busy_one() {
        let idle = desk(&[(ONE, None)]);
        assert_eq!(idle.find(&Place::SecondTerminal), None);
        let listening = desk(&[(ONE, None), (TWO, Some("kafka-console-consumer --topic t"))]);
        assert_eq!(listening.find(&Place::SecondTerminal), None);
        let third = desk(&[(ONE, None), (TWO, Some("sleep 9")), (THREE, None)]);
        assert_eq!(third.find(&Place::SecondTerminal), Some(THREE));
    }

    #[test]
    fn a_line_goes_to_the_program_it_is_for() {
        let producer = Place::Program("kafka-console-producer".to_owned());
        let command = "/opt/kafka/bin/kafka-console-producer.sh --topic t";
        let desk = desk(&[(ONE, Some("kafka-console-consumer")), (TWO, Some(command))]);
        assert_eq!(desk.find(&producer), Some(TWO));
        let other = Place::Program("kafka-topics".to_owned());
        assert_eq!(desk.find(&other), None);
    }

    #[test]
    fn a_program_has_a_name_without_folder_and_ending() {
        assert_eq!(program_of("kafka-topics --list"), "kafka-topics");
        assert_eq!(program_of("/opt/kafka/bin/kafka-topics.sh"), "kafka-topics");
        assert_eq!(program_of(""), "");
    }
}
