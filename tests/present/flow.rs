//! The scene of the design, held against the design's own numbers.

use present::flow::focus::{Move, Went, first, go, group};
use present::flow::input::{Arrangement, FlowInput, Form, Leg};
use present::flow::layout::layout;
use present::flow::measure::fixed;
use present::flow::view::FlowView;
use present::flow::view_lane::LaneView;
use session::selection::Selection;

use crate::scene::{busy, design, tp};

fn laid_out(change: impl Fn(&mut FlowInput)) -> FlowView {
    let (mut input, mut records) = design();
    change(&mut input);
    layout(&input, &mut records, &fixed)
}

fn lane<'a>(view: &'a FlowView, topic: &str, partition: i32) -> &'a LaneView {
    let at = tp(topic, partition);
    view.lanes
        .iter()
        .find(|lane| lane.at == at)
        .expect("the lane is in sight")
}

#[test]
fn lanes_stand_where_the_design_has_them() {
    let view = laid_out(|_| {});
    let tops: Vec<f64> = view.lanes.iter().map(|lane| lane.rect.y).collect();
    assert_eq!(tops, [76.0, 164.0, 252.0, 368.0, 430.0]);
    assert_eq!(view.frames[0].rect.bottom(), 500.5);
    assert_eq!(
        view.heads
            .iter()
            .map(|head| head.rect.y)
            .collect::<Vec<_>>(),
        [48.0, 340.0]
    );
    let producers: Vec<f64> = view.producers.iter().map(|node| node.rect.y).collect();
    assert_eq!(producers, [61.5, 193.5, 376.5]);
    let groups: Vec<f64> = view.groups.iter().map(|group| group.rect.y).collect();
    assert_eq!(groups, [56.5, 194.5]);
    assert_eq!(view.invitations[0].rect.y, 340.5);
    assert_eq!(view.size, (780.0, 506.0));
}

#[test]
fn every_offset_marker_stands_on_the_boundary_of_its_cell() {
    let view = laid_out(|_| {});
    let p0 = lane(&view, "secret_channel", 0);
    let left_edge = |offset: i64| {
        p0.cells
            .iter()
            .find(|c| c.offset == offset)
            .expect("a cell")
            .rect
            .x
            - 0.5
    };
    let hw = p0.hw.as_ref().expect("a high watermark");
    assert_eq!(hw.x, left_edge(10));
    let slot = p0.slot.as_ref().expect("a log end");
    assert_eq!((slot.rect.x, slot.text.as_str()), (548.0, "11"));
    let analytics = &p0.rows[0];
    assert_eq!(analytics.flag.map(|flag| flag.x), Some(left_edge(8)));
    assert_eq!(analytics.caret, Some(left_edge(10)));
    let audit = &p0.rows[1];
    assert_eq!(
        audit.read,
        Some((left_edge(3), left_edge(5) - left_edge(3)))
    );
    assert_eq!(
        audit.unread,
        Some((left_edge(5), left_edge(10) - left_edge(5)))
    );
}

#[test]
fn lag_is_the_high_watermark_less_the_committed_offset() {
    let view = laid_out(|_| {});
    let lags: Vec<Vec<&str>> = view
        .lanes
        .iter()
        .map(|lane| lane.rows.iter().map(|row| row.lag.as_str()).collect())
        .collect();
    assert_eq!(
        lags,
        [
            vec!["2", "7"],
            vec!["0", "0"],
            vec!["1", "6"],
            vec![],
            vec![]
        ]
    );
    // Behind the high watermark nothing is lag: one more unreplicated record changes no number.
    let more = laid_out(|input| input.topics[0].partitions[0].log_end += 1);
    assert_eq!(lane(&more, "secret_channel", 0).rows[0].lag, "2");
    let nothing = laid_out(|input| {
        input.groups[0].committed.clear();
    });
    assert_eq!(lane(&nothing, "secret_channel", 0).rows[0].lag, "–");
}

#[test]
fn a_flag_stands_on_the_triangle_when_nothing_read_is_uncommitted() {
    let view = laid_out(|_| {});
    let on_caret = |p: i32, n: usize| {
        lane(&view, "secret_channel", p).rows[n]
            .flag
            .map(|flag| flag.on_caret)
    };
    assert_eq!(on_caret(0, 0), Some(false));
    assert_eq!(on_caret(1, 0), Some(true));
    assert_eq!(on_caret(2, 0), Some(true));
    assert_eq!(on_caret(2, 1), Some(false));
}

#[test]
fn records_right_of_the_high_watermark_are_hatched() {
    let view = laid_out(|_| {});
    let hatched: Vec<i64> = view
        .lanes
        .iter()
        .flat_map(|lane| {
            lane.cells
                .iter()
                .filter(|cell| cell.unreplicated)
                .map(|cell| cell.offset)
        })
        .collect();
    assert_eq!(hatched, [10]);
}

#[test]
fn the_path_of_the_selected_record_runs_from_its_producer_to_every_group_that_reads_it() {
    let view = laid_out(|_| {});
    let producers: Vec<_> = view.producers.iter().map(|node| node.on).collect();
    assert_eq!(producers, [Some(1), None, None]);
    let members: Vec<_> = view
        .groups
        .iter()
        .flat_map(|group| group.members.iter().map(|m| m.on))
        .collect();
    assert_eq!(members, [Some(1), None, Some(1)]);
    assert_eq!(
        view.edges
            .edges
            .iter()
            .filter(|edge| edge.on == Some(1))
            .count(),
        3
    );
    assert!(
        view.edges
            .edges
            .last()
            .is_some_and(|edge| edge.on.is_some()),
        "the path lies on top"
    );
    assert_eq!(
        lane(&view, "secret_channel", 0)
            .rail
            .as_ref()
            .and_then(|rail| rail.on),
        Some(1)
    );
    let gone = laid_out(|input| {
        input.settings.selection = Some(Selection::Record(tp("secret_channel", 0), 99))
    });
    assert!(
        gone.edges.edges.iter().all(|edge| edge.on.is_none()),
        "a record that is not there has no path"
    );
}

#[test]
fn a_lane_scrolled_back_shows_older_records_and_a_torn_edge_on_both_sides() {
    let view = laid_out(|input| {
        input.settings.scrolled.insert(tp("bagpipe_sales", 0), 350);
    });
    let lane = lane(&view, "bagpipe_sales", 0);
    assert_eq!(lane.cells.last().map(|cell| cell.offset), Some(349));
    assert_eq!(
        lane.newer.as_ref().map(|torn| torn.label.as_str()),
        Some("2 newer records")
    );
    assert_eq!(
        lane.older.as_ref().map(|torn| torn.label.as_str()),
        Some("340 older records")
    );
    assert!(lane.slot.is_none() && lane.hw.is_none());
}

#[test]
fn long_names_are_cut_and_kept_in_full() {
    let long = "a-topic-with-a-name-that-goes-on-and-on-until-nobody-reads-it-any-more";
    let view = laid_out(|input| {
        input.topics[0].name = long.into();
        input.producers[0].client_id = long.into();
        input.groups[0].name = long.into();
    });
    assert_eq!(view.heads[0].name.full.as_deref(), Some(long));
    assert!(view.heads[0].name.text.ends_with('…'));
    assert_eq!(
        view.producers
            .iter()
            .filter(|p| p.name.full.as_deref() == Some(long))
            .count(),
        1
    );
    assert_eq!(
        view.groups
            .iter()
            .filter(|g| g.name.full.as_deref() == Some(long))
            .count(),
        1
    );
}

#[test]
fn a_partition_without_a_leader_says_so_and_its_rail_is_broken() {
    let view = laid_out(|input| input.topics[0].partitions[0].leader = None);
    let lane = lane(&view, "secret_channel", 0);
    assert!(lane.label.contains("no leader") && lane.leaderless.is_some());
    assert!(
        lane.rail
            .as_ref()
            .is_some_and(|rail| rail.broken && rail.head.is_empty())
    );
}

#[test]
fn among_many_lanes_those_with_nothing_to_say_fold() {
    let (mut input, mut records) = busy();
    for group in &mut input.groups {
        for (at, committed) in &mut group.committed {
            let topic = input
                .topics
                .iter()
                .find(|topic| topic.name == at.topic)
                .expect("a topic");
            *committed = topic.partitions[at.partition as usize].high_watermark;
        }
    }
    input.groups[1].committed.insert(tp("topic-2", 3), 5);
    let folded = layout(&input, &mut records, &fixed);
    assert_eq!(
        folded
            .lanes
            .iter()
            .map(|lane| lane.at.to_string())
            .collect::<Vec<_>>(),
        ["topic-2-3"]
    );
    let texts: Vec<&str> = folded
        .folds
        .iter()
        .map(|fold| fold.text.text.as_str())
        .collect();
    assert_eq!(texts[0], "P0–P9 · 10 partitions · lag 0");
    assert!(
        texts.contains(&"P0–P2 · 3 partitions · lag 0")
            && texts.contains(&"P4–P9 · 6 partitions · lag 0")
    );
    input.settings.toggled_topics.insert("topic-0".into());
    let opened = layout(&input, &mut records, &fixed);
    assert!(
        opened
            .lanes
            .iter()
            .filter(|lane| lane.at.topic == "topic-0")
            .count()
            > 5
    );
}

#[test]
fn many_clients_share_nodes_and_their_edges_are_bundled() {
    let (input, mut records) = busy();
    let view = layout(&input, &mut records, &fixed);
    assert_eq!(view.producers.len(), 1);
    assert_eq!(view.producers[0].name.text, "agent-* · 15");
    assert!(
        view.edges.edges.iter().all(|edge| edge.width.is_some()),
        "edges are bundles"
    );
    assert_eq!(
        view.groups[0].more.as_ref().map(|(_, text)| text.as_str()),
        Some("+ 1 more")
    );
    assert!(
        view.dots.is_empty() && !view.dashes.is_empty(),
        "a thousand records a second are dashes"
    );
}

#[test]
fn records_travel_along_their_edges_in_constant_time() {
    let at = |part: f64| {
        laid_out(|input| {
            input.travels.retain(|travel| {
                matches!(travel.leg, Leg::Fetch { .. }) && travel.at.partition == 2
            });
            input.travels.truncate(1);
            let travel = &mut input.travels[0];
            travel.sent.0 = input.now.0 - (600_000.0 * part) as u64;
            travel.arrives.0 = travel.sent.0 + 600_000;
        })
    };
    let (start, end) = (at(0.0), at(0.999));
    assert_eq!((start.dots[0].x, start.dots[0].y), (547.5, 316.0));
    assert!(
        (end.dots[0].x - 644.0).abs() < 1.0 && (end.dots[0].y - 150.0).abs() < 1.5,
        "{:?}",
        end.dots
    );
    assert!(
        at(1.2).dots.is_empty(),
        "what has arrived is no longer under way"
    );
}

#[test]
fn where_nothing_may_travel_the_source_flashes() {
    let view = laid_out(|input| input.settings.still = true);
    assert!(view.dots.is_empty() && view.dashes.is_empty());
    assert!(view.producers[0].flash, "a record left 42 ms ago");
    assert!(
        view.groups[0].members[0].flash,
        "a record arrives in 180 ms"
    );
}

#[test]
fn the_filter_dims_and_removes_nothing() {
    let all = laid_out(|_| {});
    let some = laid_out(|input| input.settings.filter = "BAGPIPE".into());
    assert_eq!(all.lanes.len(), some.lanes.len());
    let dim: Vec<bool> = some.lanes.iter().map(|lane| lane.dim).collect();
    assert_eq!(dim, [true, true, true, false, false]);
    let by_key = laid_out(|input| input.settings.filter = "pacuvius".into());
    let lane = lane(&by_key, "secret_channel", 0);
    assert!(!lane.dim && lane.cells[0].dim && !lane.cells[2].dim);
}

#[test]
fn by_broker_every_replica_has_a_lane_and_followers_are_paler() {
    let view = laid_out(|input| {
        input.settings.arrangement = Arrangement::Brokers;
        input.settings.viewport = (780.0, 2000.0);
    });
    assert_eq!((view.frames.len(), view.lanes.len()), (3, 15));
    assert_eq!(view.lanes.iter().filter(|lane| !lane.follower).count(), 5);
    let behind = view
        .lanes
        .iter()
        .find(|lane| lane.label.contains("out of sync"))
        .expect("a follower behind");
    assert_eq!(
        (behind.broker, behind.cells.last().map(|cell| cell.offset)),
        (Some(3), Some(2))
    );
}

#[test]
fn the_phone_folds_all_topics_but_one_and_shows_groups_below() {
    let view = laid_out(|input| {
        input.settings.form = Form::Phone;
        input.settings.viewport = (390.0, 448.0);
    });
    assert_eq!(view.size, (390.0, 448.0));
    let folded: Vec<_> = view.heads.iter().map(|head| head.folded).collect();
    assert_eq!(folded, [Some(false), Some(true)]);
    assert_eq!(
        view.heads[1].note.as_deref(),
        Some("2 partitions · 20 msg/s")
    );
    assert_eq!(
        view.groups[1].sub.as_ref().map(|sub| sub.text.as_str()),
        Some("Replaying · 12 of 20")
    );
    assert_eq!(lane(&view, "secret_channel", 0).cells[0].rect.x, 103.0);
    let other = laid_out(|input| {
        input.settings.form = Form::Phone;
        input.settings.selection = Some(Selection::Topic("bagpipe_sales".into()));
    });
    assert_eq!(
        other
            .heads
            .iter()
            .map(|head| head.folded)
            .collect::<Vec<_>>(),
        [Some(true), Some(false)]
    );
}

#[test]
fn arrows_go_from_offset_to_offset_and_from_lane_to_lane() {
    let view = laid_out(|_| {});
    let record = |topic: &str, p: i32, offset: i64| Selection::Record(tp(topic, p), offset);
    let here = record("secret_channel", 0, 4);
    assert_eq!(first(&view, Some(&here)), Some(here.clone()));
    assert_eq!(
        go(&view, &here, Move::Right),
        Went::To(record("secret_channel", 0, 5))
    );
    assert_eq!(
        go(&view, &here, Move::Home),
        Went::To(record("secret_channel", 0, 0))
    );
    assert_eq!(
        go(&view, &here, Move::End),
        Went::To(record("secret_channel", 0, 10))
    );
    let down = record("secret_channel", 1, 0);
    assert_eq!(
        go(&view, &record("secret_channel", 0, 7), Move::Down),
        Went::To(down)
    );
    let oldest = record("bagpipe_sales", 0, 342);
    let scrolled = Went::Scroll {
        to: record("bagpipe_sales", 0, 341),
        edge: Some(351),
    };
    assert_eq!(go(&view, &oldest, Move::Left), scrolled);
    assert_eq!(group(&view, 'b'), Some(Selection::Group("audit".into())));
    assert_eq!(group(&view, 'z'), None);
}
