//! Records under way: a dot for each, or a moving dash where there are too many to tell apart.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;

use super::context::Context;
use super::input::Travel;
use super::route::{Point, along, length};

/// Above so many records a second on one edge they are a dash.
const DASH_RATE: f64 = 30.0;
/// Above so many dots on the stage all are dashes.
const MOST_DOTS: usize = 120;
/// How long an outline flashes where nothing may travel.
const FLASH_MICROS: u64 = 240_000;
/// How far behind each other records of one batch travel.
const TRAIL: f64 = 9.0;
const FLIGHT_MILLIS: f64 = 600.0;
const DOT_R: f64 = 4.2;

/// A record under way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Where it is.
    pub x: f64,
    /// Where it is.
    pub y: f64,
    /// Its key's slot: colour and shape.
    pub slot: u8,
    /// Its nominal radius.
    pub r: f64,
}

/// An edge too busy for single records.
#[derive(Debug, Clone, PartialEq)]
pub struct Dash {
    /// Its line.
    pub points: Vec<Point>,
    /// The colour that most records on it have.
    pub slot: u8,
    /// From one dash to the next: the busier, the denser.
    pub spacing: f64,
    /// How far the first dash has come.
    pub phase: f64,
}

/// A way that records go, in every frame the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The node at its end that is not the partition.
    pub node: String,
    /// The partition.
    pub at: TopicPartition,
}

/// A way as drawn, and how busy it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its line in the direction of travel.
    pub points: Vec<Point>,
    /// Records a second on it.
    pub rate: f64,
}

/// All ways on which records can be seen.
pub type Ways = SortedMap<Way, Lane>;

/// Whether a record has set off within the last moment.
pub fn departs(travel: &Travel, now: SimTime) -> bool {
    travel.sent <= now && now.micros_since(travel.sent) < FLASH_MICROS
}

/// Whether a record arrives within the next moment.
pub fn lands(travel: &Travel, now: SimTime) -> bool {
    now < travel.arrives && travel.arrives.micros_since(now) < FLASH_MICROS
}

/// What moves, where it is now.
pub fn moving(
    cx: &Context,
    ways: &Ways,
    way_of: &dyn Fn(&Travel) -> Option<Way>,
) -> (Vec<Dot>, Vec<Dash>) {
    if cx.input.settings.still {
        return (Vec::new(), Vec::new());
    }
    let mut by_way: SortedMap<Way, Vec<&Travel>> = SortedMap::new();
    let mut total = 0usize;
    for travel in cx
        .input
        .travels
        .iter()
        .filter(|t| t.sent <= cx.input.now && cx.input.now < t.arrives)
    {
        let Some(way) = way_of(travel) else { continue };
        total = total.saturating_add(1);
        by_way.entry(way).or_default().push(travel);
    }
    let crowded = total > MOST_DOTS;
    let (mut dots, mut dashes) = (Vec::new(), Vec::new());
    for (way, travels) in &by_way {
        let Some(lane) = ways.get(way) else { continue };
        if crowded || lane.rate > DASH_RATE {
            dashes.push(dash(lane, travels, cx.input.now));
        } else {
            dots.extend(
                travels
                    .iter()
                    .filter_map(|travel| dot(lane, travel, cx.input.now)),
            );
        }
    }
    (dots, dashes)
}

fn dot(lane: &Lane, travel: &Travel, now: SimTime) -> Option<Dot> {
    let whole = travel.arrives.micros_since(travel.sent);
    let part = now.micros_since(travel.sent) as f64 / (whole.max(1)) as f64;
    let behind = TRAIL * f64::from(travel.nth) / length(&lane.points).max(1.0);
    let (x, y) = along(&lane.points, (part - behind).max(0.0))?;
    Some(Dot {
        x,
        y,
        slot: travel.key.slot,
        r: DOT_R,
    })
}

fn dash(lane: &Lane, travels: &[&Travel], now: SimTime) -> Dash {
    let mut counts: SortedMap<u8, usize> = SortedMap::new();
    for travel in travels {
        *counts.entry(travel.key.slot).or_default() += 1;
    }
    let slot = counts
        .into_iter()
        .max_by_key(|(_, n)| *n)
        .map_or(0, |(slot, _)| slot);
    let spacing = (900.0 / lane.rate.max(1.0)).clamp(9.0, 28.0);
    let speed = length(&lane.points) / FLIGHT_MILLIS;
    let millis = (now.0 % 3_600_000_000) as f64 / 1000.0;
    Dash {
        points: lane.points.clone(),
        slot,
        spacing,
        phase: (millis * speed) % spacing,
    }
}
