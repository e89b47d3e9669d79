//! The flow stage in a real browser: what the page's own machinery does with it.

use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use kafka_playground::ui::flow::stage::{FlowStage, FlowStageProps};
use present::flow::input::{CellIn, FlowInput};
use present::flow::layout::layout;
use present::flow::measure::fixed;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use crate::scene::{Records, design, key, tp};

fn props(input: &FlowInput, records: &mut Records) -> FlowStageProps {
    FlowStageProps {
        view: Rc::new(layout(input, records, &fixed)),
        arrangement: input.settings.arrangement,
        filter: AttrValue::default(),
        zoom: 1.0,
        selection: input.settings.selection.clone(),
        describe: None,
        on: Callback::noop(),
    }
}

fn host() -> Element {
    let host = gloo::utils::document()
        .create_element("div")
        .expect("an element");
    host.set_attribute("style", "width:780px;height:576px")
        .expect("a size");
    gloo::utils::body()
        .append_child(&host)
        .expect("room in the body");
    host
}

#[wasm_bindgen_test]
async fn a_cell_keeps_its_element_when_a_record_is_appended() {
    let (mut input, mut records) = design();
    let host = host();
    let root =
        yew::Renderer::<FlowStage>::with_root_and_props(host.clone(), props(&input, &mut records));
    let mut page = root.render();
    TimeoutFuture::new(20).await;
    let cell = "[data-t='bagpipe_sales'][data-p='0'] [data-o='350']";
    let before = host
        .query_selector(cell)
        .expect("a selector")
        .expect("offset 350");

    let at = tp("bagpipe_sales", 0);
    let stored = records.0.get_mut(&at).expect("records");
    stored.push(CellIn {
        offset: 352,
        key: key("oban"),
        preview: String::new(),
    });
    let partition = &mut input.topics[1].partitions[0];
    (partition.log_end, partition.high_watermark) = (353, 353);
    page.update(props(&input, &mut records));
    TimeoutFuture::new(20).await;

    let after = host
        .query_selector(cell)
        .expect("a selector")
        .expect("offset 350, one cell further left");
    assert!(
        before.is_same_node(Some(&after)),
        "the cell was made anew, so it cannot slide"
    );
    assert_ne!(before.get_attribute("style"), None);
    page.destroy();
}

#[wasm_bindgen_test]
async fn records_under_way_are_on_the_canvas() {
    let (input, mut records) = design();
    let host = host();
    let root =
        yew::Renderer::<FlowStage>::with_root_and_props(host.clone(), props(&input, &mut records));
    let page = root.render();
    TimeoutFuture::new(100).await;
    let layer = host
        .query_selector("canvas.dots")
        .expect("a selector")
        .expect("the layer of dots");
    let layer: HtmlCanvasElement = layer.dyn_into().expect("a canvas");
    assert!(
        layer.width() > 0 && layer.height() > 0,
        "the layer has no size"
    );
    page.destroy();
}
