//! Nothing but the keyboard.

use playground_journeys::{Look, Page, Screen, journey};
use thirtyfour::Key;

#[test]
fn from_the_first_tab_to_a_record_sent() {
    journey("keyboard", Look::on(Screen::Desktop), |page| {
        until_focused(page, "Send your own record", 20);
        page.key(Key::Enter);
        page.see_in("dialog", "Send a record");
        page.key(Key::Escape);
        page.wait_until("the dialog to close", || page.count("dialog[open]") == 0);
        page.wait_until("the focus back", || {
            page.focused() == "Send your own record"
        });
        page.key(Key::Enter);
        page.see_in("dialog", "Send a record");
        page.chord(&[Key::Control], Key::Enter.value());
        let mine = "[data-o][aria-label$=\"key you\"]";
        page.wait_until("the record in the diagram", || page.count(mine) == 1);
        in_the_diagram(page);
        in_the_terminal(page);
    });
}

#[test]
fn single_keys() {
    journey("keyboard-shortcuts", Look::on(Screen::Desktop), |page| {
        page.keys(" ");
        page.wait_until("pause", || page.count("[aria-label=Play]") > 0);
        page.keys("t");
        page.wait_until("the dark", || {
            page.attribute("html", "data-theme").as_deref() == Some("dark")
        });
        page.keys("[");
        page.wait_until("the rail", || page.count(".left.rail") == 1);
        page.keys("]");
        page.wait_until("no inspector", || page.count(".app.right-closed") == 1);
        page.keys("`");
        page.wait_until("no dock", || page.count(".app.dock-closed") == 1);
        page.keys("2");
        page.wait_until("records", || {
            page.text_of(".dock [role=tab][aria-selected=true]")
                .starts_with("Records")
        });
        page.keys("/");
        page.wait_until("the filter", || page.focused().starts_with("Filter"));
        page.keys("ennius");
        page.wait_until("dimmed cells", || page.count(".cell.dim") > 0);
        page.key(Key::Escape);
        page.key(Key::F6);
        page.keys("?");
        page.see_in("dialog", "Keyboard");
        page.wait_until("the help to stand", || {
            page.run("return document.getAnimations().length", vec![]) == 0
        });
    });
}

fn in_the_diagram(page: &Page) {
    let places =
        "[data-o][tabindex='0'],.node[tabindex='0'],.gtitle[tabindex='0'],.lane[tabindex='0']";
    until(page, 30, "the diagram's tab stop", || {
        let on = format!("return document.activeElement.matches({places:?})");
        page.run(&on, vec![]) == true
    });
    for key in [Key::Down, Key::End, Key::Left] {
        page.key(key);
    }
    page.wait_until("a record", || page.focused().starts_with("Offset"));
    let offset = page.focused();
    page.key(Key::Enter);
    page.wait_until(&format!("{offset} in the inspector"), || {
        page.count(".insp .kv") > 0 && page.count(".cell.sel") == 1
    });
}

fn in_the_terminal(page: &Page) {
    until(page, 40, "the terminal", || {
        page.count("textarea:focus") == 1
    });
    page.keys("help");
    page.key(Key::Enter);
    page.terminal_shows("kafka-topics");
    page.key(Key::Escape);
    page.wait_until("the terminal is left", || {
        page.focused().starts_with("Terminal 1") && page.count("textarea:focus") == 0
    });
    page.key(Key::Escape);
    page.wait_until("nothing selected", || page.count(".cell.sel") == 0);
}

fn until_focused(page: &Page, name: &str, presses: usize) {
    until(page, presses, name, || page.focused() == name);
}

fn until(page: &Page, presses: usize, what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..presses {
        if is_so() {
            return;
        }
        page.key(Key::Tab);
    }
    assert!(
        is_so(),
        "{presses} presses of Tab and not at {what}, but at {:?}",
        page.focused()
    );
}
