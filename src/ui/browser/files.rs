//! Files that the page hands out, and text for the clipboard.

use gloo::file::{Blob, ObjectUrl};
use gloo::utils::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlAnchorElement;

/// Offers a text as a file to keep.
pub fn offer(name: &str, text: &str) {
    let blob = Blob::new_with_options(text, Some("application/json"));
    let url = ObjectUrl::from(blob);
    let Ok(element) = document().create_element("a") else {
        return;
    };
    let Ok(anchor) = element.dyn_into::<HtmlAnchorElement>() else {
        return;
    };
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // The browser reads the file after this turn; the address must live until then.
    gloo::timers::callback::Timeout::new(10_000, move || drop(url)).forget();
}

/// Puts text on the clipboard, and then says whether that worked.
pub fn copy(text: String, then: impl FnOnce(bool) + 'static) {
    spawn_local(async move {
        let written = window().navigator().clipboard().write_text(&text);
        then(JsFuture::from(written).await.is_ok());
    });
}
