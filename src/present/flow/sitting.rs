//! The scene of a sitting: what its world holds and what the user chose to see.

use records::sorted::SortedSet;

use engine::ids::TopicPartition;
use session::layout::Arrange;
use session::session::Session;
use world::input::ClientId;

use super::clients::{groups, producers};
use super::input::{Arrangement, FlowInput, FlowSettings, Form, GroupIn, TopicIn};
use super::layout::layout;
use super::measure::Measure;
use super::memory::FlowMemory;
use super::rates::Rates;
use super::stored::{brokers, topics};
use super::travels::travels;
use super::view::FlowView;

/// How much larger the projector shows everything.
const PROJECTOR: f64 = 1.35;

/// What only the page knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Width and height of the canvas, in CSS pixels.
    pub viewport: (f64, f64),
    /// How far the canvas is scrolled down, in CSS pixels.
    pub scroll: f64,
    /// Desk or phone.
    pub form: Form,
    /// Whether the system asks for reduced motion.
    pub still: bool,
    /// Client groups and consumer groups that show all they hold.
    pub expanded: SortedSet<String>,
}

/// The diagram of a sitting.
pub fn view(session: &Session, page: &Page, memory: &mut FlowMemory, measure: Measure) -> FlowView {
    let input = scene(session, page, memory);
    layout(&input, &mut memory.records(session.world()), measure)
}

/// The scene of a sitting.
pub fn scene(session: &Session, page: &Page, memory: &mut FlowMemory) -> FlowInput {
    let world = session.world();
    memory.begin(world);
    let rates = Rates::of(session.journal());
    let topics = topics(world, memory, &rates, session.flow().show_internal);
    let groups = groups(world, memory, &rates, &topics);
    let travels = travels(world, memory, &|client| member_of(&groups, client));
    let producers = producers(world, memory, &rates, &travels);
    let mut settings = settings(session, page);
    settings.held_open = memory.held_open(lagging(&groups, &topics));
    FlowInput {
        now: world.now(),
        brokers: brokers(world, &topics),
        topics: topics
            .into_iter()
            .map(|topic| TopicIn {
                keys: memory.keys_of(&topic.name),
                ..topic
            })
            .collect(),
        groups,
        producers,
        travels,
        settings,
    }
}

fn settings(session: &Session, page: &Page) -> FlowSettings {
    let flow = session.flow();
    let larger = if session.layout().projector {
        PROJECTOR
    } else {
        1.0
    };
    FlowSettings {
        selection: session.selection().cloned(),
        filter: flow.filter.clone(),
        zoom: f64::from(flow.zoom) / 100.0 * larger,
        viewport: page.viewport,
        scroll: page.scroll,
        form: page.form,
        arrangement: match flow.arrange {
            Arrange::Topics => Arrangement::Topics,
            Arrange::Brokers => Arrangement::Brokers,
        },
        scrolled: flow.scrolled.clone(),
        toggled_topics: flow.toggled_topics.clone(),
        expanded: page.expanded.clone(),
        still: page.still,
        ..FlowSettings::default()
    }
}

/// Partitions on which some group has something left to commit.
fn lagging<'a>(
    groups: &'a [GroupIn],
    topics: &'a [TopicIn],
) -> impl Iterator<Item = TopicPartition> + 'a {
    let committed = groups.iter().flat_map(|group| &group.committed);
    committed
        .filter(|(at, committed)| {
            let topic = topics.iter().find(|topic| topic.name == at.topic);
            let partition =
                topic.and_then(|topic| topic.partitions.iter().find(|p| p.id == at.partition));
            partition.is_some_and(|partition| partition.high_watermark > **committed)
        })
        .map(|(at, _)| at.clone())
}

fn member_of(groups: &[GroupIn], client: ClientId) -> Option<(String, String)> {
    groups.iter().find_map(|group| {
        let member = group
            .members
            .iter()
            .find(|member| member.client == Some(client))?;
        Some((group.name.clone(), member.id.clone()))
    })
}
