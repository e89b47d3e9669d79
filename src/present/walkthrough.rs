//! The walkthrough panel: steps, what to type, and what has been reached.

use lesson::goal::Goal;
use lesson::lesson::{Command, Step};
use session::action::Composed;
use session::msg::Msg;
use session::place::Place;
use session::progress::Progress;
use session::scene::SceneId;
use session::session::Session;
use shell::terminal::TerminalId;

use crate::prose::{Piece, pieces};

/// What the walkthrough panel shows.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkthroughView {
    /// Whether it is open, or only a rail.
    pub open: bool,
    /// The lesson's title.
    pub title: &'static str,
    /// What stands before the steps.
    pub offer: Offer,
    /// How many steps are done.
    pub done: usize,
    /// The steps in order.
    pub steps: Vec<StepView>,
    /// The step that is open.
    pub current: Option<usize>,
}

/// What stands before the steps.
#[derive(Debug, Clone, PartialEq)]
pub enum Offer {
    /// Nothing: the lecture's own scene is open.
    None,
    /// The scene's first action, and the way to the lecture.
    Begin(Invitation),
    /// The scene in a line, and the way to the lecture.
    OpenLecture(Invitation),
    /// The lecture is done.
    Finished,
}

/// A few words on the open scene, and what to do first.
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    /// The scene's title.
    pub title: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// What to do first, if the scene has a first action: the button's words and what it composes.
    pub first: Option<(&'static str, Composed)>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    /// Counted from 1.
    pub number: usize,
    /// What to do, in a few words.
    pub title: Vec<Piece>,
    /// Whether all its goals were reached.
    pub done: bool,
    /// What it says, if it is open.
    pub body: Option<StepBody>,
}

/// What an open step says.
#[derive(Debug, Clone, PartialEq)]
pub struct StepBody {
    /// Why, and what to look at.
    pub paragraphs: Vec<Vec<Piece>>,
    /// What to type.
    pub commands: Vec<CommandView>,
    /// What has to happen.
    pub goals: Vec<GoalView>,
}

/// A line to type.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandView {
    /// The program's name, or nothing where the line is input for one.
    pub program: String,
    /// The lines behind it: options with their values, wrapped to the panel.
    pub rest: Vec<String>,
    /// The whole line, to copy.
    pub line: &'static str,
    /// Where it goes: `Terminal 2`.
    pub place: String,
    /// What running it does.
    pub run: Msg,
    /// Why it can't be run now.
    pub not_now: Option<String>,
}

/// Something that has to happen.
#[derive(Debug, Clone, PartialEq)]
pub struct GoalView {
    /// What.
    pub text: Vec<Piece>,
    /// Whether it did.
    pub done: bool,
    /// How far it is: `1 of 2`.
    pub counted: Option<String>,
}

impl WalkthroughView {
    /// The progress as a word: `4/9`.
    pub fn progress(&self) -> String {
        format!("{}/{}", self.done, self.steps.len())
    }
}

/// The walkthrough panel of a sitting.
pub fn walkthrough(session: &Session) -> WalkthroughView {
    let progress = session.lecture();
    let lesson = progress.lesson();
    let in_lecture = session.scene() == SceneId::Lecture;
    // Elsewhere the steps are only a table of contents until one is chosen.
    let current = match in_lecture {
        true => Some(progress.current()),
        false => progress.chosen(),
    };
    let finished = !lesson.steps.is_empty() && progress.done_count() == lesson.steps.len();
    let steps = lesson.steps.iter().enumerate();
    WalkthroughView {
        open: session.layout().left_open,
        title: lesson.title,
        offer: offer(session.scene(), finished),
        done: progress.done_count(),
        steps: steps
            .map(|(at, step)| step_view(session, at, step, current == Some(at)))
            .collect(),
        current,
    }
}

fn offer(scene: SceneId, finished: bool) -> Offer {
    let facts = scene.scene();
    let invitation = Invitation {
        title: facts.title,
        about: facts.about,
        first: first_action(scene),
    };
    match scene {
        SceneId::Lecture if finished => Offer::Finished,
        SceneId::Lecture => Offer::None,
        _ if invitation.first.is_some() => Offer::Begin(invitation),
        _ => Offer::OpenLecture(invitation),
    }
}

/// What a scene is opened for, as a record to send.
fn first_action(scene: SceneId) -> Option<(&'static str, Composed)> {
    let topic = match scene {
        SceneId::SecretChannel => "secret_channel",
        _ => return None,
    };
    let composed = Composed {
        topic: topic.to_owned(),
        key: Some("you".to_owned()),
        value: Some("{\"agent_id\": \"you\", \"message\": \"Hello from the quay.\"}".to_owned()),
        count: 1,
        per_second: 1,
        ..Composed::default()
    };
    Some(("Send your own record", composed))
}

fn step_view(session: &Session, at: usize, step: &Step, open: bool) -> StepView {
    let progress = session.lecture();
    StepView {
        number: at.saturating_add(1),
        title: pieces(step.title),
        done: progress.is_done(at),
        body: open.then(|| StepBody {
            paragraphs: step.text.split("\n\n").map(pieces).collect(),
            commands: step
                .commands
                .iter()
                .map(|command| command_view(session, command))
                .collect(),
            goals: step
                .goals
                .iter()
                .map(|goal| goal_view(progress, goal))
                .collect(),
        }),
    }
}

fn goal_view(progress: &Progress, goal: &Goal) -> GoalView {
    let done = goal.is_met(progress.watch());
    let counted = goal.progress(progress.watch());
    GoalView {
        text: pieces(&goal.sentence()),
        done,
        counted: counted
            .filter(|_| !done)
            .map(|(reached, wanted)| format!("{reached} of {wanted}")),
    }
}

fn command_view(session: &Session, command: &Command) -> CommandView {
    let place = Place::from(command.at);
    let terminal = session.terminal_for(&place);
    let (program, rest) = match place {
        Place::Program(_) => (String::new(), vec![command.line.to_owned()]),
        Place::Prompt | Place::SecondTerminal => wrap(command.line),
    };
    CommandView {
        program,
        rest,
        line: command.line,
        place: place_label(&place, terminal),
        not_now: match (&place, terminal) {
            (Place::Program(name), None) => Some(format!("Run {name} first")),
            _ => None,
        },
        run: Msg::LineRun(command.line.to_owned(), place),
    }
}

fn place_label(place: &Place, terminal: Option<TerminalId>) -> String {
    match (terminal, place) {
        (Some(id), Place::Program(name)) => format!("Terminal {}, into {name}", id.0),
        (Some(id), _) => format!("Terminal {}", id.0),
        (None, Place::Program(name)) => format!("Into {name}"),
        (None, _) => "A new terminal".to_owned(),
    }
}

/// A line of the panel holds about so many characters of a command.
const WIDTH: usize = 34;

/// A command as it is shown: the program, then its options, each with its value, as many to a line as fit.
fn wrap(line: &str) -> (String, Vec<String>) {
    let mut words = line.split_whitespace();
    let program = words.next().unwrap_or_default().to_owned();
    let mut groups: Vec<String> = Vec::new();
    for word in words {
        match groups.last_mut() {
            Some(last) if !word.starts_with('-') => {
                last.push(' ');
                last.push_str(word);
            }
            _ => groups.push(word.to_owned()),
        }
    }
    if line.chars().count() <= WIDTH {
        return (program, vec![groups.join(" ")]);
    }
    let mut lines: Vec<String> = Vec::new();
    for group in groups {
        match lines.last_mut() {
            Some(last) if last.chars().count().saturating_add(group.chars().count()) < WIDTH => {
                last.push(' ');
                last.push_str(&group);
            }
            _ => lines.push(group),
        }
    }
    (program, lines)
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn a_short_command_stays_on_its_line() {
        let (program, rest) = wrap("docker exec -it kafka bash");
        assert_eq!(program, "docker");
        assert_eq!(rest, ["exec -it kafka bash"]);
    }

    #[test]
    fn options_stay_with_their_values() {
        let line = "kafka-console-consumer --topic secret_channel --group audit --from-beginning --bootstrap-server localhost:8098";
        let (program, rest) = wrap(line);
        assert_eq!(program, "kafka-console-consumer");
        assert_eq!(
            rest,
            [
                "--topic secret_channel",
                "--group audit --from-beginning",
                "--bootstrap-server localhost:8098"
            ]
        );
    }

    #[test]
    fn an_option_longer_than_the_panel_has_a_line_of_its_own() {
        let long = "x".repeat(80);
        let (_, rest) = wrap(&format!("echo --a {long} --b c"));
        assert_eq!(rest, [format!("--a {long}"), "--b c".to_owned()]);
    }
}
