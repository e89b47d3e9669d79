//! What several journeys do on the way.

use playground_journeys::Page;
use serde_json::json;

/// Whether the walkthrough's step `arguments[0]` is marked as done.
const STEP_DONE: &str = "
const titled = (step) => step.querySelector('.step-title').textContent === arguments[0];
const step = [...document.querySelectorAll('.step')].find(titled);
return step?.querySelector('.step-mark .vh').textContent.trim() === 'Done';";

/// Waits until the walkthrough has a step marked as done.
pub fn step_is_done(page: &Page, title: &str) {
    page.wait_until(&format!("step {title:?} to be done"), || {
        page.run(STEP_DONE, vec![json!(title)]) == json!(true)
    });
}

/// Opens a scene from the menu.
pub fn open_scene(page: &Page, title: &str) {
    page.press("Scene");
    page.press_in("[role=menu]", title);
    page.see_in("button.scene", title);
}

/// Lets time run at another speed.
pub fn at_speed(page: &Page, speed: &str) {
    page.press_in(".transport", "Speed");
    page.press_in("[role=menu]", speed);
    page.see_in(".transport .spd", speed);
}

/// Goes to the dock's tab with this place in the row, counted from 1.
pub fn dock_tab(page: &Page, number: usize) {
    page.click(&format!(".dock > .tabs [role=tab]:nth-child({number})"));
}

/// Goes to a terminal: into its line where it is in view, else by its tab.
pub fn go_to_terminal(page: &Page, number: usize) {
    let line = format!("#terminal-input-{number}");
    if page.count(&line) == 0 {
        dock_tab(page, number);
    }
    page.click(&line);
}

/// Waits until no command runs in a terminal that is in view.
pub fn at_prompt(page: &Page, terminal: usize) {
    let running = format!(".pane:has(#terminal-input-{terminal}) .pt .dotw");
    page.wait_until("the prompt", || page.count(&running) == 0);
}

/// The simulated time that the clock shows, in milliseconds.
pub fn clock_millis(page: &Page) -> u64 {
    let shown = page
        .text_of(".clock-digits")
        .replace(char::is_whitespace, "");
    let (minutes, seconds) = shown.rsplit_once(':').expect("a clock");
    let minutes: u64 = minutes.split(':').fold(0, |sum, part| {
        sum * 60 + part.parse::<u64>().expect("minutes")
    });
    let (seconds, millis) = seconds.split_once('.').expect("milliseconds");
    let number = |text: &str| text.parse::<u64>().expect("a number");
    minutes * 60_000 + number(seconds) * 1_000 + number(millis)
}

/// The selector of a record in the diagram.
pub fn cell(topic: &str, partition: i32, offset: i64) -> String {
    format!("[data-t=\"{topic}\"][data-p=\"{partition}\"] [data-o=\"{offset}\"]")
}
