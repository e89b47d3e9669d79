//! The bar on top.

use present::top::TopView;
use session::layout::Theme;
use session::msg::{Look, Msg};
use session::scene::SceneId;
use yew::prelude::*;

use crate::ui::browser::files;
use crate::ui::effects;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::top::menu::{Menu, MenuItem};
use crate::ui::top::transport::Transport;

/// What the bar needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TopBarProps {
    /// What it shows.
    pub view: TopView,
    /// The theme in force, for the button that changes it.
    pub theme: Theme,
    /// What was done.
    pub act: Callback<Msg>,
    /// The help is wanted.
    pub on_help: Callback<()>,
}

/// The bar on top.
#[component]
pub fn TopBar(props: &TopBarProps) -> Html {
    let act = &props.act;
    let projector = act.reform(|_: MouseEvent| Msg::Look(Look::ProjectorToggled));
    let theme = props.theme;
    let next_theme = act.reform(move |_: MouseEvent| Msg::Look(Look::Theme(other_than(theme))));
    html! {
        <header class="top" role="banner">
            <div class="top-start">
                { mark() }
                <h1 class="product">{ "Kafka Playground" }</h1>
                <span class="sep" aria-hidden="true" />
                { scene_menu(&props.view, act) }
            </div>
            <Transport view={props.view.clone()} {act} />
            <div class="top-end">
                <button class="btn gh" title="Copy a link that opens this scene" onclick={share(props.view.scene_id)}>
                    <Icon glyph={Glyph::Share} /><span>{ "Share" }</span>
                </button>
                <button class="btn gh" title="Save what was done so far as a file" onclick={Callback::from(|_: MouseEvent| export())}>
                    <Icon glyph={Glyph::Export} /><span>{ "Export" }</span>
                </button>
                <span class="sep" aria-hidden="true" />
                <button class="ib" aria-label="Projector view" title="Projector view (P)" onclick={projector}>
                    <Icon glyph={Glyph::Projector} />
                </button>
                <button class="ib" aria-label="Theme" title="Light or dark (T)" onclick={next_theme}>
                    <Icon glyph={Glyph::Theme} />
                </button>
                <button class="ib" aria-label="Help" title="Help and shortcuts (?)" onclick={props.on_help.reform(|_: MouseEvent| ())}>
                    <Icon glyph={Glyph::Help} />
                </button>
                { more_menu(props) }
            </div>
        </header>
    }
}

/// The opposite of the theme that is seen now.
pub fn other_than(theme: Theme) -> Theme {
    let dark = match theme {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => crate::ui::browser::media::system_is_dark(),
    };
    if dark { Theme::Light } else { Theme::Dark }
}

/// Saves what was done so far as a file.
pub fn export() {
    match effects::recording_so_far() {
        Some(text) => files::offer("kafka-playground-recording.json", &text),
        None => effects::announce("The recording can't be written."),
    }
}

fn scene_menu(view: &TopView, act: &Callback<Msg>) -> Html {
    let open = view.scene_id;
    let item = |id: SceneId| {
        let scene = id.scene();
        MenuItem {
            title: scene.title.to_owned(),
            about: scene.about.to_owned(),
            checked: Some(id == open),
            act: act.reform(move |()| Msg::SceneOpened(id)),
        }
    };
    let mut items = SceneId::ALL.map(item).to_vec();
    items.push(MenuItem {
        title: "Start this scene over".to_owned(),
        about: "Everything that was done in it is let go.".to_owned(),
        checked: None,
        act: act.reform(|()| Msg::StartedOver),
    });
    html! {
        <Menu label="Scene" class="scene" {items}
            button={html! { <><span>{ view.scene }</span><Icon glyph={Glyph::ChevronDown} size={14} /></> }} />
    }
}

/// On a phone, what has no room in the bar.
fn more_menu(props: &TopBarProps) -> Html {
    let act = &props.act;
    let scene = props.view.scene_id;
    let theme = props.theme;
    let item = |title: &str, act: Callback<()>| MenuItem {
        title: title.to_owned(),
        about: String::new(),
        checked: None,
        act,
    };
    let items = vec![
        item("Share", Callback::from(move |()| copy_link(scene))),
        item("Export", Callback::from(|()| export())),
        item(
            "Light or dark",
            act.reform(move |()| Msg::Look(Look::Theme(other_than(theme)))),
        ),
        item("Help", props.on_help.clone()),
    ];
    html! {
        <Menu label="More" class="ib more" to_left=true {items}
            button={html! { <Icon glyph={Glyph::More} /> }} />
    }
}

fn share(scene: SceneId) -> Callback<MouseEvent> {
    Callback::from(move |_| copy_link(scene))
}

fn copy_link(scene: SceneId) {
    let link = crate::ui::link::of_scene(scene);
    files::copy(link, |copied| {
        effects::announce(if copied {
            "The link to this scene is on the clipboard."
        } else {
            "The browser did not let the link onto the clipboard."
        });
    });
}

fn mark() -> Html {
    html! {
        <svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
            <rect class="mark-ground" width="22" height="22" rx="5" />
            <path class="mark-figure" d="M4.5 5h3v3h-3zM9.5 5h3v3h-3zM14.5 5h3v3h-3zM9.5 9.5h3v3h-3zM14.5 9.5h3v3h-3zM14.5 14h3v3h-3z" />
        </svg>
    }
}
