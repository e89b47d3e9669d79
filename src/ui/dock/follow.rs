//! A list that follows its end until one scrolls back, and then holds what one looks at.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::prelude::*;

/// This close to the end counts as the end, in CSS pixels.
const AT_END: i32 = 8;
/// Older parts are asked for this far before the beginning, in CSS pixels.
const AT_BEGINNING: i32 = 120;

/// What a list needs.
#[derive(Clone, PartialEq, Properties)]
pub struct FollowProps {
    /// Its class.
    pub class: Classes,
    /// Its role.
    #[prop_or_default]
    pub role: Option<AttrValue>,
    /// Its name.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// What is in it: the list looks after its place when this changes.
    pub stamp: AttrValue,
    /// Whether the end stays in sight.
    pub follows: bool,
    /// One has scrolled back from the end.
    pub on_hold: Callback<()>,
    /// One is near the beginning.
    pub on_older: Callback<()>,
    /// One is at the end of a list that does not follow.
    pub on_newer: Callback<()>,
    /// A key was pressed in it.
    #[prop_or_else(Callback::noop)]
    pub onkeydown: Callback<KeyboardEvent>,
    /// It was clicked.
    #[prop_or_else(Callback::noop)]
    pub onclick: Callback<MouseEvent>,
    /// Its rows; those that one can stand at have `data-k`, a name of their own.
    pub children: Html,
}

/// The row at the upper edge, and how far it is from there.
type Anchor = Option<(String, i32)>;

/// A list that follows its end until one scrolls back.
#[component]
pub fn Follow(props: &FollowProps) -> Html {
    let list = use_node_ref();
    let anchor = use_mut_ref(|| Anchor::None);
    {
        let (list, anchor) = (list.clone(), anchor.clone());
        use_effect_with((props.stamp.clone(), props.follows), move |(_, follows)| {
            let Some(list) = list.cast::<Element>() else {
                return;
            };
            if *follows {
                list.set_scroll_top(list.scroll_height());
            } else if let Some((key, distance)) = anchor.borrow_mut().take() {
                keep(&list, &key, distance);
            }
        });
    }
    let shape = use_mut_ref(|| (0, 0));
    let follows = use_mut_ref(|| props.follows);
    *follows.borrow_mut() = props.follows;
    {
        let (list, shape) = (list.clone(), shape.clone());
        use_effect_with((), move |()| {
            let watch = list.cast::<Element>().and_then(|list| {
                let reshaped = move |list: &Element| {
                    *shape.borrow_mut() = shape_of(list);
                    if *follows.borrow() {
                        list.set_scroll_top(list.scroll_height());
                    }
                };
                keep_shape(list, reshaped)
            });
            move || drop(watch)
        });
    }
    let onscroll = {
        let (list, props) = (list.clone(), props.clone());
        Callback::from(move |_: Event| {
            let Some(list) = list.cast::<Element>() else {
                return;
            };
            // A list that was given another shape scrolls by itself, which is nobody's wish to stay.
            if *shape.borrow() != shape_of(&list) {
                return;
            }
            let left = list.scroll_height() - list.scroll_top() - list.client_height();
            let at_end = left < AT_END;
            *anchor.borrow_mut() = first_in_sight(&list);
            if props.follows {
                if !at_end {
                    props.on_hold.emit(());
                }
            } else if at_end {
                props.on_newer.emit(());
            } else if list.scroll_top() < AT_BEGINNING {
                props.on_older.emit(());
            }
        })
    };
    html! {
        <div ref={list} class={props.class.clone()} role={props.role.clone()} aria-label={props.label.clone()}
            {onscroll} onkeydown={&props.onkeydown} onclick={&props.onclick}>
            { props.children.clone() }
        </div>
    }
}

fn shape_of(list: &Element) -> (i32, i32) {
    (list.client_width(), list.client_height())
}

/// Watches the shape of a list for as long as this is kept.
struct ShapeWatch {
    observer: ResizeObserver,
    _told: Closure<dyn FnMut()>,
}

impl Drop for ShapeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn keep_shape(list: Element, reshaped: impl Fn(&Element) + 'static) -> Option<ShapeWatch> {
    let watched = list.clone();
    let told = Closure::<dyn FnMut()>::new(move || reshaped(&list));
    let observer = ResizeObserver::new(told.as_ref().unchecked_ref()).ok()?;
    observer.observe(&watched);
    Some(ShapeWatch {
        observer,
        _told: told,
    })
}

/// Every row that has a name, from the first on.
fn rows(list: &Element) -> impl Iterator<Item = HtmlElement> {
    let first = list.query_selector("[data-k]").ok().flatten();
    let all = std::iter::successors(first, Element::next_element_sibling);
    all.filter_map(|element| element.dyn_into::<HtmlElement>().ok())
}

fn first_in_sight(list: &Element) -> Anchor {
    let top = list.scroll_top();
    let row = rows(list).find(|row| row.offset_top() + row.offset_height() > top)?;
    Some((row.get_attribute("data-k")?, row.offset_top() - top))
}

fn keep(list: &Element, key: &str, distance: i32) {
    let row = rows(list).find(|row| row.get_attribute("data-k").as_deref() == Some(key));
    if let Some(row) = row {
        list.set_scroll_top(row.offset_top() - distance);
    }
}
