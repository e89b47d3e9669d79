//! A record's value.

use std::rc::Rc;

use present::inspector::value::{JsonLine, Token, TokenKind, ValueBody, ValueView};
use present::words;
use yew::prelude::*;

use crate::ui::copy::CopyButton;
use crate::ui::dock::hex::Hex;

/// Characters of text, or lines of JSON, shown at first.
const TEXT: usize = 4_096;
/// Lines of JSON shown at first.
const LINES: usize = 200;
/// So many times more with each wish for more.
const GROWTH: usize = 8;

/// What the value needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ValueProps {
    /// What it shows.
    pub view: Rc<ValueView>,
}

/// A record's value.
#[component]
pub fn ValueSection(props: &ValueProps) -> Html {
    let wishes = use_state(|| 0_u32);
    let view = &props.view;
    let more = {
        let wishes = wishes.clone();
        Callback::from(move |_: MouseEvent| wishes.set(*wishes + 1))
    };
    let growth = GROWTH.saturating_pow(*wishes);
    html! {
        <div class="sec">
            <div class="sh"><h3>{ "Value" }</h3><span class="meta">{ &view.meta }</span><span class="fx" />
                if !view.copy.is_empty() { <CopyButton text={view.copy.to_string()} label="Copy value" /> }
            </div>
            { body(&view.body, growth, &more) }
            if let Some(note) = &view.note { <p class="note">{ note }</p> }
        </div>
    }
}

fn body(body: &ValueBody, growth: usize, more: &Callback<MouseEvent>) -> Html {
    match body {
        ValueBody::Null | ValueBody::Empty => Html::default(),
        ValueBody::Json(lines) => {
            let shown = LINES.saturating_mul(growth);
            let left = lines.len().saturating_sub(shown);
            html! { <>
                <pre class="json">{ for lines.iter().take(shown).map(line) }</pre>
                { show_more(left, "lines", more) }
            </> }
        }
        ValueBody::Text(text) => {
            let shown = TEXT.saturating_mul(growth);
            let end = text
                .char_indices()
                .nth(shown)
                .map_or(text.len(), |(at, _)| at);
            let left = text.len().saturating_sub(end);
            let text: String = text.chars().take(shown).map(shown_in_text).collect();
            html! { <>
                <pre class="json">{ text }</pre>
                { show_more(left, "bytes", more) }
            </> }
        }
        ValueBody::Hex(bytes) => html! { <Hex frame={bytes.clone()} /> },
    }
}

/// Line breaks and tabs stay; other control characters show as their pictures.
fn shown_in_text(c: char) -> char {
    if matches!(c, '\n' | '\t') {
        c
    } else {
        words::visible(c)
    }
}

fn show_more(left: usize, what: &str, more: &Callback<MouseEvent>) -> Html {
    if left == 0 {
        return Html::default();
    }
    html! {
        <p class="note">{ format!("{left} more {what} ") }<button class="btn sm" onclick={more}>{ "Show more" }</button></p>
    }
}

fn line(line: &JsonLine) -> Html {
    // Wrapped text stays within its depth, and the names of fields stand out to the left of it.
    let indent = format!("padding-left: {}ch", line.depth * 2);
    html! { <span style={indent}>{ for line.tokens.iter().map(token) }</span> }
}

fn token(token: &Token) -> Html {
    let text = &token.text;
    match token.kind {
        TokenKind::Mark => html! { { text } },
        TokenKind::Key => html! { <b>{ text }</b> },
        TokenKind::Text => html! { <s>{ text }</s> },
        TokenKind::Number => html! { <i>{ text }</i> },
    }
}
