//! What the browser says about the line one types in, taken at once.
//!
//! A component hears its messages when there is time for them, which may be after the browser has done
//! what it does by itself: broken the line at Enter, gone on at Tab, forgotten what was on the clipboard.
//! So what is kept from the browser, and what the field holds, is settled here, while the event lasts.

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Event, HtmlTextAreaElement, KeyboardEvent};
use yew::TargetCast;

/// What stands around the line when a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// Completions are asked for or shown.
    pub completing: bool,
    /// One of them is the one that Enter takes.
    pub chosen: bool,
    /// A command is suggested for an empty line.
    pub suggested: bool,
}

/// What a key asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stroke {
    /// Enter: this line; the field is empty already.
    Line(String),
    /// Enter, on the candidate that is chosen.
    Candidate,
    /// Tab.
    Complete,
    /// An arrow: up, or down.
    Walk(bool),
    /// Escape, with completions open.
    Dismiss,
    /// Ctrl-C: this line is let go; the field is empty already.
    Interrupt(String),
    /// Ctrl-D on an empty line.
    End,
    /// Ctrl-L.
    Clear,
    /// Ctrl-U.
    EraseBefore,
}

/// Takes a key from the browser, if it means something here.
pub fn stroke(event: &KeyboardEvent, around: Around) -> Option<Stroke> {
    // While an input method composes, its keys are its own.
    if event.is_composing() || event.key_code() == 229 {
        return None;
    }
    let field: HtmlTextAreaElement = event.target_dyn_into()?;
    let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
    let stroke = match event.key().as_str() {
        "Enter" if !event.shift_key() && around.chosen => Stroke::Candidate,
        "Enter" if !event.shift_key() => Stroke::Line(emptied(&field)),
        // An empty line has nothing to complete: Tab goes on through the page.
        "Tab" if event.shift_key() || control => return None,
        "Tab" if field.value().is_empty() && !around.suggested => return None,
        "Tab" => Stroke::Complete,
        "ArrowUp" => Stroke::Walk(true),
        "ArrowDown" => Stroke::Walk(false),
        "Escape" if around.completing => Stroke::Dismiss,
        // Ctrl-C copies what is marked, and stops a command where nothing is.
        "c" if control && !something_is_marked(&field) => Stroke::Interrupt(emptied(&field)),
        "d" if control && field.value().is_empty() => Stroke::End,
        "l" if control => Stroke::Clear,
        "u" if control => Stroke::EraseBefore,
        _ => return None,
    };
    event.prevent_default();
    event.stop_propagation();
    Some(stroke)
}

/// The field's text and its cursor, in UTF-16 units, at the time of an event.
pub fn standing(event: &Event) -> Option<(String, u32)> {
    let field: HtmlTextAreaElement = event.target_dyn_into()?;
    let at = field.selection_end().ok().flatten().unwrap_or(0);
    let text = field.value();
    // Some keyboards on glass enter a line break without a key. The lines go out once: the field keeps the rest.
    if let Some((_, rest)) = text.rsplit_once('\n') {
        field.set_value(rest);
    }
    Some((text, at))
}

/// Whole lines that were pasted, with what stood before them, and the line that is left in the field.
/// A paste without a line break is left to the browser.
pub fn pasted(event: &Event) -> Option<(String, String)> {
    let field: HtmlTextAreaElement = event.target_dyn_into()?;
    let data = event.dyn_ref::<ClipboardEvent>()?.clipboard_data()?;
    let pasted = data.get_data("text/plain").ok()?.replace("\r\n", "\n");
    let (lines, rest) = pasted.rsplit_once('\n')?;
    event.prevent_default();
    let text = field.value();
    let at = |position: Option<u32>| byte_of(&text, position.unwrap_or(0));
    let from = at(field.selection_start().ok().flatten());
    let to = at(field.selection_end().ok().flatten());
    let before = text.get(..from).unwrap_or_default();
    let after = text.get(to..).unwrap_or_default();
    let (all, rest) = ([before, lines].concat(), [rest, after].concat());
    field.set_value(&rest);
    Some((all, rest))
}

/// The byte where a position in UTF-16 units lies.
pub fn byte_of(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

/// The position in UTF-16 units where a byte lies.
pub fn utf16(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// What stood in the field; what is typed next stands alone.
fn emptied(field: &HtmlTextAreaElement) -> String {
    let line = field.value();
    field.set_value("");
    line
}

fn something_is_marked(field: &HtmlTextAreaElement) -> bool {
    let in_field = field.selection_start().ok().flatten() != field.selection_end().ok().flatten();
    let selection = gloo::utils::window().get_selection().ok().flatten();
    in_field
        || selection
            .is_some_and(|it| !it.is_collapsed() && !String::from(it.to_string()).is_empty())
}

#[cfg(test)]
mod tests {
    use super::{byte_of, utf16};

    #[test]
    fn positions_in_both_ways_of_counting() {
        let text = "aé😀b";
        assert_eq!([0, 1, 2, 4, 5].map(|at| byte_of(text, at)), [0, 1, 3, 7, 8]);
        assert_eq!([0, 1, 3, 7, 8].map(|at| utf16(text, at)), [0, 1, 2, 4, 5]);
        assert_eq!((byte_of(text, 99), utf16(text, 99)), (8, 5));
    }
}
