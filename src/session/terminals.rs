//! Which terminals are open, which are in view, and what the walkthrough types into them.

use shell::terminal::{Terminal, TerminalId};

use crate::layout::DockTab;
use crate::msg::Effect;
use crate::place::{Desk, Place};
use crate::session::Session;

impl Session {
    /// Types a line where it belongs and brings that terminal into view.
    pub(crate) fn run_line(&mut self, line: &str, place: &Place) -> Vec<Effect> {
        let terminal = match (self.terminal_for(place), place) {
            (Some(terminal), _) => terminal,
            (None, Place::Program(name)) => {
                let text = format!("{name} runs in no terminal. Run it first.");
                self.notices.fail(text, None);
                return Vec::new();
            }
            (None, Place::Prompt | Place::SecondTerminal) => self.shell.open_terminal(),
        };
        self.layout.dock_open = true;
        match place {
            Place::SecondTerminal => self.show_beside(terminal),
            Place::Prompt | Place::Program(_) => self.show_terminal(terminal),
        }
        self.shell.enter(&mut self.world, terminal, line);
        vec![Effect::FocusTerminal(terminal)]
    }

    /// The terminal that suits a place; `None` if one has to be opened, or if the program runs nowhere.
    pub fn terminal_for(&self, place: &Place) -> Option<TerminalId> {
        let terminals = self.shell.terminals();
        let desk = Desk {
            terminals: terminals
                .map(|terminal| (terminal.id(), terminal.running()))
                .collect(),
            shown: self.shown_terminal(),
            beside: self.layout.split,
        };
        desk.find(place)
    }

    fn shown_terminal(&self) -> Option<TerminalId> {
        match self.layout.dock {
            DockTab::Terminal(id) => Some(id),
            _ => None,
        }
    }

    /// Shows a terminal beside another one.
    fn show_beside(&mut self, id: TerminalId) {
        if self.shown_terminal() == Some(id) || self.layout.split == Some(id) {
            return;
        }
        if self.shown_terminal().is_none() {
            let first = self
                .shell
                .terminals()
                .map(Terminal::id)
                .find(|other| *other != id);
            self.layout.dock = DockTab::Terminal(first.unwrap_or(id));
        }
        self.layout.split = Some(id);
    }

    pub(crate) fn open_terminal(&mut self) -> Vec<Effect> {
        let id = self.shell.open_terminal();
        self.layout.dock_open = true;
        self.show_terminal(id);
        vec![Effect::FocusTerminal(id)]
    }

    /// Shows a terminal: in place if it is in view, else beside one that is busy, else alone.
    fn show_terminal(&mut self, id: TerminalId) {
        let DockTab::Terminal(shown) = self.layout.dock else {
            self.layout.dock = DockTab::Terminal(id);
            return;
        };
        if shown == id || self.layout.split == Some(id) {
            return;
        }
        if self.shell.has_running(shown) {
            self.layout.split = Some(id);
        } else {
            self.layout.dock = DockTab::Terminal(id);
        }
    }

    #[inline(never)]
    pub(crate) fn close_terminal(&mut self, id: TerminalId) -> Vec<Effect> {
        self.shell.close_terminal(&mut self.world, id);
        if self.shell.terminals().next().is_none() {
            self.shell.open_terminal();
        }
        if self.layout.split == Some(id) {
            self.layout.split = None;
        }
        if self.layout.dock == DockTab::Terminal(id)
            && let Some(other) = self
                .layout
                .split
                .take()
                .or_else(|| self.shell.terminals().next().map(Terminal::id))
        {
            self.layout.dock = DockTab::Terminal(other);
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use engine::time::SimTime;
    use shell::terminal::TerminalId;

    use crate::layout::DockTab;
    use crate::msg::{Effect, Msg};
    use crate::place::Place;
    use crate::scene::SceneId;
    use crate::session::Session;

    fn lecture() -> Session {
        Session::open(SceneId::Lecture, 7, SimTime::from_millis(1_700_000_000_000))
    }

    fn run(session: &mut Session, line: &str, place: Place) -> Vec<Effect> {
        session.update(Msg::LineRun(line.to_owned(), place))
    }

    #[test]
    fn a_line_for_a_program_that_does_not_run_says_so() {
        let mut session = lecture();
        let place = Place::Program("kafka-console-producer".to_owned());
        assert_eq!(run(&mut session, "hello", place), []);
        let notice = session.notices().open().next();
        assert!(
            notice.is_some_and(|notice| notice.is_error && notice.text.contains("Run it first"))
        );
    }

    #[test]
    fn a_second_terminal_opens_beside_the_first() {
        let mut session = lecture();
        let effects = run(&mut session, "sleep 9", Place::SecondTerminal);
        let second = TerminalId(2);
        assert_eq!(effects, [Effect::FocusTerminal(second)]);
        assert_eq!(session.layout().dock, DockTab::Terminal(TerminalId(1)));
        assert_eq!(session.layout().split, Some(second));
        // It is busy now, so the next line goes to a third.
        let effects = run(&mut session, "echo 1", Place::SecondTerminal);
        assert_eq!(effects, [Effect::FocusTerminal(TerminalId(3))]);
    }

    #[test]
    fn a_line_goes_into_the_program_that_waits_for_it() {
        let mut session = lecture();
        run(&mut session, "cat", Place::Prompt);
        let effects = run(&mut session, "hello", Place::Program("cat".to_owned()));
        assert_eq!(effects, [Effect::FocusTerminal(TerminalId(1))]);
        session.update(Msg::TimePassed(200_000));
        let lines = session
            .shell()
            .terminal(TerminalId(1))
            .map(|terminal| terminal.lines().len());
        assert_eq!(lines, Some(3), "the command, the line, and its echo");
    }
}
