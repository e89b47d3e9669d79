//! A sitting under test, in the words of the person who sits.

use engine::time::SimTime;
use session::action::Action;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;
use shell::terminal::TerminalId;

/// The moment at which every test begins.
pub const START: SimTime = SimTime(1_790_000_000_000_000);

/// Opens a scene.
pub fn open(scene: SceneId) -> Session {
    Session::open(scene, 7, START)
}

/// Lets so many seconds pass, frame by frame as the page would.
pub fn wait(session: &mut Session, seconds: u64) {
    for _ in 0..seconds * 20 {
        session.update(Msg::TimePassed(50_000));
    }
}

/// Presses a button.
pub fn act(session: &mut Session, action: Action) {
    session.update(Msg::Acted(action));
}

/// Types a line at the first terminal.
pub fn enter(session: &mut Session, line: &str) {
    session.update(Msg::LineEntered(TerminalId(1), line.to_owned()));
}

/// What stands in a terminal; nothing if it is not open.
pub fn screen(session: &Session, terminal: u32) -> String {
    let terminal = session.shell().terminal(TerminalId(terminal));
    let lines = terminal.into_iter().flat_map(|terminal| terminal.lines());
    lines.map(|line| line.text() + "\n").collect()
}

/// What the page has said.
pub fn said(session: &Session) -> Vec<String> {
    session
        .notices()
        .open()
        .map(|notice| notice.text.clone())
        .collect()
}
