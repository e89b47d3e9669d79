//! Renders a component to a string.

use std::sync::mpsc;
use std::time::Duration;

use yew::LocalServerRenderer;
use yew::html::BaseComponent;
use yew::platform::Runtime;

/// The markup of a component; its properties are made where it is rendered.
pub fn markup<C>(properties: impl FnOnce() -> C::Properties + Send + 'static) -> String
where
    C: BaseComponent + 'static,
{
    let (send, receive) = mpsc::channel();
    Runtime::default().spawn_pinned(move || async move {
        let renderer = LocalServerRenderer::<C>::with_props(properties());
        let _ = send.send(renderer.hydratable(false).render().await);
    });
    receive
        .recv_timeout(Duration::from_secs(60))
        .expect("the component renders")
}
