//! What a person can do with the page, and what they can see.

use crate::browser::{Browser, from_xtask};
use crate::journey::Look;
use crate::script;
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};
use thirtyfour::{Key, WebElement, error::WebDriverResult};

/// How long a person waits for something to appear before they think it broken.
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(50);

/// The playground in a browser of its own.
///
/// Everything waits for what it needs, up to ten seconds, and panics with a sentence and the page's text
/// when that does not come.
pub struct Page {
    browser: Browser,
    forgiving: Cell<bool>,
}

impl Page {
    /// A browser that has not gone anywhere yet.
    pub fn in_new_browser(look: Look) -> Page {
        let browser = Browser::start(look).unwrap_or_else(|error| panic!("no browser: {error}"));
        Page {
            browser,
            forgiving: Cell::new(false),
        }
    }

    /// Opens the page and waits until the program has drawn it.
    pub fn open(&self) {
        self.open_at("");
    }

    /// Opens the page with something after its address, such as `#scene=busy`.
    pub fn open_at(&self, rest: &str) {
        self.open_unready(rest);
        self.wait_until("the page is drawn", || {
            self.run(script::DRAWN, vec![]) == json!(true)
        });
    }

    /// Opens the page without waiting for the program to start.
    pub fn open_unready(&self, rest: &str) {
        let address = from_xtask("PLAYGROUND_PAGE") + rest;
        self.browser
            .go(&address)
            .unwrap_or_else(|error| panic!("cannot open {address}: {error}"));
    }

    /// Loads the page anew, as with the browser's button.
    pub fn reload(&self) {
        self.done("reload", self.browser.reload());
        self.wait_until("the page is drawn", || {
            self.run(script::DRAWN, vec![]) == json!(true)
        });
    }

    /// Presses the button, link, tab or menu entry with this name (its label or visible text).
    pub fn press(&self, name: &str) {
        self.press_in("body", name);
    }

    /// The same within the first element that a CSS selector finds.
    pub fn press_in(&self, region: &str, name: &str) {
        self.wait_for(&format!("a click on {name:?} in {region}"), || {
            self.click_found(script::CONTROL, vec![json!(region), json!(name)])
        });
    }

    /// Clicks the first element that a CSS selector finds, such as a record in the diagram.
    pub fn click(&self, selector: &str) {
        self.wait_for(&format!("a click on {selector}"), || {
            self.click_found(script::FIRST, vec![json!(selector)])
        });
    }

    /// Replaces what stands in the form field with this label.
    pub fn fill(&self, label: &str, text: &str) {
        let field = self.field(label);
        self.done(label, self.browser.click(&field));
        self.run(script::SELECT_ALL, vec![]);
        let text = if text.is_empty() {
            Key::Delete.value().to_string()
        } else {
            text.to_owned()
        };
        self.done(label, self.browser.type_into(&field, &text));
    }

    /// Chooses an entry of the drop-down list with this label.
    pub fn choose(&self, label: &str, entry: &str) {
        self.field(label);
        self.wait_until(&format!("{entry:?} in the list {label:?}"), || {
            self.run(script::CHOOSE, vec![json!(label), json!(entry)]) == json!(true)
        });
    }

    /// What stands in the form field with this label.
    pub fn value_of(&self, label: &str) -> String {
        let field = self.field(label);
        let element = field.to_json().unwrap_or_default();
        text(&self.run("return arguments[0].value", vec![element]))
    }

    /// Types one line into the terminal in front, and Enter.
    pub fn type_in_terminal(&self, line: &str) {
        let input = self.terminal();
        self.done(
            "typing",
            self.browser
                .type_into(&input, &format!("{line}{}", Key::Enter.value())),
        );
    }

    /// Pastes text into the terminal in front, all at once.
    pub fn paste_in_terminal(&self, pasted: &str) {
        let element = self.terminal().to_json().unwrap_or_default();
        self.run(script::PASTE, vec![element, json!(pasted)]);
    }

    /// Holds Ctrl and presses a letter in the terminal in front.
    pub fn ctrl_in_terminal(&self, letter: char) {
        self.terminal();
        self.chord(&[Key::Control], letter);
    }

    /// Everything that the terminal in front shows.
    pub fn terminal_text(&self) -> String {
        text(&self.run(script::TERMINAL_TEXT, vec![]))
    }

    /// Waits until the terminal in front shows this text.
    pub fn terminal_shows(&self, wanted: &str) {
        self.wait_until(&format!("{wanted:?} in the terminal"), || {
            self.terminal_text().contains(wanted)
        });
    }

    /// Presses keys wherever the focus is.
    pub fn keys(&self, keys: &str) {
        self.done("keys", self.browser.type_keys(keys));
    }

    /// Presses one key that has no character, such as Escape.
    pub fn key(&self, key: Key) {
        self.keys(&key.value().to_string());
    }

    /// Presses one key while others are held.
    pub fn chord(&self, held: &[Key], key: char) {
        let held: Vec<char> = held.iter().map(Key::value).collect();
        self.done("keys", self.browser.chord(&held, key));
    }

    /// What has the focus: its label or visible text, or its element's name.
    pub fn focused(&self) -> String {
        text(&self.run(script::FOCUSED, vec![]))
    }

    /// Everything visible on the page as text.
    pub fn text(&self) -> String {
        text(&self.run("return document.body.innerText", vec![]))
    }

    /// The visible text of the first element that a CSS selector finds; empty without one.
    pub fn text_of(&self, selector: &str) -> String {
        text(&self.run(script::TEXT_OF, vec![json!(selector)]))
    }

    /// An attribute of the first element that a CSS selector finds.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let found = self.run(script::ATTRIBUTE, vec![json!(selector), json!(name)]);
        found.as_str().map(str::to_owned)
    }

    /// How many elements a CSS selector finds.
    pub fn count(&self, selector: &str) -> usize {
        let found = self.run(
            "return document.querySelectorAll(arguments[0]).length",
            vec![json!(selector)],
        );
        found
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(0)
    }

    /// Waits until the page shows this text.
    pub fn see(&self, wanted: &str) {
        self.see_in("body", wanted);
    }

    /// Waits until the first element that a CSS selector finds shows this text.
    pub fn see_in(&self, selector: &str, wanted: &str) {
        self.wait_until(&format!("{wanted:?} in {selector}"), || {
            self.text_of(selector).contains(wanted)
        });
    }

    /// Waits until the page shows this text no longer.
    pub fn see_gone(&self, unwanted: &str) {
        self.wait_until(&format!("{unwanted:?} to go"), || {
            !self.text().contains(unwanted)
        });
    }

    /// Waits until something is so; `what` says what, for the sentence when it does not become so.
    pub fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        self.wait_for(what, || Ok(is_so().then_some(())));
    }

    /// Lets time pass, where a person would watch.
    pub fn watch(&self, time: Duration) {
        self.browser.wait(time);
    }

    /// Runs a script in the page (`arguments` holds `args`) and returns what it returns.
    pub fn run(&self, script: &str, args: Vec<Value>) -> Value {
        self.browser
            .run(script, args)
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Sends a command of Chromium's own protocol.
    pub fn devtools(&self, method: &str, params: Value) -> Value {
        self.browser
            .devtools(method, params)
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Takes a picture of what the window shows, into `target/screenshots/NAME.png`.
    pub fn screenshot(&self, name: &str) {
        self.done("the picture", self.take_picture(name));
    }

    /// From here on mistakes in the console are part of the journey.
    pub fn expect_mistakes(&self) {
        self.forgiving.set(true);
    }

    /// What went wrong in the console since the last look, unless that is part of the journey.
    pub fn mistakes(&self) -> Vec<String> {
        let mistakes = self
            .browser
            .mistakes()
            .unwrap_or_else(|error| vec![error.to_string()]);
        if self.forgiving.get() {
            Vec::new()
        } else {
            mistakes
        }
    }

    /// Closes the browser.
    pub fn leave(self) {
        // A browser that is gone already is as good.
        let _ = self.browser.quit();
    }

    /// Leaves a picture and the console's mistakes behind, then closes the browser.
    pub fn leave_failed(self, name: &str) {
        let _ = self.take_picture(&format!("{name}-failed"));
        for mistake in self.browser.mistakes().unwrap_or_default() {
            eprintln!("console: {mistake}");
        }
        self.leave();
    }

    fn take_picture(&self, name: &str) -> WebDriverResult<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        std::fs::create_dir_all(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        self.browser.picture(&folder.join(format!("{name}.png")))
    }

    fn field(&self, label: &str) -> WebElement {
        self.wait_for(&format!("a form field labelled {label:?}"), || {
            self.browser.find(script::FIELD, vec![json!(label)])
        })
    }

    /// The terminal's input with the focus in it.
    fn terminal(&self) -> WebElement {
        self.wait_for("a terminal to type in", || {
            self.browser.find(script::TERMINAL_INPUT, vec![])
        })
    }

    fn click_found(&self, script: &str, args: Vec<Value>) -> WebDriverResult<Option<()>> {
        let found = self.browser.find(script, args)?;
        found
            .map(|element| self.browser.click(&element))
            .transpose()
    }

    fn wait_for<T>(&self, what: &str, look: impl Fn() -> WebDriverResult<Option<T>>) -> T {
        let started = Instant::now();
        loop {
            let seen = look();
            if let Ok(Some(found)) = seen {
                return found;
            }
            if started.elapsed() > PATIENCE {
                let why = seen
                    .err()
                    .map(|error| format!(" ({error})"))
                    .unwrap_or_default();
                let seconds = PATIENCE.as_secs();
                panic!(
                    "waited {seconds} s for {what}{why}; the page shows:\n{}",
                    self.text()
                );
            }
            self.browser.wait(GLANCE);
        }
    }

    fn done(&self, what: &str, outcome: WebDriverResult<()>) {
        outcome.unwrap_or_else(|error| {
            panic!(
                "{what} did not work: {error}\nthe page shows:\n{}",
                self.text()
            )
        });
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
