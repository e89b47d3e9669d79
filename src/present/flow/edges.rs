//! Edges of the desk: producers to lanes, lanes to members; bundled by topic where there are many.

use records::sorted::Arrange;
use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use world::input::ClientId;

use super::context::Context;
use super::geometry::Detail;
use super::groups::Placed;
use super::input::{Leg, MemberIn, Travel};
use super::motion::{Lane, Way, Ways};
use super::producers::{self, MOST_SINGLE, Node};
use super::route::{Px, Route};
use super::scene::Storage;
use super::view::{EdgeView, EdgesView};

/// More lines than this on one side are bundled.
const MOST_LINES: usize = 60;
/// The partition that stands for a whole topic in a bundled way.
const WHOLE: i32 = -1;

/// Edges, and the ways that records go along them.
pub struct Web {
    /// What is drawn.
    pub view: EdgesView,
    /// What moves on it.
    pub ways: Ways,
    write_bundled: bool,
    read_bundled: bool,
    node_of_producer: SortedMap<ClientId, String>,
}

impl Web {
    /// All edges between placed nodes and the storage.
    pub fn of(cx: &Context, storage: &Storage, nodes: &[Node], groups: &[Placed]) -> Web {
        let members: usize = cx
            .input
            .groups
            .iter()
            .map(|group| group.members.len())
            .sum();
        let writes: usize = nodes.iter().map(|node| node.targets().len()).sum();
        let reads: usize = cx
            .input
            .groups
            .iter()
            .flat_map(|g| &g.members)
            .map(|m| m.assigned.len())
            .sum();
        let far = cx.geometry.detail == Detail::Bars;
        let mut web = Web {
            view: EdgesView::default(),
            ways: Ways::new(),
            write_bundled: far || cx.input.producers.len() > MOST_SINGLE || writes > MOST_LINES,
            read_bundled: far || members > MOST_SINGLE || reads > MOST_LINES,
            node_of_producer: SortedMap::new(),
        };
        for node in nodes {
            for producer in &node.producers {
                web.node_of_producer.insert(producer.id, node.key());
            }
            web.writes(cx, storage, node);
        }
        for placed in groups {
            web.reads(cx, storage, placed);
        }
        web.replication(cx, storage);
        web.view.edges.retain(|edge| !edge.d.is_empty());
        web.view.edges.arrange_by_key(|edge| edge.on.is_some());
        web
    }

    /// The way a record goes.
    pub fn way(&self, travel: &Travel) -> Option<Way> {
        let (node, bundled) = match &travel.leg {
            Leg::Produce { producer } => (
                self.node_of_producer.get(producer)?.clone(),
                self.write_bundled,
            ),
            Leg::Fetch { group, .. } if self.read_bundled => (format!("g {group}"), true),
            Leg::Fetch { group, member } => (format!("m {group} {member}"), false),
            Leg::Replicate { from, to } => (format!("b {from} {to}"), false),
        };
        let partition = if bundled { WHOLE } else { travel.at.partition };
        Some(Way {
            node,
            at: TopicPartition::new(travel.at.topic.clone(), partition),
        })
    }

    fn writes(&mut self, cx: &Context, storage: &Storage, node: &Node) {
        let start = (node.rect.right() + 0.5, node.rect.y + node.rect.h / 2.0);
        let left = cx.geometry.left + 0.5;
        let dim = !producers::matches(cx, node);
        let key = node.key();
        let mut drawn: SortedMap<String, (Route, f64, Option<u8>, bool)> = SortedMap::new();
        for (at, rate) in node.targets() {
            let on = cx.on(at);
            if self.write_bundled {
                let Some(y) = storage.middles.get(&at.topic) else {
                    continue;
                };
                let route = Route::from(start).level_curve((left, *y));
                self.ways
                    .entry(Way {
                        node: key.clone(),
                        at: TopicPartition::new(at.topic.clone(), WHOLE),
                    })
                    .or_insert_with(|| Lane {
                        points: route.points(),
                        rate: 0.0,
                    })
                    .rate += rate;
                drawn
                    .entry(at.topic.clone())
                    .or_insert((route, 0.0, None, true))
                    .1 += rate;
            }
            let Some(entry) = storage
                .entries
                .get(at)
                .filter(|_| !self.write_bundled || on.is_some())
            else {
                continue;
            };
            let route = Route::from(start).level_curve((left, entry.y));
            if !self.write_bundled {
                let whole = entry
                    .rail
                    .as_ref()
                    .map_or_else(|| route.clone(), |rail| route.clone().then(rail));
                let way = Way {
                    node: key.clone(),
                    at: at.clone(),
                };
                self.ways.insert(
                    way,
                    Lane {
                        points: whole.points(),
                        rate,
                    },
                );
            }
            let line = drawn
                .entry(format!("{} {}", entry.y, on.is_some()))
                .or_insert((route, 0.0, on, false));
            line.1 += rate;
        }
        for (route, rate, on, bundle) in drawn.into_values() {
            self.push(cx, &route, on, bundle.then_some(rate), dim, &key);
        }
    }

    fn reads(&mut self, cx: &Context, storage: &Storage, placed: &Placed) {
        let dim = !cx.filter.group(placed.group);
        if self.read_bundled {
            self.read_bundles(cx, storage, placed, dim);
        }
        for (n, member) in placed.group.members.iter().enumerate() {
            let rect = placed.member_rect(n);
            let middle = if n < placed.shown {
                rect.y + 19.5
            } else {
                rect.y + rect.h / 2.0
            };
            let end = (rect.x - 0.5, middle);
            let touched = self.member(cx, storage, placed, member, end, dim);
            if touched && n < placed.shown {
                let on = member
                    .assigned
                    .iter()
                    .find_map(|assigned| cx.on(&assigned.at));
                self.view.ports.push((port(end), on));
            }
        }
        self.view.ports.arrange_by_key(|(_, on)| on.is_some());
    }

    fn member(
        &mut self,
        cx: &Context,
        storage: &Storage,
        placed: &Placed,
        member: &MemberIn,
        end: (f64, f64),
        dim: bool,
    ) -> bool {
        let right = cx.geometry.right + 0.5;
        let key = format!("m {} {}", placed.group.name, member.id);
        let mut seen: SortedMap<String, ()> = SortedMap::new();
        let mut touched = false;
        for assigned in &member.assigned {
            let on = cx.on(&assigned.at);
            let exit = storage
                .exits
                .get(&(assigned.at.clone(), placed.group.name.clone()));
            let Some(exit) = exit.filter(|_| !self.read_bundled || on.is_some()) else {
                continue;
            };
            touched = true;
            let edge = Route::from((right, exit.y)).level_curve(end);
            if !self.read_bundled {
                let whole = Route::from((exit.x, exit.y))
                    .line((right, exit.y))
                    .then(&edge);
                let way = Way {
                    node: key.clone(),
                    at: assigned.at.clone(),
                };
                self.ways.insert(
                    way,
                    Lane {
                        points: whole.points(),
                        rate: assigned.rate,
                    },
                );
            }
            if seen
                .insert(format!("{} {}", exit.y, on.is_some()), ())
                .is_none()
            {
                self.push(cx, &edge, on, None, dim, &key);
            }
        }
        touched
    }

    fn read_bundles(&mut self, cx: &Context, storage: &Storage, placed: &Placed, dim: bool) {
        let mut rates: SortedMap<&str, f64> = SortedMap::new();
        for assigned in placed
            .group
            .members
            .iter()
            .flat_map(|member| &member.assigned)
        {
            *rates.entry(&assigned.at.topic).or_default() += assigned.rate;
        }
        let end = (placed.rect.x - 0.5, placed.rect.y + 16.5);
        let key = format!("g {}", placed.group.name);
        for (topic, rate) in rates {
            let Some(y) = storage.middles.get(topic) else {
                continue;
            };
            let route = Route::from((cx.geometry.right + 0.5, *y)).level_curve(end);
            let way = Way {
                node: key.clone(),
                at: TopicPartition::new(topic, WHOLE),
            };
            self.ways.insert(
                way,
                Lane {
                    points: route.points(),
                    rate,
                },
            );
            self.push(cx, &route, None, Some(rate), dim, &key);
        }
    }

    /// Ways from leaders to followers, beside the frames; only the selected record's are drawn.
    #[inline(never)]
    fn replication(&mut self, cx: &Context, storage: &Storage) {
        const OUT: f64 = 14.0;
        let right = cx.geometry.right + 0.5;
        for ((at, broker), y) in &storage.replicas {
            let (Some(entry), Some(leader)) = (storage.entries.get(at), storage.leaders.get(at))
            else {
                continue;
            };
            if leader == broker {
                continue;
            }
            let corners = [(right + OUT, entry.y), (right + OUT, *y)];
            let route = Route::from((right, entry.y)).angles(&corners, (right, *y), 5.0);
            let node = format!("b {leader} {broker}");
            if let Some(on) = cx.on(at) {
                self.push(cx, &route, Some(on), None, false, &node);
            }
            self.ways.insert(
                Way {
                    node,
                    at: at.clone(),
                },
                Lane {
                    points: route.points(),
                    rate: 0.0,
                },
            );
        }
    }

    fn push(
        &mut self,
        cx: &Context,
        route: &Route,
        on: Option<u8>,
        rate: Option<f64>,
        dim: bool,
        node: &str,
    ) {
        let ys = route.points();
        let top = ys.iter().map(|(_, y)| *y).fold(f64::MAX, f64::min);
        let bottom = ys.iter().map(|(_, y)| *y).fold(f64::MIN, f64::max);
        if !cx.geometry.sees(top, bottom) {
            return;
        }
        // log₂ of the rate, so that a thousandfold rate is still a line.
        let width = rate.map(|rate| (1.0 + (1.0 + rate.max(0.0)).log2() * 0.5).clamp(1.0, 6.0));
        self.view.edges.push(EdgeView {
            d: route.d(),
            on,
            width,
            dim,
            node: node.to_owned(),
        });
    }
}

fn port(end: (f64, f64)) -> String {
    format!("M{} {}v6.4l5.4-3.2z", Px(end.0 - 5.0), Px(end.1 - 3.2))
}
