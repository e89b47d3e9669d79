//! The one component that holds the sitting. It routes messages in, views out, and draws once a frame.

use std::cell::RefCell;
use std::rc::Rc;

use engine::time::SimTime;
use gloo::render::AnimationFrame;
use present::flow::input::Form;
use present::flow::sitting::Page as FlowPage;
use session::layout::Layout;
use session::msg::{Look, Msg};
use session::recording::Recording;
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use yew::prelude::*;

use crate::ui::browser::{clock, media, storage};
use crate::ui::dialogs::Dialog;
use crate::ui::effects::{self, Recorder};
use crate::ui::flow::intent::{FlowIntent, Zoom};
use crate::ui::flow::stage::Describe;
use crate::ui::flow::tip::Tip;
use crate::ui::flow_intents::{self, Wanted};
use crate::ui::link;
use crate::ui::page::Page;
use crate::ui::views::{Drafting, Views};

/// Everything the page is made from.
pub struct Root {
    /// Shared with the diagram, which asks about a record when the pointer rests on it.
    session: Rc<RefCell<Session>>,
    recorder: Recorder,
    drafting: Drafting,
    views: Rc<Views>,
    flow_page: FlowPage,
    dialog: Option<Dialog>,
    last_frame_ms: Option<f64>,
    frame: Option<AnimationFrame>,
    /// Whether something was done since the last draw.
    stale: bool,
    act: Callback<Msg>,
    on_flow: Callback<FlowIntent>,
    on_dialog: Callback<Option<Dialog>>,
    describe: Describe,
}

/// What reaches the root.
pub enum RootMsg {
    /// The browser is about to draw; its time in milliseconds.
    Frame(f64),
    /// Something was done.
    Did(Msg),
    /// Something is wanted of the diagram.
    Flow(FlowIntent),
    /// A dialog opens, or closes.
    Dialog(Option<Dialog>),
}

impl Component for Root {
    type Message = RootMsg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Root {
        let scene = link::scene_of_address().unwrap_or(SceneId::SecretChannel);
        let start = SimTime::from_millis(clock::calendar_millis());
        let mut session = Session::open(scene, seed(), start);
        session.restore_layout(storage::remembered_look().unwrap_or_else(first_look));
        media::set_theme(session.layout().theme);
        let recorder = Recorder::begin(Recording::of(&session));
        let mut drafting = Drafting::default();
        let flow_page = FlowPage {
            viewport: (780.0, 506.0),
            form: form(),
            still: media::wants_less_motion(),
            ..FlowPage::default()
        };
        let views = Rc::new(drafting.views(&session, &flow_page, false));
        let session = Rc::new(RefCell::new(session));
        let mut root = Root {
            describe: describe(&session),
            session,
            recorder,
            drafting,
            views,
            flow_page,
            dialog: None,
            last_frame_ms: None,
            frame: None,
            stale: true,
            act: ctx.link().callback(RootMsg::Did),
            on_flow: ctx.link().callback(RootMsg::Flow),
            on_dialog: ctx.link().callback(RootMsg::Dialog),
        };
        root.ask_for_frame(ctx);
        root
    }

    fn update(&mut self, ctx: &Context<Self>, msg: RootMsg) -> bool {
        match msg {
            RootMsg::Did(msg) => self.take(msg),
            RootMsg::Flow(intent) => self.want(intent),
            RootMsg::Dialog(dialog) => self.dialog = dialog,
            RootMsg::Frame(now_ms) => {
                self.pass_time(now_ms);
                self.ask_for_frame(ctx);
                return self.draw();
            }
        }
        self.stale = true;
        false
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        html! {
            <Page views={self.views.clone()} dialog={self.dialog.clone()} act={&self.act}
                on_flow={&self.on_flow} on_dialog={&self.on_dialog} describe={self.describe.clone()} />
        }
    }
}

impl Root {
    fn take(&mut self, msg: Msg) {
        let mut session = self.session.borrow_mut();
        self.recorder.note(session.world().now(), &msg);
        let begins_anew = matches!(msg, Msg::SceneOpened(_) | Msg::StartedOver);
        for effect in session.update(msg) {
            effects::perform(effect, &session);
        }
        if begins_anew {
            self.recorder = Recorder::begin(Recording::of(&session));
            self.drafting.forget();
        }
    }

    fn want(&mut self, intent: FlowIntent) {
        let zoom = self.session.borrow().flow().zoom;
        if intent == FlowIntent::Zoom(Zoom::Fit) {
            let fitting = self
                .drafting
                .fitting(&self.session.borrow(), &self.flow_page);
            return self.take(Msg::Look(Look::Zoomed(fitting)));
        }
        // Where the inspector is out of sight, a click on a record is a wish to see it.
        let intent = match intent {
            FlowIntent::Select(Some(selection @ Selection::Record(..)))
                if media::inspector_overlays() =>
            {
                FlowIntent::Open(selection)
            }
            other => other,
        };
        match flow_intents::wanted(intent, zoom, &mut self.flow_page) {
            Wanted::Msg(msg) => self.take(msg),
            Wanted::Dialog(dialog) => self.dialog = Some(dialog),
            Wanted::Nothing => {}
        }
    }

    fn pass_time(&mut self, now_ms: f64) {
        let before_ms = self.last_frame_ms.replace(now_ms).unwrap_or(now_ms);
        if self.session.borrow().playing() {
            // Frames are milliseconds apart; the cast keeps what a frame can be.
            let micros = ((now_ms - before_ms).max(0.0) * 1000.0) as u64;
            self.take(Msg::TimePassed(micros));
            self.stale = true;
        }
    }

    /// Computes the views if anything has changed; says whether there is something to draw.
    fn draw(&mut self) -> bool {
        if !std::mem::take(&mut self.stale) {
            return false;
        }
        self.flow_page.form = form();
        self.flow_page.still = media::wants_less_motion();
        let open = self.dialog.is_some();
        let session = self.session.borrow();
        self.views = Rc::new(self.drafting.views(&session, &self.flow_page, open));
        true
    }

    fn ask_for_frame(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.frame = Some(clock::next_frame(move |now_ms| {
            link.send_message(RootMsg::Frame(now_ms))
        }));
    }
}

/// A first visit sees the diagram whole: panels that would lie over it wait until they are wanted.
fn first_look() -> Layout {
    Layout {
        right_open: !media::inspector_overlays(),
        left_open: !media::walkthrough_overlays() || media::is_phone(),
        ..Layout::default()
    }
}

fn form() -> Form {
    if media::is_phone() {
        Form::Phone
    } else {
        Form::Desk
    }
}

/// Answers what a record's tooltip says.
fn describe(session: &Rc<RefCell<Session>>) -> Describe {
    let session = session.clone();
    Describe(Callback::from(move |(partition, offset)| {
        let session = session.try_borrow().ok()?;
        let lines = present::flow::tip::lines(session.world(), &partition, offset)?;
        Some(Tip { lines })
    }))
}

/// Each visit has a seed of its own; the recording keeps it.
fn seed() -> u64 {
    clock::calendar_millis().unsigned_abs()
}
