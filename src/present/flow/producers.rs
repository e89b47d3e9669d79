//! The producers' column: nodes beside the lanes they send to, many of one prefix as one node.

use records::sorted::Arrange;
use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use session::selection::Selection;

use super::context::Context;
use super::geometry::{PRODUCERS_W, PRODUCERS_X, count};
use super::input::{Leg, ProducerIn};
use super::measure::{Font, fit};
use super::scene::Entry;
use super::text::{rate_text, whole};
use super::view::{NodeTarget, ProducerView, Rect};

/// More clients than this are grouped by the prefix of their ids.
pub const MOST_SINGLE: usize = 8;
/// Bars of a sparkline.
pub const SPARKS: usize = 20;
const FIRST_Y: f64 = 50.5;
const GAP: f64 = 10.0;

/// One node of the column: a producer, or several that share a prefix.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// Who it stands for.
    pub producers: Vec<&'a ProducerIn>,
    /// The shared prefix, if it stands for several.
    pub prefix: Option<String>,
    /// What it fills.
    pub rect: Rect,
}

impl Node<'_> {
    /// Partitions its producers sent to, with records a second in all.
    pub fn targets(&self) -> SortedMap<&TopicPartition, f64> {
        let mut targets = SortedMap::new();
        for (at, rate) in self.producers.iter().flat_map(|producer| &producer.targets) {
            *targets.entry(at).or_insert(0.0) += rate;
        }
        targets
    }

    /// What a click does.
    pub fn target(&self) -> NodeTarget {
        match (&self.prefix, self.producers.first()) {
            (None, Some(producer)) => NodeTarget::Select(Selection::Client(producer.id)),
            (prefix, _) => NodeTarget::Expand(prefix.clone().unwrap_or_default()),
        }
    }

    /// A name that is the same in every frame.
    pub fn key(&self) -> String {
        match (&self.prefix, self.producers.first()) {
            (None, Some(producer)) => format!("p {}", producer.id.0),
            (prefix, _) => format!("x {}", prefix.clone().unwrap_or_default()),
        }
    }
}

/// The nodes of the column, without places.
pub fn nodes<'a>(cx: &Context<'a>) -> Vec<Node<'a>> {
    let producers = &cx.input.producers;
    let mut sizes: SortedMap<&str, usize> = SortedMap::new();
    if producers.len() > MOST_SINGLE {
        for producer in producers {
            *sizes.entry(prefix(&producer.client_id)).or_default() += 1;
        }
    }
    let mut nodes: Vec<Node<'a>> = Vec::new();
    for producer in producers {
        let prefix = prefix(&producer.client_id);
        let shared = sizes.get(prefix).is_some_and(|n| *n > 1)
            && !cx.input.settings.expanded.contains(prefix);
        let found = nodes
            .iter_mut()
            .find(|node| shared && node.prefix.as_deref() == Some(prefix));
        match found {
            Some(node) => node.producers.push(producer),
            None => nodes.push(Node {
                producers: vec![producer],
                prefix: shared.then(|| prefix.to_owned()),
                rect: Rect::default(),
            }),
        }
    }
    nodes
}

/// Gives nodes their places beside what they send to; `stuck` ones stand together at the top.
pub fn place(nodes: &mut [Node], entries: &SortedMap<TopicPartition, Entry>, stuck: bool) {
    let mut order: Vec<(f64, &mut Node)> = nodes
        .iter_mut()
        .map(|node| {
            let ys: Vec<f64> = node
                .targets()
                .keys()
                .filter_map(|at| entries.get(*at))
                .map(|entry| entry.y)
                .collect();
            let middle = if ys.is_empty() {
                f64::MAX
            } else {
                ys.iter().sum::<f64>() / count(ys.len())
            };
            (if stuck { 0.0 } else { middle }, node)
        })
        .collect();
    order.arrange_by(|a, b| a.0.total_cmp(&b.0));
    let mut next = FIRST_Y;
    for (middle, node) in order {
        let h = if node.producers.iter().any(|p| p.rate.is_some()) {
            63.0
        } else {
            47.0
        };
        let wanted = if middle == f64::MAX {
            next
        } else {
            (middle - h / 2.0).floor() + 0.5
        };
        let y = wanted.max(next);
        node.rect = Rect::new(PRODUCERS_X + 0.5, y, PRODUCERS_W - 1.0, h);
        next = y + h + GAP;
    }
}

/// Draws a node.
pub fn view(cx: &Context, node: &Node) -> ProducerView {
    let (name, sub) = (name(node), sub(node));
    let picked = node
        .producers
        .iter()
        .any(|p| cx.picked(&Selection::Client(p.id)));
    let error = node.producers.iter().find_map(|p| p.error.clone());
    let paused = node.producers.iter().all(|p| p.paused);
    let mut label = if node.prefix.is_some() {
        format!("Producers {name}, {sub}")
    } else {
        format!("Producer {name}, {sub}")
    };
    if let Some(error) = &error {
        label.push_str(", ");
        label.push_str(error);
    }
    let on = cx
        .chosen
        .as_ref()
        .filter(|chosen| node.targets().contains_key(&chosen.at))
        .map(|chosen| chosen.slot);
    ProducerView {
        rect: node.rect,
        target: node.target(),
        name: fit(&name, Font::NODE, node.rect.w - 13.5, cx.measure),
        sub: Some(fit(
            error.as_deref().unwrap_or(&sub),
            Font::SUB,
            node.rect.w - 18.0,
            cx.measure,
        )),
        spark: spark(node),
        on,
        picked,
        paused,
        error,
        dim: !matches(cx, node),
        flash: cx.input.settings.still && departs(cx, node),
        label,
    }
}

/// Whether the filter lets a node pass.
pub fn matches(cx: &Context, node: &Node) -> bool {
    node.producers.iter().any(|p| cx.filter.text(&p.client_id))
        || node.targets().keys().any(|at| cx.filter.text(&at.topic))
}

/// `agent-nfsturm`, or `agent-* · 12`.
pub fn name(node: &Node) -> String {
    match (&node.prefix, node.producers.first()) {
        (None, Some(producer)) => producer.client_id.clone(),
        (prefix, _) => format!(
            "{}* · {}",
            prefix.as_deref().unwrap_or_default(),
            node.producers.len()
        ),
    }
}

fn sub(node: &Node) -> String {
    let sent: u64 = node
        .producers
        .iter()
        .fold(0, |sum, p| sum.saturating_add(p.sent));
    let paused = node.producers.iter().all(|p| p.paused);
    let rates: Vec<f64> = node.producers.iter().filter_map(|p| p.rate).collect();
    if paused && !node.producers.is_empty() {
        return format!("paused · {} sent", whole(sent));
    }
    if !rates.is_empty() && node.prefix.is_some() {
        return format!("{} msg/s", rate_text(rates.iter().sum()));
    }
    if !rates.is_empty() {
        return format!(
            "{} msg/s · {} sent",
            rate_text(rates.iter().sum()),
            whole(sent)
        );
    }
    match node.producers.as_slice() {
        [one] if one.keys > 0 => {
            let noun = if one.keys == 1 { "key" } else { "keys" };
            format!("{} {noun} · {} sent", one.keys, whole(sent))
        }
        _ => format!("{} sent", whole(sent)),
    }
}

fn spark(node: &Node) -> Vec<(f64, f64, f64)> {
    const TALLEST: f64 = 12.0;
    if node.producers.iter().all(|p| p.rate.is_none()) {
        return Vec::new();
    }
    let mut sums = [0.0f64; SPARKS];
    for producer in &node.producers {
        let latest = producer.history.iter().rev();
        for (sum, rate) in sums.iter_mut().rev().zip(latest) {
            *sum += if rate.is_finite() { rate.max(0.0) } else { 0.0 };
        }
    }
    let most = sums.iter().copied().fold(0.0, f64::max);
    let base = node.rect.y + 55.5;
    sums.iter()
        .enumerate()
        .filter(|(_, sum)| **sum > 0.0 && most > 0.0)
        .map(|(n, sum)| {
            let h = (TALLEST * sum / most).clamp(1.0, TALLEST);
            (node.rect.x + 9.5 + 5.4 * count(n), base - h, h)
        })
        .collect()
}

fn departs(cx: &Context, node: &Node) -> bool {
    cx.input.travels.iter().any(|travel| {
        let Leg::Produce { producer } = travel.leg else {
            return false;
        };
        super::motion::departs(travel, cx.input.now)
            && node.producers.iter().any(|p| p.id == producer)
    })
}

/// What client ids share: up to and with their last `-`, `_` or `.`; a number at the end does not count.
fn prefix(client_id: &str) -> &str {
    let bare = client_id.trim_end_matches(|c: char| c.is_ascii_digit());
    let end = bare
        .rfind(['-', '_', '.'])
        .map_or(bare.len(), |at| at.saturating_add(1));
    bare.get(..end)
        .filter(|prefix| !prefix.is_empty())
        .unwrap_or(client_id)
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn clients_share_what_stands_before_their_last_word() {
        assert_eq!(prefix("agent-nfsturm"), "agent-");
        assert_eq!(prefix("agent-12"), "agent-");
        assert_eq!(prefix("producer3"), "producer");
        assert_eq!(prefix("7"), "7");
        assert_eq!(prefix(""), "");
    }
}
