//! What nobody should type, and what comes of it.

use crate::steps::{at_prompt, at_speed, go_to_terminal};
use playground_journeys::{Look, Page, Screen, journey};

const MARKUP: &str = "<img src=x onerror=alert(1)>";

#[test]
fn markup_is_text() {
    journey("bad-input-markup", Look::on(Screen::Desktop), |page| {
        page.press("Send your own record");
        page.fill("Key", MARKUP);
        page.fill("Value", MARKUP);
        page.press_in("dialog", "Send");
        let mine = "[data-o][aria-label*=\"<img\"]";
        page.wait_until("the record in the diagram", || page.count(mine) == 1);
        page.click(mine);
        page.see_in(".insp", MARKUP);
        page.type_in_terminal(&format!("echo '{MARKUP}'"));
        page.terminal_shows(&format!("\n{MARKUP}"));
        page.type_in_terminal(&format!(
            "kafka-topics --create --topic '{MARKUP}' --bootstrap-server localhost:8098"
        ));
        page.terminal_shows("Topic name is invalid");
        assert_eq!(page.count("img"), 0, "markup became an element");
    });
}

#[test]
fn wrong_commands_get_a_sentence() {
    journey("bad-input-commands", Look::on(Screen::Desktop), |page| {
        at_speed(page, "4×");
        page.type_in_terminal("kafka-topic --list");
        page.terminal_shows("did you mean kafka-topics?");
        page.type_in_terminal("echo 'never closed");
        page.type_in_terminal("closed'");
        page.terminal_shows("never closed");
        page.type_in_terminal("kafka-topics --create --topic far-too-many --partitions 100000 --bootstrap-server localhost:8098");
        page.terminal_shows("Error while executing topic command");
        still_answers(page, "after too many partitions");
    });
}

#[test]
fn five_megabytes_on_one_line() {
    journey("bad-input-long-line", Look::on(Screen::Desktop), |page| {
        page.paste_in_terminal(&format!("echo {}", "x".repeat(5_000_000)));
        page.key(thirtyfour::Key::Enter);
        still_answers(page, "after a long line");
    });
}

#[test]
fn ten_thousand_lines_at_once() {
    journey("bad-input-many-lines", Look::on(Screen::Desktop), |page| {
        let lines: String = (0..10_000)
            .map(|number| format!("echo line {number}\n"))
            .collect();
        page.paste_in_terminal(&lines);
        page.terminal_shows("\nline 9999");
        still_answers(page, "after many lines");
    });
}

#[test]
fn a_million_records_by_a_pipe() {
    journey("bad-input-million", Look::on(Screen::Desktop), |page| {
        page.type_in_terminal("seq 1000000 | kafka-console-producer --bootstrap-server localhost:8098 --topic secret_channel");
        page.wait_until("it runs", || page.count(".pane .pt .dotw") == 1);
        page.press("New terminal");
        go_to_terminal(page, 2);
        still_answers(page, "while a million records come");
        page.press("Pause");
        page.wait_until("pause", || page.count("[aria-label=Play]") > 0);
        page.press("Play");
        go_to_terminal(page, 1);
        page.ctrl_in_terminal('c');
        at_prompt(page, 1);
        still_answers(page, "and when they are stopped");
    });
}

fn still_answers(page: &Page, when: &str) {
    page.type_in_terminal(&format!("echo answers {when}"));
    page.terminal_shows(&format!("\nanswers {when}"));
}
