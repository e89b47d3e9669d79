//! Notices: how an action went.

use gloo::timers::callback::Timeout;
use present::notices::NoticesView;
use session::msg::Msg;
use session::notice::Notice;
use yew::prelude::*;

use crate::ui::icons::{Glyph, Icon};

/// A calm notice goes by itself after so long.
const CALM_MILLIS: u32 = 6_000;

/// What the notices need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NoticesProps {
    /// What they say.
    pub view: NoticesView,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The notices, over the page: what went well is told politely, what failed at once.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let one = |notice: &Notice| html! { <OneNotice key={notice.id} notice={notice.clone()} act={&props.act} /> };
    html! {
        <div class="notices">
            <div role="alert">{ for props.view.errors.iter().map(one) }</div>
            <div role="status">{ for props.view.calm.iter().map(one) }</div>
        </div>
    }
}

/// What one notice needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct OneNoticeProps {
    /// What it says.
    pub notice: Notice,
    /// What was done.
    pub act: Callback<Msg>,
}

/// One notice. A calm one goes by itself, but not from under the mouse.
#[component]
pub fn OneNotice(props: &OneNoticeProps) -> Html {
    let notice = &props.notice;
    let held = use_state_eq(|| false);
    let close = {
        let (act, id) = (props.act.clone(), notice.id);
        Callback::from(move |()| act.emit(Msg::NoticeClosed(id)))
    };
    {
        let close = close.clone();
        use_effect_with((notice.is_error, *held), move |(is_error, held)| {
            let goes = !is_error && !held;
            let timer = goes.then(|| Timeout::new(CALM_MILLIS, move || close.emit(())));
            move || drop(timer)
        });
    }
    let hold = |holds: bool| {
        let held = held.clone();
        Callback::from(move |_: MouseEvent| held.set(holds))
    };
    let (class, glyph) = match notice.is_error {
        true => ("err", Glyph::Error),
        false => ("ok", Glyph::Check),
    };
    html! {
        <div class={classes!("notice", class)} onmouseenter={hold(true)} onmouseleave={hold(false)}>
            <Icon {glyph} />
            <div>
                <p>{ &notice.text }</p>
                if let Some(exception) = &notice.exception { <code>{ exception }</code> }
            </div>
            <button class="ib sm" aria-label="Close notice" onclick={close.reform(|_: MouseEvent| ())}>
                <Icon glyph={Glyph::Close} size={14} />
            </button>
        </div>
    }
}
