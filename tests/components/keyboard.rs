//! What every key means, as a table.

use engine::ids::TopicPartition;
use kafka_playground::ui::dialogs::Dialog;
use kafka_playground::ui::keyboard::map::{Intent, Press, Spot, Toward, intent};
use kafka_playground::ui::keyboard::shortcuts::SHORTCUTS;
use kafka_playground::ui::keyboard::{KeyFacts, facts};
use session::action::{Action, Composed};
use session::layout::DockTab;
use session::msg::{Look, Msg, Speed};
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use shell::terminal::TerminalId;

use crate::sitting::open;

fn sitting() -> Session {
    open(SceneId::SecretChannel)
}

fn press(key: &str) -> Press {
    Press {
        key: key.to_owned(),
        ..Press::default()
    }
}

fn place() -> (TopicPartition, i64) {
    (TopicPartition::new("secret_channel", 1), 4)
}

fn record() -> Selection {
    let (partition, offset) = place();
    Selection::Record(partition, offset)
}

fn means(key: &str, facts: &KeyFacts) -> Option<Intent> {
    intent(&press(key), facts)
}

#[test]
fn every_key_of_the_page_means_what_the_help_says() {
    let facts = facts(&sitting());
    let look = |look| Some(Intent::Do(Msg::Look(look)));
    let table = [
        (" ", Some(Intent::Do(Msg::Paused))),
        (".", Some(Intent::Do(Msg::Stepped))),
        ("<", None),
        ("/", Some(Intent::Filter)),
        ("1", look(Look::DockTab(DockTab::Terminal(TerminalId(1))))),
        ("2", look(Look::DockTab(DockTab::Records))),
        ("5", look(Look::DockTab(DockTab::Metrics))),
        ("6", None),
        ("0", None),
        ("[", look(Look::LeftToggled)),
        ("]", look(Look::RightToggled)),
        ("`", look(Look::DockToggled)),
        ("f", Some(Intent::Fit)),
        ("+", look(Look::Zoomed(110))),
        ("-", look(Look::Zoomed(90))),
        ("p", look(Look::ProjectorToggled)),
        ("P", look(Look::ProjectorToggled)),
        ("t", Some(Intent::Theme)),
        ("?", Some(Intent::Open(Dialog::Help))),
        ("F6", Some(Intent::Region(Toward::Next))),
        ("l", None),
        ("r", None),
        ("Escape", None),
        ("x", None),
        ("Enter", None),
        ("Dead", None),
    ];
    for (key, expected) in table {
        assert_eq!(means(key, &facts), expected, "{key}");
    }
}

#[test]
fn every_single_key_of_the_help_does_something_somewhere() {
    let mut session = sitting();
    session.update(Msg::Selected(Some(record())));
    let mut facts = facts(&session);
    facts.tabs.push(DockTab::Terminal(TerminalId(9)));
    let paused = KeyFacts {
        playing: false,
        ..facts.clone()
    };
    for shortcut in SHORTCUTS
        .iter()
        .filter(|shortcut| !shortcut.what.starts_with("In the diagram"))
    {
        for keys in shortcut.keys {
            let (shift, key) = match keys.strip_prefix("Shift ") {
                Some(key) => (true, key),
                None => (false, *keys),
            };
            let key = match key {
                "Space" => " ",
                "Esc" => "Escape",
                key => key,
            };
            let code = match key {
                "," => "Comma",
                "." => "Period",
                _ => "",
            };
            let press = Press {
                shift,
                code: code.to_owned(),
                ..press(key)
            };
            let does = intent(&press, &facts).or_else(|| intent(&press, &paused));
            assert!(does.is_some(), "{keys}: {}", shortcut.what);
        }
    }
}

#[test]
fn speed_goes_by_place_on_the_keyboard() {
    let facts = facts(&sitting());
    let shifted = |key: &str, code: &str| {
        intent(
            &Press {
                shift: true,
                code: code.to_owned(),
                ..press(key)
            },
            &facts,
        )
    };
    let speed = |speed| Some(Intent::Do(Msg::SpeedChosen(speed)));
    assert_eq!(shifted("<", "Comma"), speed(Speed::Half));
    assert_eq!(shifted(";", "Comma"), speed(Speed::Half));
    assert_eq!(shifted(":", "Period"), speed(Speed::Two));
}

#[test]
fn a_selected_record_is_sent_again_and_replayed() {
    let mut session = sitting();
    session.update(Msg::Selected(Some(record())));
    let facts = facts(&session);
    let (at, offset) = place();
    assert_eq!(
        means("s", &facts),
        Some(Intent::Do(Msg::Acted(Action::SendAgain(
            at.clone(),
            offset
        ))))
    );
    let replay = Action::ReplayFrom("analytics".to_owned(), at.clone(), offset);
    assert_eq!(means("r", &facts), Some(Intent::Do(Msg::Acted(replay))));
    let two = KeyFacts {
        readers: vec!["a".to_owned(), "b".to_owned()],
        ..facts.clone()
    };
    assert_eq!(
        means("r", &two),
        Some(Intent::Open(Dialog::Replay(at, offset)))
    );
    assert_eq!(
        means("Escape", &facts),
        Some(Intent::Do(Msg::Selected(None)))
    );
}

#[test]
fn without_a_record_s_opens_the_composer() {
    let mut facts = facts(&sitting());
    let composes = |facts: &KeyFacts| match means("s", facts) {
        Some(Intent::Open(Dialog::Compose(Composed { topic, .. }))) => topic,
        other => panic!("{other:?}"),
    };
    assert_eq!(composes(&facts), "");
    facts.selection = Some(Selection::Topic("scotsmen".to_owned()));
    assert_eq!(composes(&facts), "scotsmen");
}

#[test]
fn while_somebody_types_only_regions_and_escape_act() {
    let session = sitting();
    let facts = KeyFacts {
        selection: Some(record()),
        ..facts(&session)
    };
    let at = |key: &str, spot: Spot| intent(&Press { spot, ..press(key) }, &facts);
    for spot in [Spot::Field, Spot::Terminal] {
        for key in [" ", ".", "/", "1", "s", "?", "[", "`", "t"] {
            assert_eq!(at(key, spot), None, "{key} in {spot:?}");
        }
        assert_eq!(at("F6", spot), Some(Intent::Region(Toward::Next)));
    }
    assert_eq!(at("Escape", Spot::Terminal), Some(Intent::LeaveTerminal));
    assert_eq!(at("Escape", Spot::Field), None);
    assert_eq!(at(" ", Spot::Button), None);
    assert_eq!(
        at("p", Spot::Button),
        Some(Intent::Do(Msg::Look(Look::ProjectorToggled)))
    );
    assert_eq!(at("F6", Spot::Elsewhere), None);
}

#[test]
fn shortcuts_can_be_turned_off_and_chords_belong_to_the_browser() {
    let mut session = sitting();
    session.update(Msg::Look(Look::ShortcutsToggled));
    let off = facts(&session);
    assert_eq!(means("s", &off), None);
    assert_eq!(means(" ", &off), None);
    assert_eq!(means("F6", &off), Some(Intent::Region(Toward::Next)));
    let chord = Press {
        chord: true,
        ..press("p")
    };
    assert_eq!(intent(&chord, &facts(&sitting())), None);
}

#[test]
fn a_held_key_steps_on_but_does_not_flicker() {
    let facts = facts(&sitting());
    let held = |key: &str| {
        intent(
            &Press {
                repeats: true,
                ..press(key)
            },
            &facts,
        )
    };
    assert_eq!(held("."), Some(Intent::Do(Msg::Stepped)));
    assert_eq!(held("t"), None);
    assert_eq!(held(" "), None);
}
