//! Sittings for the components to show.

use engine::time::SimTime;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;

/// A sitting that has just begun, the same every time.
pub fn open(scene: SceneId) -> Session {
    Session::open(scene, 7, SimTime::from_millis(1_700_000_000_000))
}

/// Lets so many seconds pass, frame by frame.
pub fn pass(session: &mut Session, seconds: u64) {
    for _ in 0..seconds * 4 {
        session.update(Msg::TimePassed(250_000));
    }
}
