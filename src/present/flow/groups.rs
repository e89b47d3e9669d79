//! The groups' column: a frame for each group with its members, and an invitation for each topic nobody reads.

use records::sorted::{SortedMap, SortedSet};

use session::selection::Selection;

use super::context::Context;
use super::geometry::{GROUPS_W, count};
use super::input::{GroupIn, Leg, MemberIn};
use super::measure::{Font, fit};
use super::plan::ranges;
use super::rows::Progress;
use super::scene::Storage;
use super::view::{ChipView, GroupView, InvitationView, MemberView, ProgressView, Rect};

/// Members shown of a group of many.
const MOST_MEMBERS: usize = 4;
const MEMBER_H: f64 = 39.0;
const MEMBER_STEP: f64 = 44.0;
const TITLE_H: f64 = 30.0;
const MORE_H: f64 = 20.0;
const PROGRESS_H: f64 = 26.0;
const FIRST_Y: f64 = 56.5;
const GAP: f64 = 17.0;

/// A group with its place.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// The group.
    pub group: &'a GroupIn,
    /// What its frame fills.
    pub rect: Rect,
    /// How many members are shown.
    pub shown: usize,
}

impl Placed<'_> {
    /// Top of the `n`th member; all that are not shown share one line.
    pub fn member_rect(&self, n: usize) -> Rect {
        let y = self.rect.y + TITLE_H + MEMBER_STEP * count(n.min(self.shown));
        let h = if n < self.shown {
            MEMBER_H
        } else {
            MORE_H - 4.0
        };
        Rect::new(self.rect.x + 6.0, y, self.rect.w - 12.0, h)
    }
}

/// The column: groups in their places, then invitations in theirs.
pub fn place<'a>(cx: &Context<'a>, storage: &Storage) -> (Vec<Placed<'a>>, Vec<InvitationView>) {
    let heads = &storage.tops;
    let stuck = storage.overflows(cx);
    let x = cx.geometry.groups_x() + 0.5;
    let mut next = FIRST_Y;
    let mut read: SortedSet<&str> = SortedSet::new();
    let mut placed = Vec::with_capacity(cx.input.groups.len());
    for group in &cx.input.groups {
        let partitions = group.partitions();
        read.extend(partitions.iter().map(|at| at.topic.as_str()));
        let first = partitions
            .iter()
            .filter_map(|at| heads.get(&at.topic))
            .copied()
            .fold(f64::MAX, f64::min);
        let wanted = if first == f64::MAX || stuck {
            next
        } else {
            first + 8.5
        };
        let shown = shown(cx, group);
        let mut h = TITLE_H + MEMBER_STEP * count(shown) + if shown == 0 { 6.0 } else { 3.0 };
        h += if group.members.len() > shown {
            MORE_H
        } else {
            0.0
        };
        h += if group.replay.is_some() {
            PROGRESS_H
        } else {
            0.0
        };
        let rect = Rect::new(x, wanted.max(next), GROUPS_W - 1.0, h);
        next = rect.bottom() + GAP;
        placed.push(Placed { group, rect, shown });
    }
    let mut invitations = Vec::new();
    for topic in cx
        .input
        .topics
        .iter()
        .filter(|topic| !read.contains(topic.name.as_str()))
    {
        let wanted = heads
            .get(&topic.name)
            .filter(|_| !stuck)
            .map_or(next, |y| y + 0.5);
        let rect = Rect::new(x, wanted.max(next), GROUPS_W - 1.0, 96.0);
        next = rect.bottom() + GAP;
        invitations.push(InvitationView {
            topic: topic.name.clone(),
            rect,
            name: fit(&topic.name, Font::NODE, rect.w - 20.0, cx.measure),
            dim: !cx.filter.topic(topic),
        });
    }
    (placed, invitations)
}

fn shown(cx: &Context, group: &GroupIn) -> usize {
    let members = group.members.len();
    if members <= MOST_MEMBERS || cx.input.settings.expanded.contains(&group.name) {
        members
    } else {
        MOST_MEMBERS
    }
}

/// Draws a group in its place.
pub fn view(cx: &Context, placed: &Placed) -> GroupView {
    let group = placed.group;
    let rect = placed.rect;
    let state = if group.state.is_empty() {
        "Empty"
    } else {
        &group.state
    };
    let state_w = (cx.measure)(state, Font::SUB);
    let hidden = group.members.len().saturating_sub(placed.shown);
    let lag = total_lag(cx, group);
    GroupView {
        group: group.name.clone(),
        rect,
        name: fit(
            &group.name,
            Font::NAME,
            (rect.w - 19.0 - state_w - 8.0).max(30.0),
            cx.measure,
        ),
        state: state.to_owned(),
        tone: tone(state),
        sub: None,
        members: group
            .members
            .iter()
            .take(placed.shown)
            .enumerate()
            .map(|(n, member)| member_view(cx, placed, n, member))
            .collect(),
        more: (hidden > 0).then(|| {
            (
                placed.member_rect(placed.shown).y + 13.0,
                format!("+ {hidden} more"),
            )
        }),
        progress: group.replay.map(|replay| {
            let bar = Rect::new(rect.x + 13.5, rect.bottom() - 22.5, rect.w - 27.0, 4.0);
            let part = if replay.total > 0 {
                super::geometry::offsets(replay.done) / super::geometry::offsets(replay.total)
            } else {
                1.0
            };
            ProgressView {
                bar,
                filled: bar.w * part.clamp(0.0, 1.0),
                text: format!("{} of {}", replay.done, replay.total),
                lag: format!("lag {lag}"),
                text_y: rect.bottom() - 7.0,
            }
        }),
        on: None,
        picked: cx.picked(&Selection::Group(group.name.clone())),
        dim: !cx.filter.group(group),
        label: format!("Consumer group {}, {state}", group.name),
    }
}

/// `err` for states that need help, `dim` while the group rebalances.
pub fn tone(state: &str) -> &'static str {
    match state {
        "Dead" | "UnknownTopic" => "err",
        "PreparingRebalance" | "CompletingRebalance" => "dim",
        _ => "",
    }
}

/// The lag of a group over all partitions, HW − committed.
pub fn total_lag(cx: &Context, group: &GroupIn) -> i64 {
    group
        .partitions()
        .into_iter()
        .fold(0, |sum: i64, at| sum.saturating_add(lag(cx, group, at)))
}

fn lag(cx: &Context, group: &GroupIn, at: &engine::ids::TopicPartition) -> i64 {
    let topic = cx.input.topics.iter().find(|topic| topic.name == at.topic);
    let partition = topic.and_then(|topic| {
        topic
            .partitions
            .iter()
            .find(|partition| partition.id == at.partition)
    });
    partition.map_or(0, |partition| {
        Progress::of(group, at, partition.high_watermark)
            .lag
            .unwrap_or(0)
    })
}

fn member_view(cx: &Context, placed: &Placed, n: usize, member: &MemberIn) -> MemberView {
    let group = placed.group;
    let rect = placed.member_rect(n);
    let behind = member.assigned.iter().fold(0i64, |sum, assigned| {
        sum.saturating_add(lag(cx, group, &assigned.at))
    });
    // A single member's lag is the group's, which stands beside its progress.
    let shows_lag = group.replay.is_none() || group.members.len() > 1;
    let usual = (shows_lag && !member.assigned.is_empty()).then(|| format!("lag {behind}"));
    let note = member
        .error
        .clone()
        .or_else(|| member.note.clone())
        .or(usual);
    let note_w = note
        .as_deref()
        .map_or(0.0, |note| (cx.measure)(note, Font::SUB) + 8.0);
    let on = cx
        .chosen
        .as_ref()
        .filter(|c| member.assigned.iter().any(|a| a.at == c.at))
        .map(|c| c.slot);
    MemberView {
        id: member.id.clone(),
        client: member.client,
        rect,
        name: fit(&member.name, Font::NODE, rect.w - 15.0, cx.measure),
        chips: chips(cx, member, rect.x + 8.0, rect.right() - 8.0 - note_w),
        label: spoken(group, member, behind, note.as_deref()),
        note: note.map(|note| fit(&note, Font::SUB, rect.w - 15.0, cx.measure).text),
        error: member.error.is_some(),
        on,
        picked: member
            .client
            .is_some_and(|client| cx.picked(&Selection::Client(client))),
        flash: cx.input.settings.still && arrives(cx, group, member),
    }
}

fn spoken(group: &GroupIn, member: &MemberIn, lag: i64, note: Option<&str>) -> String {
    let mut by_topic: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for assigned in &member.assigned {
        by_topic
            .entry(&assigned.at.topic)
            .or_default()
            .push(assigned.at.partition);
    }
    let told: Vec<String> = by_topic
        .iter()
        .map(|(topic, ids)| format!("{} of {topic}", ranges(ids).join(" ")))
        .collect();
    let assigned = if told.is_empty() {
        "nothing assigned".to_owned()
    } else {
        told.join(", ")
    };
    let note = note
        .filter(|note| !note.starts_with("lag"))
        .map_or_else(String::new, |note| format!(", {note}"));
    format!(
        "Member {} of {}, {assigned}, lag {lag}{note}",
        member.name, group.name
    )
}

fn chips(cx: &Context, member: &MemberIn, left: f64, right: f64) -> Vec<ChipView> {
    const PADDING: f64 = 8.0;
    const GAP: f64 = 4.0;
    let topics: SortedSet<&str> = member
        .assigned
        .iter()
        .map(|assigned| assigned.at.topic.as_str())
        .collect();
    let mut texts: Vec<String> = Vec::new();
    for topic in topics {
        let ids: Vec<i32> = member
            .assigned
            .iter()
            .filter(|a| a.at.topic == topic)
            .map(|a| a.at.partition)
            .collect();
        // Two neighbours read better as two chips than as a range.
        if ids.len() <= 3 {
            texts.extend(ids.iter().map(|id| format!("P{id}")));
        } else {
            texts.extend(ranges(&ids));
        }
    }
    let mut x = left;
    let mut out: Vec<ChipView> = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let rest = texts.len().saturating_sub(n);
        let w = ((cx.measure)(text, Font::CHIP) + PADDING).max(19.0).round();
        let more = format!("+{rest}");
        let reserve = if rest > 1 {
            (cx.measure)(&more, Font::CHIP) + PADDING + GAP
        } else {
            0.0
        };
        if x + w + reserve > right {
            let w = ((cx.measure)(&more, Font::CHIP) + PADDING).round();
            if x + w <= right {
                out.push(ChipView { x, w, text: more });
            }
            break;
        }
        out.push(ChipView {
            x,
            w,
            text: text.clone(),
        });
        x += w + GAP;
    }
    out
}

fn arrives(cx: &Context, group: &GroupIn, member: &MemberIn) -> bool {
    cx.input.travels.iter().any(|travel| {
        let Leg::Fetch {
            group: g,
            member: m,
        } = &travel.leg
        else {
            return false;
        };
        *g == group.name && *m == member.id && super::motion::lands(travel, cx.input.now)
    })
}
