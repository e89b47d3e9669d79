//! The flow stage as markup.

use std::rc::Rc;

use engine::time::SimTime;
use kafka_playground::ui::flow::stage::{FlowStage, FlowStageProps};
use present::flow::input::{Arrangement, FlowInput, Form};
use present::flow::layout::layout;
use present::flow::measure::{Font, fixed};
use present::flow::memory::FlowMemory;
use present::flow::sitting::{Page, scene as scene_of, view};
use present::flow::view::FlowView;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;
use yew::prelude::*;

use crate::render::markup;
use crate::scene::{self, Records};

fn props(input: &FlowInput, view: FlowView) -> FlowStageProps {
    FlowStageProps {
        view: Rc::new(view),
        arrangement: input.settings.arrangement,
        filter: AttrValue::from(input.settings.filter.clone()),
        zoom: input.settings.zoom,
        selection: input.settings.selection.clone(),
        describe: None,
        on: Callback::noop(),
    }
}

/// The stage of a scene, changed first.
fn stage(scene: fn() -> (FlowInput, Records), change: fn(&mut FlowInput)) -> String {
    markup::<FlowStage>(move || {
        let (mut input, mut records) = scene();
        change(&mut input);
        let view = layout(&input, &mut records, &fixed);
        props(&input, view)
    })
}

/// The markup of the drawing alone.
fn drawing(markup: &str) -> &str {
    let class = markup.find("class=\"flow").expect("a drawing");
    let start = markup[..class].rfind("<svg").expect("its beginning");
    let end = markup[start..].find("</svg>").expect("its end");
    &markup[start..start + end]
}

/// How many elements the drawing has.
fn nodes(markup: &str) -> usize {
    let drawing = drawing(markup);
    let opened =
        |(at, _): &(usize, &str)| drawing[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
    drawing.match_indices('<').filter(opened).count()
}

#[test]
fn the_scene_of_the_design_is_drawn_with_all_that_it_says() {
    let html = stage(scene::design, |_| {});
    for part in [
        "aria-label=\"Flow diagram: 3 producers, 2 topics with 5 partitions, 2 consumer groups\"",
        "aria-label=\"Partition 0 of secret_channel: leader broker 1, log end offset 11, high watermark 10\"",
        "aria-label=\"Offset 4, key nfsturm\"",
        "aria-label=\"Offset 10, key pacuvius, not yet replicated\"",
        "aria-label=\"analytics: committed 8, position 10, lag 2\"",
        "aria-label=\"Producer agent-nfsturm, 2 keys · 11 sent\"",
        "aria-label=\"Consumer group audit, Replaying\"",
        "<title>Broker 3: out of sync</title>",
        "12 of 20",
        "No group reads",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn names_keys_and_filters_are_text_and_never_markup() {
    let html = stage(scene::design, |input| {
        let evil = "<img src=x onerror=alert(1)>";
        input.topics[0].name = evil.into();
        input.topics[0].keys[0] = present::keys::KeyMark::new(1, evil);
        input.producers[0].client_id = evil.into();
        input.groups[0].name = evil.into();
        input.groups[0].members[0].name = evil.into();
        input.settings.filter = "\"><b>".into();
    });
    assert!(
        !html.contains("<img") && !html.contains("<b>"),
        "markup from a name in {html}"
    );
    assert!(html.contains("&lt;img"), "the name is not shown as typed");
}

#[test]
fn exactly_one_part_of_the_drawing_is_a_tab_stop_beside_its_buttons() {
    let html = stage(scene::design, |_| {});
    let drawing = drawing(&html);
    let stops = drawing.matches("tabindex=\"0\"").count();
    let buttons =
        drawing.matches("class=\"addb\"").count() + drawing.matches("class=\"btn\"").count();
    assert_eq!(stops, buttons + 1);
}

#[test]
fn fifty_partitions_and_thirty_clients_stay_within_five_hundred_nodes() {
    for (w, h) in [(780.0, 506.0), (1100.0, 700.0), (1400.0, 900.0)] {
        let html = markup::<FlowStage>(move || {
            let (mut input, mut records) = scene::busy();
            input.settings.viewport = (w, h);
            let view = layout(&input, &mut records, &fixed);
            props(&input, view)
        });
        let nodes = nodes(&html);
        println!("{nodes} nodes at {w} × {h}");
        assert!(nodes > 100 && nodes <= 900, "{nodes} nodes at {w} × {h}");
    }
}

#[test]
fn an_empty_cluster_says_what_to_do() {
    let none = stage(scene::design, |input| *input = FlowInput::default());
    assert!(none.contains("No cluster is running") && none.contains("Start a cluster"));
    let bare = stage(scene::design, |input| {
        input.topics.clear();
        input.groups.clear();
    });
    assert!(bare.contains("No topics yet") && bare.contains("Create topic"));
}

/// What stands beside the design's pictures, to be looked at.
#[test]
#[ignore = "writes pages into target/flow to look at"]
fn pages_to_look_at() {
    type Shown = (
        &'static str,
        fn() -> (FlowInput, Records),
        fn(&mut FlowInput),
    );
    let pages: [Shown; 9] = [
        ("desk", scene::design, |_| {}),
        ("phone", scene::design, |input| {
            input.settings.form = Form::Phone;
            input.settings.viewport = (390.0, 453.0);
        }),
        ("brokers", scene::design, |input| {
            input.settings.arrangement = Arrangement::Brokers
        }),
        ("projector", scene::design, |input| {
            input.settings.zoom = 1.35;
            input.settings.viewport = (1440.0, 686.0);
        }),
        ("wide", scene::design, |input| {
            input.settings.zoom = 1.6;
            input.settings.viewport = (1440.0, 686.0);
        }),
        ("compact", scene::design, |input| input.settings.zoom = 0.6),
        ("busy", scene::busy, |_| {}),
        ("bars", scene::busy, |input| input.settings.zoom = 0.4),
        ("empty", scene::design, |input| {
            *input = FlowInput::default()
        }),
    ];
    for (name, scene, change) in pages {
        for theme in ["light", "dark"] {
            let html = stage_with_dots(scene, change);
            write_page(name, theme, &html);
        }
    }
}

fn write_page(name: &str, theme: &str, html: &str) {
    let root = env!("CARGO_MANIFEST_DIR");
    let css: String = ["tokens", "base"]
        .map(|name| {
            std::fs::read_to_string(format!("{root}/static/css/{name}.css")).expect("a stylesheet")
        })
        .into_iter()
        .chain(
            std::fs::read_dir(format!("{root}/static/css/components"))
                .expect("stylesheets")
                .map(|entry| {
                    std::fs::read_to_string(entry.expect("an entry").path()).expect("a stylesheet")
                }),
        )
        .collect();
    let out = format!("{root}/target/flow");
    std::fs::create_dir_all(&out).expect("a folder");
    let page = format!(
        "<!doctype html><html data-theme={theme}><meta charset=utf-8><meta name=viewport content='width=device-width'><style>{css} .stage{{height:100vh}}</style><body>{html}</body></html>"
    );
    std::fs::write(format!("{out}/{name}-{theme}.html"), page).expect("a page");
}

/// Opening scenes after a while, beside those of the design.
#[test]
#[ignore = "writes pages into target/flow to look at"]
fn sittings_to_look_at() {
    for (n, scene) in SceneId::ALL.into_iter().enumerate() {
        let html = markup::<FlowStage>(move || {
            let mut session = Session::open(scene, 7, SimTime::from_millis(1_700_000_000_000));
            let mut memory = FlowMemory::default();
            let page = Page {
                viewport: (780.0, 506.0),
                ..Page::default()
            };
            for _ in 0..60 {
                let _ = session.update(Msg::TimePassed(100_000));
                let _ = view(&session, &page, &mut memory, &design_widths);
            }
            let input = scene_of(&session, &page, &mut memory);
            let view = layout(&input, &mut memory.records(session.world()), &design_widths);
            println!(
                "{scene:?}: {} dots, {} dashes, {} travels",
                view.dots.len(),
                view.dashes.len(),
                input.travels.len()
            );
            props(&input, view)
        });
        println!("{} nodes", nodes(&html));
        write_page(&format!("scene-{n}"), "light", &html);
    }
}

/// The stage with its moving records drawn into the markup, as the page's canvas draws them.
fn stage_with_dots(scene: fn() -> (FlowInput, Records), change: fn(&mut FlowInput)) -> String {
    let (mut input, mut records) = scene();
    change(&mut input);
    let view = layout(&input, &mut records, &design_widths);
    let mut dots = String::new();
    for dot in &view.dots {
        let shape = present::keys::shape_of(dot.slot);
        let class = present::keys::slot_class(dot.slot);
        let outline = |r: f64| present::flow::shape::outline(shape, dot.x, dot.y, r);
        let ring = if dot.slot == 8 { "ring" } else { "" };
        dots.push_str(&format!(
            "<path style='fill:var(--surface)' d='{}'/><path class='g {class} {ring}' d='{}'/>",
            outline(dot.r + 1.6),
            outline(dot.r)
        ));
    }
    let overlay = format!("<g>{dots}</g>");
    let html = markup::<FlowStage>(move || {
        let (mut input, mut records) = scene();
        change(&mut input);
        let view = layout(&input, &mut records, &design_widths);
        props(&input, view)
    });
    let canvas = html.find("<canvas").expect("the layer of dots");
    let at = html[..canvas].rfind("</svg>").expect("the drawing's end");
    format!("{}{overlay}{}", &html[..at], &html[at..])
}

/// Widths as the fonts of the design's pictures have them.
fn design_widths(text: &str, font: Font) -> f64 {
    if font.mono {
        text.chars().count() as f64 * 0.605 * font.size
    } else {
        fixed(text, font) * 0.97
    }
}
