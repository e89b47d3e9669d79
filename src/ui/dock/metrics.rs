//! Rates and lag over time, as small charts.

use std::rc::Rc;

use present::metrics::{Chart, HEIGHT, MetricsView, WIDTH};
use yew::prelude::*;

/// What the charts need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MetricsProps {
    /// What they show.
    pub view: Rc<MetricsView>,
}

/// Rates and lag over time.
#[component]
pub fn Metrics(props: &MetricsProps) -> Html {
    let view = &props.view;
    html! {
        <div class="charts">
            { for view.charts.iter().map(chart) }
            if view.more > 0 { <p class="none">{ format!("{} more groups", view.more) }</p> }
        </div>
    }
}

fn chart(chart: &Chart) -> Html {
    html! {
        <figure key={chart.title.clone()} class="chart" aria-label={chart.summary.clone()}>
            <figcaption><span title={chart.title.clone()}>{ &chart.title }</span><b>{ &chart.now }</b><i>{ chart.unit }</i></figcaption>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" aria-hidden="true">
                <path class="ch-base" d={format!("M0 {}H{WIDTH}", HEIGHT - 0.5)} />
                <path class="ch-area" d={chart.area.clone()} />
                <path class="ch-line" d={chart.line.clone()} />
            </svg>
            <div class="ch-ax"><span>{ &chart.span.0 }</span><span>{ format!("max {}", chart.most) }</span><span>{ &chart.span.1 }</span></div>
        </figure>
    }
}
