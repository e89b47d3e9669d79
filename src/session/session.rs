//! The sitting itself: routes what was done, lets time pass, keeps the journal.

use records::sorted::{SortedMap, SortedSet};

use client::admin::{AdminConfig, CallId};
use engine::net::Address;
use engine::time::SimTime;
use serde::Serialize;
use shell::Shell;
use shell::terminal::TerminalId;
use world::event::{ClientEvent, What, WorldEvent};
use world::input::{ClientId, ClusterSpec, Input, Pace, Reply};
use world::world::World;

use crate::action::Action;
use crate::dock::DockSettings;
use crate::journal::{Journal, Mark, MarkKind, SAMPLE_MILLIS};
use crate::layout::{DockTab, FlowSettings, InspectorTab, Layout, PhonePanel};
use crate::msg::{Effect, Look, Msg, Speed};
use crate::notice::Notices;
use crate::place::Place;
use crate::sampling::Sampler;
use crate::scene::SceneId;
use crate::selection::Selection;

/// A page in the background may fall behind by this much of its own time, not more.
const LONGEST_FRAME_MICROS: u64 = 250_000;

/// Steps that one call may take before the page gets its turn again.
const STEPS_PER_CALL: u32 = 60_000;

/// One sitting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Session {
    pub(crate) world: World,
    pub(crate) shell: Shell,
    scene: SceneId,
    playing: bool,
    speed: Speed,
    selection: Option<Selection>,
    pub(crate) layout: Layout,
    flow: FlowSettings,
    dock: DockSettings,
    pub(crate) journal: Journal,
    pub(crate) notices: Notices,
    pub(crate) lecture: crate::progress::Progress,
    sampler: Sampler,
    /// Clients that this page made, by what they are for; their mail is taken here.
    pub(crate) own_admin: Option<ClientId>,
    pub(crate) own_producer: Option<ClientId>,
    pub(crate) calls: SortedMap<CallId, Action>,
    pub(crate) owned: SortedSet<ClientId>,
}

impl Session {
    /// A sitting that begins with a scene. `start` is the calendar time that its world begins at.
    pub fn open(scene: SceneId, seed: u64, start: SimTime) -> Session {
        let mut shell = Shell::new();
        shell.open_terminal();
        let mut session = Session {
            world: World::new(seed, start, Pace::Real),
            shell,
            scene,
            playing: true,
            speed: Speed::One,
            selection: None,
            layout: Layout::default(),
            flow: FlowSettings::default(),
            dock: DockSettings::default(),
            journal: Journal::default(),
            notices: Notices::default(),
            lecture: crate::progress::Progress::default(),
            sampler: Sampler::default(),
            own_admin: None,
            own_producer: None,
            calls: SortedMap::new(),
            owned: SortedSet::new(),
        };
        session.set_stage();
        session
    }

    /// The world, to look at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The terminals, to look at.
    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// The scene that was opened.
    pub fn scene(&self) -> SceneId {
        self.scene
    }

    /// Whether time goes on.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// How fast.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// What is selected.
    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// What of the page is open.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How the diagram is looked at.
    pub fn flow(&self) -> &FlowSettings {
        &self.flow
    }

    /// How the dock's terminals and tables are looked at.
    pub fn dock(&self) -> &DockSettings {
        &self.dock
    }

    /// What was remembered.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What the page has to say.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// How far the walkthrough is.
    pub fn lecture(&self) -> &crate::progress::Progress {
        &self.lecture
    }

    /// Simulated microseconds since the scene opened.
    pub fn elapsed_micros(&self) -> u64 {
        self.world.now().micros_since(self.world.started_at())
    }

    /// The look of the page as it was left at an earlier visit.
    #[inline(never)]
    pub fn restore_layout(&mut self, layout: Layout) {
        let split = None;
        // The terminals of that visit are gone; the tables are the same.
        let dock = match layout.dock {
            DockTab::Terminal(_) => self.layout.dock,
            table => table,
        };
        self.layout = Layout {
            split,
            dock,
            projector: false,
            ..layout
        };
    }

    /// Takes what was done, and says what the page must do.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let effects = match msg {
            Msg::TimePassed(micros) => self.pass_time(micros),
            Msg::Played => self.set_playing(true),
            Msg::Paused => self.set_playing(false),
            Msg::Stepped => self.step(),
            Msg::SpeedChosen(speed) => {
                self.speed = speed;
                Vec::new()
            }
            Msg::SceneOpened(scene) => self.reopen(scene),
            Msg::StartedOver => self.reopen(self.scene),
            Msg::LineEntered(terminal, text) => {
                self.shell.enter(&mut self.world, terminal, &text);
                Vec::new()
            }
            Msg::Interrupted(terminal) => {
                self.shell.ctrl_c(&mut self.world, terminal, "");
                Vec::new()
            }
            Msg::LineAbandoned(terminal, typed) => {
                self.shell.ctrl_c(&mut self.world, terminal, &typed);
                Vec::new()
            }
            Msg::InputEnded(terminal) => {
                self.shell.ctrl_d(&mut self.world, terminal);
                Vec::new()
            }
            Msg::CommandRun(command) => self.run_line(&command, &Place::Prompt),
            Msg::LineRun(line, place) => self.run_line(&line, &place),
            Msg::TerminalOpened => self.open_terminal(),
            Msg::TerminalClosed(terminal) => self.close_terminal(terminal),
            Msg::TerminalCleared(terminal) => {
                if !self.shell.has_running(terminal) {
                    self.shell.enter(&mut self.world, terminal, "clear");
                }
                Vec::new()
            }
            Msg::Acted(action) => {
                self.act(action);
                Vec::new()
            }
            Msg::Selected(selection) => self.select(selection),
            Msg::Opened(selection) => {
                self.layout.right_open = true;
                self.layout.phone_panel = PhonePanel::Record;
                self.select(Some(selection))
            }
            Msg::StepChosen(step) => {
                self.lecture.look_at(step);
                Vec::new()
            }
            Msg::NoticeClosed(id) => {
                self.notices.close(id);
                Vec::new()
            }
            Msg::Look(look) => self.look(look),
        };
        self.settle();
        effects
    }

    fn reopen(&mut self, scene: SceneId) -> Vec<Effect> {
        let start = self.world.started_at();
        let seed = self.world.seed();
        let mut next = Session::open(scene, seed, start);
        next.layout = Layout {
            dock: DockTab::Terminal(TerminalId(1)),
            split: None,
            ..self.layout.clone()
        };
        next.flow.show_internal = self.flow.show_internal;
        next.speed = self.speed;
        *self = next;
        Vec::new()
    }

    fn set_playing(&mut self, playing: bool) -> Vec<Effect> {
        self.playing = playing;
        let word = if playing { "Playing" } else { "Paused" };
        vec![Effect::Announce(word.to_owned())]
    }

    fn pass_time(&mut self, micros: u64) -> Vec<Effect> {
        if self.playing {
            let micros = self.speed.scale(micros.min(LONGEST_FRAME_MICROS));
            self.run_to(self.world.now().plus_micros(micros));
        }
        Vec::new()
    }

    /// Lets time pass up to `target`, with the terminals taking what is theirs on the way.
    pub(crate) fn run_to(&mut self, target: SimTime) {
        for _ in 0..STEPS_PER_CALL {
            let until = self.next_stop(target);
            let mail = self.world.run_until_mail(until);
            self.take_mail();
            if mail && self.world.has_mail() {
                // Somebody leaves records in a consumer, behind a slow pipe for example.
                if self.world.next_event_at().is_none_or(|at| at > until) {
                    self.world.run_until(until);
                } else {
                    self.world.step();
                }
            }
            self.note_events();
            if self.world.now() >= target && !self.shell_is_due() {
                break;
            }
        }
    }

    fn next_stop(&self, target: SimTime) -> SimTime {
        let now = self.world.now();
        let shell = self.shell.next_wakeup().map_or(target, |at| at.max(now));
        let sample = self.sampler.next_at(now);
        target.min(shell).min(sample)
    }

    fn shell_is_due(&self) -> bool {
        self.shell
            .next_wakeup()
            .is_some_and(|at| at <= self.world.now())
    }

    fn take_mail(&mut self) {
        if self.world.has_mail() || self.shell_is_due() {
            self.shell.poll(&mut self.world);
        }
        self.take_own_mail();
    }

    /// After anything was done: let terminals start, and note what happened at once.
    fn settle(&mut self) {
        self.take_mail();
        self.note_events();
    }

    fn note_events(&mut self) {
        for event in self.world.take_events() {
            self.note_event(event);
        }
        if self.sampler.is_due(self.world.now()) {
            let sample = self.sampler.sample(&self.world);
            self.journal.note_sample(sample);
            self.lecture.check(&self.world, &self.shell);
        }
    }

    fn note_event(&mut self, event: WorldEvent) {
        self.lecture.note(&event);
        let mark = |what| Mark { at: event.at, what };
        match event.what {
            What::FrameSent(flight) => self.journal.note_frame(flight),
            What::ClusterStarted => self.journal.note_mark(mark(MarkKind::ClusterStarted)),
            What::ClusterStopped => self.journal.note_mark(mark(MarkKind::ClusterStopped)),
            What::Client(
                id,
                ClientEvent::Consumer(client::consumer::ConsumerEvent::Assigned(_)),
            ) => {
                if let Some(group) = world::facts::group_of(&self.world, id) {
                    self.journal.note_mark(mark(MarkKind::Rebalance(group)));
                }
            }
            What::BrokerStarted(_)
            | What::BrokerGone(_)
            | What::ClientSpawned(_)
            | What::ClientGone(_)
            | What::Refused(..)
            | What::Client(..) => {}
        }
    }

    /// One step is the next thing that one can see: a record sets off or lands, a client comes or
    /// goes. The chatter between (heartbeats, empty fetches) passes by.
    fn step(&mut self) -> Vec<Effect> {
        self.playing = false;
        for _ in 0..STEPS_PER_CALL {
            let Some(step) = self.world.step() else { break };
            self.take_mail();
            let seen = crate::stepping::can_be_seen(&step);
            self.note_events();
            if seen {
                return vec![Effect::Announce(crate::stepping::sentence(
                    &step,
                    &self.world,
                ))];
            }
        }
        vec![Effect::Announce("Nothing is under way.".to_owned())]
    }

    fn select(&mut self, selection: Option<Selection>) -> Vec<Effect> {
        self.layout.inspector = match &selection {
            Some(Selection::Record(..)) => InspectorTab::Record,
            Some(Selection::Partition(_) | Selection::Topic(_) | Selection::Broker(_)) => {
                InspectorTab::Partition
            }
            Some(Selection::Group(_) | Selection::Client(_)) => InspectorTab::Group,
            None => self.layout.inspector,
        };
        self.selection = selection;
        Vec::new()
    }

    fn look(&mut self, look: Look) -> Vec<Effect> {
        let passing = matches!(look, Look::Dock(_));
        let looks = crate::look::Looks {
            layout: &mut self.layout,
            flow: &mut self.flow,
            dock: &mut self.dock,
        };
        crate::look::apply(looks, look);
        if passing {
            Vec::new()
        } else {
            vec![Effect::RememberLook]
        }
    }

    /// Lets the scene's cluster, topics and clients come to life before the curtain rises.
    fn set_stage(&mut self) {
        let scene = self.scene.scene();
        if let Some(brokers) = scene.brokers {
            crate::stage::set(self, &scene, brokers);
        }
        let begin = self.world.now();
        self.run_to(begin.plus_millis(scene.lead_in_millis));
        let _ = self.world.apply(Input::SetPace(Pace::Teaching));
        self.note_events();
    }

    /// The admin client behind the buttons, made when first needed.
    pub(crate) fn admin(&mut self) -> Option<ClientId> {
        if let Some(id) = self.own_admin.filter(|id| self.world.client(*id).is_some()) {
            return Some(id);
        }
        let config = AdminConfig::new("playground", vec![bootstrap()]);
        let Ok(Reply::Client(id)) = self.world.apply(Input::SpawnAdmin(config)) else {
            return None;
        };
        self.owned.insert(id);
        self.own_admin = Some(id);
        Some(id)
    }

    /// Starts a cluster as `docker-compose up -d` would.
    pub(crate) fn start_cluster(
        &mut self,
        brokers: i32,
    ) -> Result<Reply, world::input::WorldError> {
        let spec = ClusterSpec {
            brokers,
            first_port: 8098,
            offsets_partitions: 5,
        };
        self.world.apply(Input::StartCluster(spec))
    }
}

/// The address that every client of the page begins with.
pub(crate) fn bootstrap() -> Address {
    Address::new("localhost", 8098)
}

/// How often rates and lag are sampled, as the page may want to know.
pub const fn sample_millis() -> i64 {
    SAMPLE_MILLIS
}
