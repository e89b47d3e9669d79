//! What a key means: a pure function, so that a test can try every key.

use session::action::{Action, Composed};
use session::msg::{Look, Msg};
use session::selection::Selection;

use super::KeyFacts;
use crate::ui::dialogs::Dialog;

/// One press of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Press {
    /// The key as the browser names it: `a`, `Escape`, `F6`.
    pub key: String,
    /// Its place on the keyboard: `Comma`.
    pub code: String,
    /// Whether Shift is held.
    pub shift: bool,
    /// Whether Ctrl, Alt or Meta is held.
    pub chord: bool,
    /// Whether the key is held down and repeats.
    pub repeats: bool,
    /// Where the focus is.
    pub spot: Spot,
}

/// Where the focus is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spot {
    /// Nowhere in particular.
    #[default]
    Page,
    /// On something that Space and Enter press.
    Button,
    /// In a text field.
    Field,
    /// In a terminal.
    Terminal,
    /// In a dialog or a menu, which have keys of their own.
    Elsewhere,
}

/// What a key is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Something in the sitting.
    Do(Msg),
    /// Open a dialog.
    Open(Dialog),
    /// Light to dark, or back.
    Theme,
    /// Fit the diagram.
    Fit,
    /// Put the focus into the diagram's filter.
    Filter,
    /// Put the focus into the next region, or the previous.
    Region(Toward),
    /// Take the focus out of the terminal.
    LeaveTerminal,
}

/// Which region is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// The one after.
    Next,
    /// The one before.
    Previous,
}

/// What a press means, if it means anything here.
pub fn intent(press: &Press, facts: &KeyFacts) -> Option<Intent> {
    if press.spot == Spot::Elsewhere || press.chord {
        return None;
    }
    match (press.key.as_str(), press.spot) {
        ("F6", _) if press.shift => Some(Intent::Region(Toward::Previous)),
        ("F6", _) => Some(Intent::Region(Toward::Next)),
        ("Escape", Spot::Terminal) => Some(Intent::LeaveTerminal),
        (_, Spot::Field | Spot::Terminal) => None,
        ("Escape", _) => facts
            .selection
            .is_some()
            .then_some(Intent::Do(Msg::Selected(None))),
        (" ", Spot::Button) => None,
        _ if !facts.shortcuts => None,
        _ => single(press, facts),
    }
}

/// Single keys, outside text fields.
fn single(press: &Press, facts: &KeyFacts) -> Option<Intent> {
    let look = |look| Some(Intent::Do(Msg::Look(look)));
    if let Some(speed) = speed(press, facts) {
        return Some(speed);
    }
    let again = match press.key.as_str() {
        "." => Some(Intent::Do(Msg::Stepped)),
        "+" | "=" => look(Look::Zoomed(facts.zoom.saturating_add(ZOOM_STEP))),
        "-" => look(Look::Zoomed(facts.zoom.saturating_sub(ZOOM_STEP))),
        _ => None,
    };
    if again.is_some() || press.repeats {
        return again;
    }
    match press.key.to_lowercase().as_str() {
        " " if facts.playing => Some(Intent::Do(Msg::Paused)),
        " " => Some(Intent::Do(Msg::Played)),
        "l" => (!facts.playing).then_some(Intent::Do(Msg::Played)),
        "s" => Some(send_again(facts)),
        "r" => replay(facts),
        "/" => Some(Intent::Filter),
        "f" => Some(Intent::Fit),
        "[" => look(Look::LeftToggled),
        "]" => look(Look::RightToggled),
        "`" => look(Look::DockToggled),
        "p" => look(Look::ProjectorToggled),
        "t" => Some(Intent::Theme),
        "?" => Some(Intent::Open(Dialog::Help)),
        digit => {
            let number: usize = digit.parse().ok()?;
            let tab = facts.tabs.get(number.checked_sub(1)?)?;
            look(Look::DockTab(*tab))
        }
    }
}

const ZOOM_STEP: u16 = 10;

/// Shift with the key of `,` or `.`, whatever a keyboard prints above them.
fn speed(press: &Press, facts: &KeyFacts) -> Option<Intent> {
    let speed = match (press.code.as_str(), press.key.as_str()) {
        ("Comma", _) | (_, "<") if press.shift => facts.speed.slower(),
        ("Period", _) | (_, ">") if press.shift => facts.speed.faster(),
        _ => return None,
    };
    Some(Intent::Do(Msg::SpeedChosen(speed)))
}

fn send_again(facts: &KeyFacts) -> Intent {
    match &facts.selection {
        Some(Selection::Record(partition, offset)) => {
            Intent::Do(Msg::Acted(Action::SendAgain(partition.clone(), *offset)))
        }
        Some(Selection::Topic(topic)) => compose(topic.clone()),
        Some(Selection::Partition(partition)) => compose(partition.topic.clone()),
        _ => compose(String::new()),
    }
}

fn compose(topic: String) -> Intent {
    let record = Composed {
        topic,
        count: 1,
        per_second: 1,
        ..Composed::default()
    };
    Intent::Open(Dialog::Compose(record))
}

/// With one group it is clear which; with several the dialog asks.
fn replay(facts: &KeyFacts) -> Option<Intent> {
    let Some(Selection::Record(partition, offset)) = &facts.selection else {
        return None;
    };
    let (partition, offset) = (partition.clone(), *offset);
    Some(match facts.readers.as_slice() {
        [group] => Intent::Do(Msg::Acted(Action::ReplayFrom(
            group.clone(),
            partition,
            offset,
        ))),
        _ => Intent::Open(Dialog::Replay(partition, offset)),
    })
}
