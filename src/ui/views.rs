//! The views of every panel, computed once a frame from the sitting and what views remember.

use std::rc::Rc;

use present::dialogs::facts::DialogFacts;
use present::dock::DockView;
use present::flow::memory::FlowMemory;
use present::flow::sitting::Page as FlowPage;
use present::flow::view::FlowView;
use present::inspector::InspectorView;
use present::memory::Memory;
use present::notices::NoticesView;
use present::timeline::TimelineView;
use present::top::TopView;
use present::walkthrough::WalkthroughView;
use session::layout::{FlowSettings, Layout};
use session::selection::Selection;
use session::session::Session;

use crate::ui::flow::measure::Ruler;
use crate::ui::keyboard::{self, KeyFacts};

/// What every panel shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Views {
    /// The bar on top.
    pub top: TopView,
    /// What is open.
    pub layout: Layout,
    /// The diagram, laid out.
    pub flow: Rc<FlowView>,
    /// How the diagram is looked at.
    pub settings: FlowSettings,
    /// What is selected.
    pub selection: Option<Selection>,
    /// The walkthrough.
    pub walkthrough: Rc<WalkthroughView>,
    /// The inspector.
    pub inspector: Rc<InspectorView>,
    /// The dock.
    pub dock: Rc<DockView>,
    /// The timeline.
    pub timeline: Rc<TimelineView>,
    /// What the page has to say.
    pub notices: NoticesView,
    /// What dialogs offer to choose from; only computed while one is open.
    pub dialogs: Rc<DialogFacts>,
    /// What the keyboard map has to know.
    pub keys: KeyFacts,
}

/// What views remember between frames, and the ruler that measures text.
#[derive(Default)]
pub struct Drafting {
    memory: Memory,
    flow: FlowMemory,
    ruler: Ruler,
}

impl Drafting {
    /// Computes every view.
    pub fn views(&mut self, session: &Session, page: &FlowPage, dialog_open: bool) -> Views {
        let ruler = self.ruler.clone();
        // The diagram and the tables give a key the same mark: there is one set of marks.
        std::mem::swap(&mut self.memory.keys, &mut self.flow.slots);
        let flow = present::flow::sitting::view(session, page, &mut self.flow, &|text, font| {
            ruler.width(text, font)
        });
        std::mem::swap(&mut self.memory.keys, &mut self.flow.slots);
        let memory = &mut self.memory;
        let dialogs = if dialog_open {
            present::dialogs::facts::facts(session)
        } else {
            DialogFacts::default()
        };
        Views {
            top: present::top::top(session),
            layout: session.layout().clone(),
            flow: Rc::new(flow),
            settings: session.flow().clone(),
            selection: session.selection().cloned(),
            walkthrough: Rc::new(present::walkthrough::walkthrough(session)),
            inspector: Rc::new(present::inspector::inspector(session, memory)),
            dock: Rc::new(present::dock::dock(session, memory)),
            timeline: Rc::new(present::timeline::timeline(session, &memory.keys)),
            notices: present::notices::notices(session),
            dialogs: Rc::new(dialogs),
            keys: keyboard::facts(session),
        }
    }

    /// The zoom, in per cent, at which all of the diagram is in sight.
    pub fn fitting(&mut self, session: &Session, page: &FlowPage) -> u16 {
        let scene = present::flow::sitting::scene(session, page, &mut self.flow);
        present::flow::zoom::fitting(&scene)
    }

    /// Another scene begins: what was remembered of the one before is let go.
    pub fn forget(&mut self) {
        self.memory = Memory::default();
        self.flow = FlowMemory::default();
    }
}
