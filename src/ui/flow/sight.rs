//! What the canvas needs to know of the page: its size, and what the pointer is over.

use engine::ids::TopicPartition;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::intent::FlowIntent;
use super::stage::Describe;
use super::tip::Tip;

/// A tooltip and its place.
pub type Shown = Option<(Tip, (f64, f64))>;

/// A tooltip is at most so wide, its margin included.
const TIP_WIDTH: f64 = 328.0;

/// Tells how large the canvas is, now and whenever that changes.
#[hook]
pub fn use_size(scroller: NodeRef, size: UseStateHandle<(f64, f64)>, on: Callback<FlowIntent>) {
    use_effect_with((), move |()| {
        let watch = scroller.cast::<HtmlElement>().and_then(|area| {
            let told = area.clone();
            let tell = move || {
                let now = (
                    f64::from(told.client_width()),
                    f64::from(told.client_height()),
                );
                size.set(now);
                on.emit(FlowIntent::Resize(now.0, now.1));
            };
            tell();
            let tell = Closure::<dyn FnMut()>::new(tell);
            let observer = ResizeObserver::new(tell.as_ref().unchecked_ref()).ok()?;
            observer.observe(&area);
            Some((observer, tell))
        });
        move || {
            if let Some((observer, _tell)) = watch {
                observer.disconnect();
            }
        }
    });
}

/// Listeners that show the tooltip of the cell under the pointer.
pub fn tips(
    describe: Option<Describe>,
    scroller: &NodeRef,
    tip: &UseStateHandle<Shown>,
) -> (Callback<PointerEvent>, Callback<PointerEvent>) {
    let over = {
        let (scroller, tip) = (scroller.clone(), tip.clone());
        Callback::from(move |event: PointerEvent| {
            let shown = cell_under(&event).and_then(|(cell, at, offset)| {
                let told = describe
                    .as_ref()
                    .and_then(|describe| describe.0.emit((at, offset)));
                let tip = told.or_else(|| {
                    cell.get_attribute("aria-label")
                        .map(|label| Tip { lines: vec![label] })
                })?;
                let area = scroller.cast::<Element>()?.get_bounding_client_rect();
                let cell = cell.get_bounding_client_rect();
                let left = (cell.left() - area.left()).min(area.width() - TIP_WIDTH);
                Some((tip, (left.max(0.0), cell.bottom() - area.top() + 6.0)))
            });
            if shown.is_some() || tip.is_some() {
                tip.set(shown);
            }
        })
    };
    let out = {
        let tip = tip.clone();
        Callback::from(move |_: PointerEvent| {
            if tip.is_some() {
                tip.set(None);
            }
        })
    };
    (over, out)
}

fn cell_under(event: &PointerEvent) -> Option<(Element, TopicPartition, i64)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let cell = target.closest("[data-o]").ok()??;
    let lane = cell.closest("[data-t]").ok()??;
    let at = TopicPartition::new(
        lane.get_attribute("data-t")?,
        lane.get_attribute("data-p")?.parse().ok()?,
    );
    let offset = cell.get_attribute("data-o")?.parse().ok()?;
    Some((cell, at, offset))
}
