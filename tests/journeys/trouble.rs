//! What the page shows when it cannot start.

use playground_journeys::{Look, Screen, journey};
use serde_json::json;

#[test]
fn a_program_that_does_not_load_is_said_on_the_page() {
    journey("trouble-not-loaded", Look::on(Screen::Desktop), |page| {
        page.expect_mistakes();
        page.devtools("Network.enable", json!({}));
        page.devtools("Network.setBlockedURLs", json!({"urls": ["*.wasm"]}));
        page.open_unready("?again");
        page.see("could not be loaded");
        page.devtools("Network.setBlockedURLs", json!({"urls": []}));
        page.press("Start afresh");
        page.wait_until("the page is drawn", || page.count(".skeleton") == 0);
    });
}

#[test]
fn without_webassembly_the_page_says_so() {
    journey("trouble-no-webassembly", Look::on(Screen::Phone), |page| {
        page.expect_mistakes();
        let remove = json!({"source": "delete window.WebAssembly"});
        page.devtools("Page.addScriptToEvaluateOnNewDocument", remove);
        page.open_unready("?again");
        page.see("could not start in this browser");
        page.see("no WebAssembly");
    });
}

#[test]
fn a_program_that_stops_is_said_on_the_page() {
    journey(
        "trouble-stopped",
        Look::on(Screen::Desktop).dark(),
        |page| {
            page.expect_mistakes();
            let trap = "const error = new WebAssembly.RuntimeError('unreachable');
            dispatchEvent(new ErrorEvent('error', { error }));";
            page.run(trap, vec![]);
            page.see("has stopped because of a mistake");
            page.see("unreachable");
        },
    );
}
