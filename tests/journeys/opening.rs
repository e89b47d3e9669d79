//! The opening: what the page does by itself, on every screen, before anything is done.

use playground_journeys::{Look, Page, Screen, journey};
use serde_json::json;
use std::time::Duration;

/// How the opening is watched: every screen, light and dark.
const LOOKS: [(&str, Look); 4] = [
    ("desktop", Look::on(Screen::Desktop)),
    ("tablet", Look::on(Screen::Tablet).dark()),
    ("phone", Look::on(Screen::Phone)),
    ("projector", Look::on(Screen::Projector).still()),
];

/// The page's frames come with thirty times the time between them: what Kafka does every few minutes comes too.
const HURRY: &str = "
    const own = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (then) => own((now) => then(now * 30));";

/// Names of the functions that ran, in a program that was built to tell.
const RAN: &str = "
    const ran = [];
    for (const name in counted) if (name.startsWith('ran-') && counted[name].value) ran.push(name.slice(4));
    return ran.join(',');";

/// Not a check: `cargo xtask opening` runs it and reads its lines.
#[test]
#[ignore = "watched by cargo xtask opening"]
fn what_runs() {
    for (name, look) in LOOKS {
        journey(&format!("opening-{name}"), look, |page| {
            for hurry in [false, true] {
                look_on(page, hurry);
                let ran = page.run(RAN, vec![]);
                println!("ran\t{}", ran.as_str().expect("numbers in a row"));
            }
        });
    }
}

/// What a visit loads before anything is done.
const LOADED: &str = "
    const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
    return loaded.filter((name) => name.includes('/later-')).length;";

/// How often the program needed the later part and did not have it.
const MISSED: &str = "return performance.getEntriesByName('later part missed').length";

#[test]
fn runs_without_the_later_part() {
    for (name, look) in [LOOKS[0], LOOKS[2]] {
        journey(&format!("opening-alone-{name}"), look, |page| {
            look_on(page, true);
            assert_eq!(page.run(MISSED, vec![]), 0, "run cargo xtask opening");
            assert_eq!(page.run(LOADED, vec![]), 0, "the later part is loaded");
        });
    }
}

#[test]
fn the_first_thing_done_brings_the_later_part() {
    journey("opening-first-thing", Look::on(Screen::Desktop), |page| {
        page.press("Send your own record");
        page.wait_until("the composer", || page.count("dialog[open]") == 1);
        assert_eq!(page.run(LOADED, vec![]), 1);
        assert_eq!(page.run(MISSED, vec![]), 0, "the program had to wait");
    });
}

#[test]
fn what_is_typed_on_a_slow_line_is_not_lost() {
    journey("opening-slow-line", Look::on(Screen::Desktop), |page| {
        page.devtools("Network.enable", json!({}));
        let slow = json!({
            "offline": false, "latency": 3000, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        page.devtools("Network.emulateNetworkConditions", slow);
        page.click(".t-in textarea");
        page.type_in_terminal("echo held && ls");
        page.see("What you do is not lost.");
        page.screenshot("opening-slow-line-waits");
        page.terminal_shows("docker-compose.yml");
        page.terminal_shows("echo held && ls");
        page.see_gone("What you do is not lost.");
        assert_eq!(page.run(MISSED, vec![]), 0, "the program had to wait");
    });
}

/// Whether programs cannot be loaded; the browser takes a moment to do as it is told.
const BLOCKED: &str = "
    try {
        const request = new XMLHttpRequest();
        request.open('GET', 'probe.wasm', false);
        request.send();
        return false;
    } catch {
        return true;
    }";

#[test]
fn what_cannot_be_loaded_is_said_and_tried_again() {
    journey("opening-not-loaded", Look::on(Screen::Desktop), |page| {
        page.expect_mistakes();
        page.devtools("Network.enable", json!({}));
        page.devtools("Network.setBlockedURLs", json!({"urls": ["*.wasm"]}));
        page.wait_until("blocked programs", || page.run(BLOCKED, vec![]) == true);
        page.press("Send your own record");
        page.see("has not been done yet");
        assert_eq!(page.count("dialog[open]"), 0);
        page.devtools("Network.setBlockedURLs", json!({"urls": []}));
        page.wait_until("open ways", || page.run(BLOCKED, vec![]) == false);
        page.press("Try again");
        page.wait_until("the composer", || page.count("dialog[open]") == 1);
        page.see_gone("has not been done yet");
    });
}

/// Opens the page and looks on, the pointer moving over everything now and then.
fn look_on(page: &Page, hurry: bool) {
    if hurry {
        page.devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": HURRY}),
        );
    }
    page.reload();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_secs(6));
        sweep(page);
    }
}

/// Moves the pointer over the window, line by line.
fn sweep(page: &Page) {
    let size = page.run("return [innerWidth, innerHeight]", vec![]);
    let side = |at: usize| size[at].as_i64().unwrap_or_default();
    for row in 1..9 {
        for column in 1..14 {
            let (x, y) = (side(0) * column / 14, side(1) * row / 9);
            let moved = json!({"type": "mouseMoved", "x": x, "y": y});
            page.devtools("Input.dispatchMouseEvent", moved);
        }
    }
}
