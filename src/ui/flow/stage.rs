//! The stage: toolbar, canvas, legend.

use std::rc::Rc;

use engine::ids::TopicPartition;
use present::flow::input::Arrangement;
use present::flow::view::FlowView;
use session::selection::Selection;
use yew::prelude::*;

use super::canvas::Canvas;
use super::intent::FlowIntent;
use super::legend::Legend;
use super::tip::Tip;
use super::toolbar::Toolbar;

/// Asks what to say about a record: key, value, time.
#[derive(Clone, PartialEq)]
pub struct Describe(pub Callback<(TopicPartition, i64), Option<Tip>>);

/// What the stage shows.
#[derive(Clone, PartialEq, Properties)]
pub struct FlowStageProps {
    /// The diagram, laid out.
    pub view: Rc<FlowView>,
    /// How the storage is arranged.
    #[prop_or_default]
    pub arrangement: Arrangement,
    /// The filter's text.
    #[prop_or_default]
    pub filter: AttrValue,
    /// 1 is 100 %.
    #[prop_or(1.0)]
    pub zoom: f64,
    /// What is selected on the page.
    #[prop_or_default]
    pub selection: Option<Selection>,
    /// What a cell's tooltip says; without it, what is read out.
    #[prop_or_default]
    pub describe: Option<Describe>,
    /// What the user wants.
    #[prop_or_default]
    pub on: Callback<FlowIntent>,
}

/// The stage: the flow diagram with its toolbar and legend.
#[component]
pub fn FlowStage(props: &FlowStageProps) -> Html {
    html! {
        <main class="stage" aria-label="Flow">
            <Toolbar arrangement={props.arrangement} filter={props.filter.clone()} zoom={props.zoom} on={&props.on} />
            <Canvas view={props.view.clone()} selection={props.selection.clone()} describe={props.describe.clone()} on={&props.on} />
            <Legend />
        </main>
    }
}
