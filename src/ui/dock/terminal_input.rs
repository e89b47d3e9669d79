//! The line one types in: a real text field, drawn as a terminal's line with a block for the cursor.

use std::rc::Rc;

use present::terminal::{CompletionView, TerminalView, common_start, completed};
use session::dock::{DockLook, Typed};
use session::msg::{Look, Msg};
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

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
    /// The field has another text or cursor.
    Edited,
    /// A key.
    Key(KeyboardEvent),
    /// Something was pasted.
    Pasted(Event),
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
            InputMsg::Edited => return self.edited(ctx),
            InputMsg::Key(event) => return self.key(ctx, &event),
            InputMsg::Pasted(event) => return self.pasted(ctx, &event),
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
        let moved = link.callback(|_: Event| InputMsg::Edited);
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
                    oninput={link.callback(|_: InputEvent| InputMsg::Edited)}
                    onkeyup={link.callback(|_: KeyboardEvent| InputMsg::Edited)}
                    onclick={link.callback(|_: MouseEvent| InputMsg::Edited)}
                    onselect={moved}
                    onkeydown={link.callback(InputMsg::Key)}
                    onpaste={link.callback(InputMsg::Pasted)}
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

    fn edited(&mut self, ctx: &Context<Self>) -> bool {
        let Some(field) = self.field.cast::<HtmlTextAreaElement>() else {
            return false;
        };
        let text = field.value();
        let at = field.selection_end().ok().flatten().unwrap_or(0);
        let cursor = byte_of(&text, at);
        let typed = text != self.text;
        if !typed && cursor == self.cursor {
            return false;
        }
        // Some keyboards on glass enter a line break without a key.
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

    fn key(&mut self, ctx: &Context<Self>, event: &KeyboardEvent) -> bool {
        // While an input method composes, its keys are its own.
        if event.is_composing() || event.key_code() == 229 {
            return false;
        }
        let open = self.completion(ctx).is_some();
        let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
        let handled = match event.key().as_str() {
            "Enter" if !event.shift_key() => self.enter(ctx),
            "Tab" if !event.shift_key() && !control => self.tab(ctx),
            "ArrowUp" if open => self.choose(ctx, -1),
            "ArrowDown" if open => self.choose(ctx, 1),
            "ArrowUp" => self.walk(ctx, true),
            "ArrowDown" => self.walk(ctx, false),
            "Escape" => self.escape(ctx),
            "c" if control => self.interrupt(ctx),
            "d" if control => self.end(ctx),
            "l" if control => {
                ctx.props()
                    .act
                    .emit(Msg::TerminalCleared(ctx.props().view.id));
                true
            }
            "u" if control => {
                let rest = self.text.get(self.cursor..).unwrap_or_default().to_owned();
                self.set(rest, 0);
                true
            }
            _ => false,
        };
        if handled {
            event.prevent_default();
            event.stop_propagation();
        }
        handled
    }

    fn set(&mut self, text: String, cursor: usize) {
        self.text = text;
        self.cursor = cursor;
        self.moves = true;
    }

    fn enter(&mut self, ctx: &Context<Self>) -> bool {
        if let (Some(at), true) = (self.chosen, self.completion(ctx).is_some()) {
            self.take(ctx, at);
            return true;
        }
        let line = std::mem::take(&mut self.text);
        self.send(ctx, line);
        true
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

    fn tab(&mut self, ctx: &Context<Self>) -> bool {
        if self.completion(ctx).is_some() {
            return self.choose(ctx, 1);
        }
        if let (true, Some(command)) = (self.text.is_empty(), ctx.props().view.suggestion) {
            self.set(command.to_owned(), command.len());
            return true;
        }
        // An empty line has nothing to complete: Tab goes on through the page.
        if self.text.is_empty() {
            return false;
        }
        self.ask(ctx, true);
        true
    }

    fn choose(&mut self, ctx: &Context<Self>, step: isize) -> bool {
        let count = self
            .completion(ctx)
            .map_or(0, |found| found.candidates.len());
        let last = count.saturating_sub(1);
        self.chosen = Some(match (self.chosen, step < 0) {
            (None, false) => 0,
            (None, true) | (Some(0), true) => last,
            (Some(at), true) => at.saturating_sub(1),
            (Some(at), false) if at >= last => 0,
            (Some(at), false) => at.saturating_add(1),
        });
        true
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
    fn walk(&mut self, ctx: &Context<Self>, backwards: bool) -> bool {
        let history = Rc::clone(&ctx.props().view.history);
        let (at, draft) = match (self.back.take(), backwards) {
            (None, true) => (1, self.text.clone()),
            (None, false) => return false,
            (Some((at, draft)), true) => (at.saturating_add(1).min(history.len()), draft),
            (Some((at, draft)), false) => (at.saturating_sub(1), draft),
        };
        if at == 0 {
            let cursor = draft.len();
            self.set(draft, cursor);
            return true;
        }
        let line = history.len().checked_sub(at).and_then(|at| history.get(at));
        if let Some(line) = line.cloned() {
            let cursor = line.len();
            self.set(line, cursor);
            self.back = Some((at, draft));
        }
        true
    }

    fn escape(&mut self, ctx: &Context<Self>) -> bool {
        if ctx.props().view.completion.is_some() {
            self.ask(ctx, false);
        } else if let Some(field) = self.field.cast::<HtmlTextAreaElement>() {
            let _ = field.blur();
        }
        true
    }

    /// Ctrl-C copies what is marked, and stops a command where nothing is.
    fn interrupt(&mut self, ctx: &Context<Self>) -> bool {
        let field = self.field.cast::<HtmlTextAreaElement>();
        let marked_here = field.is_some_and(|field| {
            field.selection_start().ok().flatten() != field.selection_end().ok().flatten()
        });
        let selection = gloo::utils::window().get_selection().ok().flatten();
        let marked = selection
            .is_some_and(|it| !it.is_collapsed() && !String::from(it.to_string()).is_empty());
        if marked_here || marked {
            return false;
        }
        let id = ctx.props().view.id;
        let typed = std::mem::take(&mut self.text);
        self.set(String::new(), 0);
        self.back = None;
        let msg = match typed.is_empty() {
            true => Msg::Interrupted(id),
            false => Msg::LineAbandoned(id, typed),
        };
        ctx.props().act.emit(msg);
        true
    }

    fn end(&mut self, ctx: &Context<Self>) -> bool {
        if self.text.is_empty() {
            ctx.props().act.emit(Msg::InputEnded(ctx.props().view.id));
        }
        true
    }

    /// Whole lines go to the terminal at once; what stands behind the last line break waits for Enter.
    fn pasted(&mut self, ctx: &Context<Self>, event: &Event) -> bool {
        let data = event
            .dyn_ref::<web_sys::ClipboardEvent>()
            .and_then(web_sys::ClipboardEvent::clipboard_data);
        let Some(pasted) = data.and_then(|data| data.get_data("text/plain").ok()) else {
            return false;
        };
        let pasted = pasted.replace("\r\n", "\n");
        let Some((lines, rest)) = pasted.rsplit_once('\n') else {
            return false;
        };
        event.prevent_default();
        let (before, after) = self
            .text
            .split_at_checked(self.cursor)
            .unwrap_or((&self.text, ""));
        let (all, rest) = ([before, lines].concat(), [rest, after].concat());
        self.send(ctx, all);
        self.set(rest.clone(), rest.len());
        true
    }
}

/// The byte where a position in UTF-16 units lies.
fn byte_of(text: &str, units: u32) -> usize {
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
fn utf16(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
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
