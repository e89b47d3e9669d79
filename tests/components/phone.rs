//! What only a phone's screen has, and dividers.

use std::rc::Rc;

use kafka_playground::ui::divider::{dragged as divided, style_of};
use kafka_playground::ui::phone::sheet::{dragged, pressed, shown};
use kafka_playground::ui::phone::tabs::{PhoneTabs, PhoneTabsProps};
use kafka_playground::ui::phone::transport::{PhoneTransport, PhoneTransportProps};
use present::keys::KeySlots;
use present::timeline::timeline;
use session::layout::{Edge, PhonePanel, Sheet};
use session::msg::{Look, Msg, Speed};
use session::scene::SceneId;
use yew::Callback;

use crate::render::markup;
use crate::sitting::open;

#[test]
fn the_open_panels_tab_is_marked() {
    let html = markup::<PhoneTabs>(|| PhoneTabsProps {
        panel: PhonePanel::Walkthrough,
        progress: "4/11".into(),
        act: Callback::noop(),
    });
    let open = html
        .split("<button")
        .find(|tab| tab.contains("aria-current"))
        .expect("an open tab");
    assert!(
        open.contains("Walkthrough") && open.contains("4/11"),
        "{html}"
    );
}

#[test]
fn the_transport_row_has_play_a_timeline_and_speed() {
    let html = markup::<PhoneTransport>(|| PhoneTransportProps {
        playing: true,
        speed: Speed::One,
        timeline: Rc::new(timeline(
            &open(SceneId::SecretChannel),
            &KeySlots::default(),
        )),
        act: Callback::noop(),
    });
    for part in [
        "aria-label=\"Pause\"",
        "class=\"bar\"",
        "aria-label=\"Speed\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn the_sheet_goes_from_peek_to_full_and_back() {
    assert_eq!(dragged(Sheet::Peek, -50), Sheet::Half);
    assert_eq!(dragged(Sheet::Half, -50), Sheet::Full);
    assert_eq!(dragged(Sheet::Full, -50), Sheet::Full);
    assert_eq!(dragged(Sheet::Full, 50), Sheet::Half);
    assert_eq!(dragged(Sheet::Half, 50), Sheet::Peek);
    let round = [Sheet::Peek, Sheet::Half, Sheet::Full].map(pressed);
    assert_eq!(round, [Sheet::Half, Sheet::Full, Sheet::Peek]);
}

#[test]
fn a_dock_closed_by_a_key_is_a_sheet_that_peeks() {
    let mut session = open(SceneId::SecretChannel);
    session.update(Msg::Look(Look::Sheet(Sheet::Full)));
    assert_eq!(shown(session.layout()), Sheet::Full);
    session.update(Msg::Look(Look::DockToggled));
    assert_eq!(shown(session.layout()), Sheet::Peek);
    session.update(Msg::Look(Look::Sheet(Sheet::Peek)));
    session.update(Msg::Look(Look::DockToggled));
    assert_eq!(shown(session.layout()), Sheet::Half);
}

#[test]
fn dividers_stay_within_the_designs_bounds() {
    assert_eq!(divided(Edge::Left, 320, 30), 350);
    assert_eq!(divided(Edge::Left, 320, 3_000), 420);
    assert_eq!(divided(Edge::Right, 340, 30), 310);
    assert_eq!(divided(Edge::Dock, 228, i32::MIN), 1_200);
    let mut session = open(SceneId::SecretChannel);
    session.update(Msg::Look(Look::Resized(Edge::Left, Some(9_999))));
    session.update(Msg::Look(Look::Resized(Edge::Dock, Some(300))));
    assert_eq!(
        style_of(session.layout()),
        "--left-dragged:420px;--dock-dragged:300px;"
    );
    session.update(Msg::Look(Look::Resized(Edge::Left, None)));
    assert_eq!(style_of(session.layout()), "--dock-dragged:300px;");
}
