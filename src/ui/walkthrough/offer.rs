//! What stands before the steps: the open scene's first action, and the way to the lecture.

use present::walkthrough::{Invitation, Offer, WalkthroughView};
use session::msg::Msg;
use session::scene::SceneId;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::icons::{Glyph, Icon};

/// What stands before the steps, if anything does.
pub fn offer(view: &WalkthroughView, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    match &view.offer {
        Offer::None => html! {},
        Offer::Finished => html! {
            <div class="offer">
                <p class="offer-done"><Icon glyph={Glyph::Check} size={14} />{ "The lecture is done." }</p>
                <p>{ "Go on as you like: send, replay, add a consumer to a group, or open another scene." }</p>
            </div>
        },
        Offer::Begin(invitation) | Offer::OpenLecture(invitation) => {
            scene(invitation, act, on_dialog)
        }
    }
}

fn scene(invitation: &Invitation, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    let open = act.reform(|_: MouseEvent| Msg::SceneOpened(SceneId::Lecture));
    let first = invitation.first.as_ref().map(|(words, record)| {
        let record = record.clone();
        let compose = on_dialog.reform(move |_: MouseEvent| Dialog::Compose(record.clone()));
        html! {
            <button class="btn pri" onclick={compose}><Icon glyph={Glyph::Send} size={14} />{ *words }</button>
        }
    });
    html! {
        <div class="offer">
            <h2>{ invitation.title }</h2>
            <p>{ invitation.about }</p>
            <div class="offer-actions">
                { first }
                <button class="btn" onclick={open}>{ "Open the lecture" }</button>
            </div>
        </div>
    }
}
