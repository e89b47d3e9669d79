//! The one component that holds the sitting. It routes messages in, views out, and draws once a frame.

use std::rc::Rc;

use engine::time::SimTime;
use gloo::render::AnimationFrame;
use session::msg::{Effect, Msg};
use session::recording::Recording;
use session::scene::SceneId;
use session::session::Session;
use yew::prelude::*;

use crate::ui::browser::{clock, media, storage};
use crate::ui::effects::{self, Recorder};
use crate::ui::link;
use crate::ui::page::Page;

/// Everything the page is made from.
pub struct Root {
    session: Session,
    recorder: Recorder,
    last_frame_ms: Option<f64>,
    frame: Option<AnimationFrame>,
    /// Whether something was done since the last draw.
    stale: bool,
    act: Callback<Msg>,
}

/// What reaches the root.
pub enum RootMsg {
    /// The browser is about to draw; its time in milliseconds.
    Frame(f64),
    /// Something was done.
    Did(Msg),
}

impl Component for Root {
    type Message = RootMsg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Root {
        let scene = link::scene_of_address().unwrap_or(SceneId::SecretChannel);
        let start = SimTime::from_millis(clock::calendar_millis());
        let mut session = Session::open(scene, seed(), start);
        if let Some(look) = storage::remembered_look() {
            session.restore_layout(look);
        }
        media::set_theme(session.layout().theme);
        let recorder = Recorder::begin(Recording::of(&session));
        let act = ctx.link().callback(RootMsg::Did);
        let mut root = Root {
            session,
            recorder,
            last_frame_ms: None,
            frame: None,
            stale: true,
            act,
        };
        root.ask_for_frame(ctx);
        root
    }

    fn update(&mut self, ctx: &Context<Self>, msg: RootMsg) -> bool {
        match msg {
            RootMsg::Did(msg) => {
                self.take(msg);
                self.stale = true;
                false
            }
            RootMsg::Frame(now_ms) => {
                self.pass_time(now_ms);
                self.ask_for_frame(ctx);
                std::mem::take(&mut self.stale)
            }
        }
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        html! { <Page views={Rc::new(crate::ui::page::views(&self.session))} act={&self.act} /> }
    }
}

impl Root {
    fn take(&mut self, msg: Msg) {
        self.recorder.note(self.session.world().now(), &msg);
        let begins_anew = matches!(msg, Msg::SceneOpened(_) | Msg::StartedOver);
        for effect in self.session.update(msg) {
            self.perform(effect);
        }
        if begins_anew {
            self.recorder = Recorder::begin(Recording::of(&self.session));
        }
    }

    fn perform(&self, effect: Effect) {
        effects::perform(effect, &self.session);
    }

    fn pass_time(&mut self, now_ms: f64) {
        let before_ms = self.last_frame_ms.replace(now_ms).unwrap_or(now_ms);
        if self.session.playing() {
            // Frames are milliseconds apart; the cast keeps what a frame can be.
            let micros = ((now_ms - before_ms).max(0.0) * 1000.0) as u64;
            self.take(Msg::TimePassed(micros));
            self.stale = true;
        }
    }

    fn ask_for_frame(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        self.frame = Some(clock::next_frame(move |now_ms| {
            link.send_message(RootMsg::Frame(now_ms))
        }));
    }
}

/// Each visit has a seed of its own; the recording keeps it.
fn seed() -> u64 {
    clock::calendar_millis().unsigned_abs()
}
