//! The line one types in: a real text field, drawn as a terminal's line with a block for the cursor.

use std::rc::Rc;

use present::terminal::{CompletionView, TerminalView, common_start, completed};
use session::dock::{DockLook, Typed};
use session::msg::{Look, Msg};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::ui::dock::terminal_events::{self, Around, Stroke, byte_of, utf16};

/// A line longer than this is shown by the field itself: nobody looks for a block in it.
const DRAWN: usize = 8_192;

/// What the line needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TerminalInputProps {
    /// The terminal.
    pub view: Rc<TerminalView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The line one types in.
pub struct TerminalInput {
    field: NodeRef,
    text: String,
    /// Where the cursor stands, in bytes.
    cursor: usize,
    focused: bool,
    /// How far back in the history, and what was typed before going there.
    back: Option<(usize, String)>,
    /// The candidate that Enter takes.
    chosen: Option<usize>,
    /// The field's own cursor is to follow.
    moves: bool,
}

/// What happens to the line.
pub enum InputMsg {
    /// The field has another text or cursor: the text, and the cursor in UTF-16 units.
    Edited(String, u32),
    /// A key that means something here.
    Struck(Stroke),
    /// Whole lines were pasted; the rest stands in the field.
    Pasted(String, String),
    /// The field has the focus, or not.
    Focus(bool),
    /// A candidate was clicked.
    Take(usize),
}

impl Component for TerminalInput {
    type Message = InputMsg;
    type Properties = TerminalInputProps;

    fn create(_ctx: &Context<Self>) -> TerminalInput {
        TerminalInput {
            field: NodeRef::default(),
            text: String::new(),
            cursor: 0,
            focused: false,
            back: None,
            chosen: None,
            moves: false,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: InputMsg) -> bool {
        match msg {
            InputMsg::Edited(text, at) => return self.edited(ctx, text, at),
            InputMsg::Struck(stroke) => self.struck(ctx, stroke),
            InputMsg::Pasted(lines, rest) => {
                self.send(ctx, lines);
                let end = rest.len();
                self.set(rest, end);
            }
            InputMsg::Focus(focused) => self.focused = focused,
            InputMsg::Take(candidate) => self.take(ctx, candidate),
        }
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &TerminalInputProps) -> bool {
        let new = &ctx.props().view.completion;
        if *new != old.view.completion {
            self.chosen = None;
            self.offered(ctx);
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let view = &ctx.props().view;
        let link = ctx.link();
        let drawn = self.text.len() <= DRAWN;
        let indent = format!("text-indent: {}ch", view.prompt.chars().count());
        let around = self.around(ctx);
        let stands = link.batch_callback(|event: Event| {
            terminal_events::standing(&event).map(|(text, at)| InputMsg::Edited(text, at))
        });
        let onkeydown = link.batch_callback(move |event: KeyboardEvent| {
            terminal_events::stroke(&event, around).map(InputMsg::Struck)
        });
        let onpaste = link.batch_callback(|event: Event| {
            terminal_events::pasted(&event).map(|(lines, rest)| InputMsg::Pasted(lines, rest))
        });
        let list = self
            .completion(ctx)
            .map(|_| format!("completions-{}", view.id.0));
        html! { <>
            <div class={classes!("t-in", (!drawn).then_some("t-long"))}>
                <div class="t-drawn" aria-hidden="true"><span class="pr">{ &view.prompt }</span>if drawn { { self.drawn() } }</div>
                <textarea ref={&self.field} id={format!("terminal-input-{}", view.id.0)} rows="1" style={indent}
                    value={self.text.clone()}
                    aria-label={format!("Terminal {}, {}", view.id.0, view.prompt.trim())}
                    aria-expanded={list.is_some().to_string()} aria-controls={list}
                    autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="send"
                    oninput={stands.reform(|event: InputEvent| event.into())}
                    onkeyup={stands.reform(|event: KeyboardEvent| event.into())}
                    onclick={stands.reform(|event: MouseEvent| event.into())}
                    onselect={stands} {onkeydown} {onpaste}
                    onfocus={link.callback(|_: FocusEvent| InputMsg::Focus(true))}
                    onblur={link.callback(|_: FocusEvent| InputMsg::Focus(false))} />
            </div>
            { for self.completion(ctx).map(|completion| self.candidates(ctx, completion)) }
        </> }
    }

    fn rendered(&mut self, _ctx: &Context<Self>, _first: bool) {
        if std::mem::take(&mut self.moves)
            && let Some(field) = self.field.cast::<HtmlTextAreaElement>()
        {
            let at = utf16(&self.text, self.cursor);
            let _ = field.set_selection_range(at, at);
        }
    }
}

impl TerminalInput {
    /// The line with a block where the cursor stands: solid with the focus, else hollow.
    fn drawn(&self) -> Html {
        let (before, after) = self
            .text
            .split_at_checked(self.cursor)
            .unwrap_or((&self.text, ""));
        let under: String = after.chars().take(1).collect();
        let rest = after.get(under.len()..).unwrap_or_default();
        let block = classes!("cur", (!self.focused).then_some("hollow"));
        html! { <>
            { before }
            <span class={block}>{ if under.is_empty() { " ".to_owned() } else { under } }</span>
            { rest.to_owned() }
        </> }
    }

    /// The completions, if they are for what stands in the field.
    fn completion<'a>(&self, ctx: &'a Context<Self>) -> Option<&'a CompletionView> {
        let completion = ctx.props().view.completion.as_ref()?;
        let fits = completion.line == self.text && completion.candidates.len() > 1;
        fits.then_some(completion)
    }

    fn candidates(&self, ctx: &Context<Self>, completion: &CompletionView) -> Html {
        let id = format!("completions-{}", ctx.props().view.id.0);
        let row = |(at, candidate): (usize, &shell::complete::Candidate)| {
            let on = self.chosen == Some(at);
            // The field keeps the focus.
            let onmousedown = ctx.link().callback(move |event: MouseEvent| {
                event.prevent_default();
                InputMsg::Take(at)
            });
            html! {
                <li key={at} role="option" aria-selected={on.to_string()} class={classes!(on.then_some("on"))} {onmousedown}>
                    <code>{ candidate.text.trim_end() }</code><span>{ &candidate.summary }</span>
                </li>
            }
        };
        html! {
            <ul class="t-list" {id} role="listbox" aria-label="Completions">
                { for completion.candidates.iter().enumerate().map(row) }
                if completion.more > 0 { <li class="t-more" key="more">{ format!("{} more", completion.more) }</li> }
            </ul>
        }
    }

    fn edited(&mut self, ctx: &Context<Self>, text: String, at: u32) -> bool {
        let cursor = byte_of(&text, at);
        let typed = text != self.text;
        if !typed && cursor == self.cursor {
            return false;
        }
        if let Some((lines, rest)) = text.rsplit_once('\n') {
            self.send(ctx, lines.to_owned());
            self.set(rest.to_owned(), rest.len());
            return true;
        }
        self.text = text;
        self.cursor = cursor;
        if typed {
            self.back = None;
            self.follow(ctx);
        }
        // An open list goes along with what is typed.
        if ctx.props().view.completion.is_some() {
            let open = typed && !self.text.is_empty();
            self.ask(ctx, open);
        }
        true
    }

    /// Typing brings the input line back into sight.
    fn follow(&self, ctx: &Context<Self>) {
        let view = &ctx.props().view;
        if !view.follows {
            self.look(ctx, DockLook::Scrolled(view.id, None));
        }
    }

    fn look(&self, ctx: &Context<Self>, look: DockLook) {
        ctx.props().act.emit(Msg::Look(Look::Dock(look)));
    }

    fn ask(&self, ctx: &Context<Self>, wanted: bool) {
        let typed = wanted.then(|| Typed {
            terminal: ctx.props().view.id,
            line: self.text.clone(),
            cursor: self.cursor,
        });
        self.look(ctx, DockLook::Typed(typed));
    }

    fn around(&self, ctx: &Context<Self>) -> Around {
        Around {
            completing: ctx.props().view.completion.is_some(),
            chosen: self.chosen.is_some() && self.completion(ctx).is_some(),
            suggested: ctx.props().view.suggestion.is_some(),
        }
    }

    fn struck(&mut self, ctx: &Context<Self>, stroke: Stroke) {
        let (id, open) = (ctx.props().view.id, self.completion(ctx).is_some());
        match stroke {
            Stroke::Line(line) => self.send(ctx, line),
            Stroke::Candidate => {
                if let Some(at) = self.chosen {
                    self.take(ctx, at);
                }
            }
            Stroke::Complete => self.tab(ctx),
            Stroke::Walk(up) if open => self.choose(ctx, up),
            Stroke::Walk(up) => self.walk(ctx, up),
            Stroke::Dismiss => self.ask(ctx, false),
            Stroke::Interrupt(line) => self.interrupt(ctx, line),
            Stroke::End => ctx.props().act.emit(Msg::InputEnded(id)),
            Stroke::Clear => ctx.props().act.emit(Msg::TerminalCleared(id)),
            Stroke::EraseBefore => {
                let rest = self.text.get(self.cursor..).unwrap_or_default().to_owned();
                self.set(rest, 0);
            }
        }
    }

    fn set(&mut self, text: String, cursor: usize) {
        self.text = text;
        self.cursor = cursor;
        self.moves = true;
    }

    fn send(&mut self, ctx: &Context<Self>, line: String) {
        self.set(String::new(), 0);
        self.back = None;
        if ctx.props().view.completion.is_some() {
            self.ask(ctx, false);
        }
        self.follow(ctx);
        ctx.props()
            .act
            .emit(Msg::LineEntered(ctx.props().view.id, line));
    }

    fn tab(&mut self, ctx: &Context<Self>) {
        if self.completion(ctx).is_some() {
            return self.choose(ctx, false);
        }
        match ctx.props().view.suggestion {
            Some(command) if self.text.is_empty() => self.set(command.to_owned(), command.len()),
            _ => self.ask(ctx, true),
        }
    }

    fn choose(&mut self, ctx: &Context<Self>, up: bool) {
        let count = self
            .completion(ctx)
            .map_or(0, |found| found.candidates.len());
        let last = count.saturating_sub(1);
        self.chosen = Some(match (self.chosen, up) {
            (None, false) => 0,
            (None, true) | (Some(0), true) => last,
            (Some(at), true) => at.saturating_sub(1),
            (Some(at), false) if at >= last => 0,
            (Some(at), false) => at.saturating_add(1),
        });
    }

    fn take(&mut self, ctx: &Context<Self>, candidate: usize) {
        let view = Rc::clone(&ctx.props().view);
        let Some(completion) = &view.completion else {
            return;
        };
        if let Some(candidate) = completion.candidates.get(candidate)
            && let Some((text, cursor)) =
                completed(&self.text, &completion.replace, &candidate.text)
        {
            self.set(text, cursor);
        }
        self.chosen = None;
        self.ask(ctx, false);
    }

    /// Completions have come: one is taken at once; what all have in common is typed.
    fn offered(&mut self, ctx: &Context<Self>) {
        let view = Rc::clone(&ctx.props().view);
        let Some(completion) = view.completion.as_ref().filter(|it| it.line == self.text) else {
            return;
        };
        let candidates = &completion.candidates;
        if candidates.len() < 2 {
            self.take(ctx, 0);
            return;
        }
        let common = common_start(candidates);
        let there = completion.replace.len();
        if common.len() > there
            && let Some((text, cursor)) = completed(&self.text, &completion.replace, common)
        {
            self.set(text, cursor);
            self.ask(ctx, true);
        }
    }

    /// One line back in the history, or forward again.
    fn walk(&mut self, ctx: &Context<Self>, backwards: bool) {
        let history = Rc::clone(&ctx.props().view.history);
        let (at, draft) = match (self.back.take(), backwards) {
            (None, true) => (1, self.text.clone()),
            (None, false) => return,
            (Some((at, draft)), true) => (at.saturating_add(1).min(history.len()), draft),
            (Some((at, draft)), false) => (at.saturating_sub(1), draft),
        };
        if at == 0 {
            let cursor = draft.len();
            return self.set(draft, cursor);
        }
        let line = history.len().checked_sub(at).and_then(|at| history.get(at));
        if let Some(line) = line.cloned() {
            let cursor = line.len();
            self.set(line, cursor);
            self.back = Some((at, draft));
        }
    }

    fn interrupt(&mut self, ctx: &Context<Self>, typed: String) {
        let id = ctx.props().view.id;
        self.set(String::new(), 0);
        self.back = None;
        ctx.props().act.emit(match typed.is_empty() {
            true => Msg::Interrupted(id),
            false => Msg::LineAbandoned(id, typed),
        });
    }
}
