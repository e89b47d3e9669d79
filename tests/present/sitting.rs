//! The diagram of real sittings: every opening scene, played for a while.

use engine::time::SimTime;
use present::flow::measure::fixed;
use present::flow::memory::FlowMemory;
use present::flow::sitting::{Page, view};
use present::flow::view::FlowView;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;

fn page() -> Page {
    Page {
        viewport: (780.0, 506.0),
        ..Page::default()
    }
}

/// Plays a scene, handing every tenth of a second's diagram over.
fn play(scene: SceneId, tenths: u32, mut see: impl FnMut(&Session, &FlowView)) {
    let mut session = Session::open(scene, 7, SimTime::from_millis(1_700_000_000_000));
    let mut memory = FlowMemory::default();
    for _ in 0..tenths {
        let _ = session.update(Msg::TimePassed(100_000));
        let view = view(&session, &page(), &mut memory, &fixed);
        see(&session, &view);
    }
}

#[test]
fn every_scene_has_a_diagram_at_every_moment() {
    for scene in SceneId::ALL {
        play(scene, 20, |_, view| {
            assert!(view.label.starts_with("Flow diagram: "), "{scene:?}")
        });
    }
}

#[test]
fn in_a_living_scene_records_are_seen_under_way_and_then_as_cells_with_their_keys() {
    let scene = SceneId::ALL[0];
    let (mut dots, mut cells, mut keys) = (0, 0, 0);
    play(scene, 80, |_, view| {
        dots += view.dots.len();
        cells = view.lanes.iter().map(|lane| lane.cells.len()).sum();
        keys = view.heads.iter().map(|head| head.keys.len()).sum();
    });
    assert!(dots > 0, "nothing was seen under way");
    assert!(cells > 0 && keys > 0, "{cells} cells, {keys} keys");
}
