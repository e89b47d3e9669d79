//! The page: the only layer that knows Yew, the browser and its clock.

use yew::prelude::*;

/// Draws the whole page.
#[component]
pub fn Root() -> Html {
    html! { <main>{ "Kafka Playground" }</main> }
}

/// Puts the page into the document.
pub fn mount() {
    yew::Renderer::<Root>::new().render();
}
