//! The icons, all drawn in a 16 × 16 box with the line width that `.ic` sets.

use yew::prelude::*;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// A bar and a triangle to the left: one event back.
    StepBack,
    /// A triangle and a bar to the right: one event forward.
    StepForward,
    /// Two bars.
    Pause,
    /// A filled triangle.
    Play,
    /// An empty square.
    Stop,
    /// A chevron that opens something below.
    ChevronDown,
    /// A chevron that opens something above.
    ChevronUp,
    /// To the previous.
    ChevronLeft,
    /// To the next.
    ChevronRight,
    /// Three points joined by lines.
    Share,
    /// An arrow down onto a line.
    Export,
    /// An arrow up from a line.
    Import,
    /// Three dots.
    More,
    /// A half-filled disc.
    Theme,
    /// A question mark in a circle.
    Help,
    /// A panel at the left side.
    PanelLeft,
    /// A panel at the right side.
    PanelRight,
    /// Two panes side by side.
    Split,
    /// A magnifying glass.
    Search,
    /// Plus.
    Plus,
    /// Minus.
    Minus,
    /// Four corners.
    Fit,
    /// A tick.
    Check,
    /// A cross.
    Close,
    /// Two sheets.
    Copy,
    /// A bin.
    Trash,
    /// An arrow that turns back.
    Replay,
    /// A paper plane.
    Send,
    /// A triangle with an exclamation mark.
    Warning,
    /// A circle with an exclamation mark.
    Error,
    /// A pencil.
    Edit,
    /// A screen on a stand.
    Projector,
}

/// What an icon needs to be drawn.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct IconProps {
    /// Which icon.
    pub glyph: Glyph,
    /// Width and height in CSS pixels.
    #[prop_or(16)]
    pub size: u32,
}

/// An icon; decorative, so whatever holds it carries the name.
#[component]
pub fn Icon(props: &IconProps) -> Html {
    let size = props.size.to_string();
    html! {
        <svg class="ic" width={size.clone()} height={size} viewBox="0 0 16 16" aria-hidden="true">
            { strokes(props.glyph) }
        </svg>
    }
}

/// Lines alone draw most icons.
fn lines(glyph: Glyph) -> &'static str {
    match glyph {
        Glyph::StepBack => "M11.5 4v8L5.5 8zM3.75 4v8",
        Glyph::StepForward => "M4.5 4v8l6-4zM12.25 4v8",
        Glyph::ChevronDown => "M4.5 6.5 8 10l3.5-3.5",
        Glyph::ChevronUp => "M4.5 9.5 8 6l3.5 3.5",
        Glyph::ChevronLeft => "M9.5 4.5 6 8l3.5 3.5",
        Glyph::ChevronRight => "M6.5 4.5 10 8l-3.5 3.5",
        Glyph::Share => "m5.6 7.2 4.6-2.4M5.6 8.8l4.6 2.4",
        Glyph::Export => "M8 2.5v7.25M5 7l3 3 3-3M3 12.75h10",
        Glyph::Import => "M8 9.75V2.5M5 5.25l3-3 3 3M3 12.75h10",
        Glyph::PanelLeft => "M6.25 3v10",
        Glyph::PanelRight => "M9.75 3v10",
        Glyph::Split => "M8 3v10",
        Glyph::Search => "m10 10 3.25 3.25",
        Glyph::Plus => "M8 3.5v9M3.5 8h9",
        Glyph::Minus => "M3.5 8h9",
        Glyph::Fit => "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
        Glyph::Check => "m3.75 8.5 2.75 2.75 5.75-6",
        Glyph::Close => "m4.25 4.25 7.5 7.5M11.75 4.25l-7.5 7.5",
        Glyph::Copy => "M3 10V4.25C3 3.56 3.56 3 4.25 3H10",
        Glyph::Trash => "M3.5 4.5h9M6.5 4.5V3h3v1.5M4.75 4.5l.5 8.5h5.5l.5-8.5",
        Glyph::Replay => "M3.25 8a4.75 4.75 0 1 0 1.5-3.45M4.5 2.25V5h2.75",
        Glyph::Send => "M13 3 7.25 8.75M13 3 9.5 13l-2.25-4.25L3 6.5z",
        Glyph::Warning => "M8 2.75 14 13H2zM8 6.5v3M8 11.2v.1",
        Glyph::Error => "M8 4.75v4M8 11v.1",
        Glyph::Edit => "M3.25 12.75 4 10l6.5-6.5 2 2L6 12z",
        Glyph::Projector => "M2.5 3.5h11v7h-11zM8 10.5V13M5.5 13h5",
        Glyph::Help => "M6.4 6.4a1.65 1.65 0 1 1 2.4 1.5c-.55.3-.8.6-.8 1.2",
        Glyph::Pause | Glyph::Play | Glyph::Stop | Glyph::More | Glyph::Theme => "",
    }
}

fn strokes(glyph: Glyph) -> Html {
    let line = lines(glyph);
    let panel = html! { <rect x="2.5" y="3" width="11" height="10" rx="1.5" /> };
    let extra = match glyph {
        Glyph::Pause => html! { <path d="M5.75 4v8M10.25 4v8" stroke-width="2" /> },
        Glyph::Play => html! { <path d="M5 3.5v9l7-4.5z" fill="currentColor" /> },
        Glyph::Stop => html! { <rect x="4.75" y="4.75" width="6.5" height="6.5" rx="1" /> },
        Glyph::More => html! { <path d="M4 8v.1M8 8v.1M12 8v.1" stroke-width="2" /> },
        Glyph::Theme => html! { <>
            <circle cx="8" cy="8" r="5.25" />
            <path d="M8 2.75v10.5A5.25 5.25 0 0 0 8 2.75z" fill="currentColor" />
        </> },
        Glyph::Help => html! { <>
            <circle cx="8" cy="8" r="5.5" />
            <path d="M8 11.1v.1" stroke-width="1.9" />
        </> },
        Glyph::Error => html! { <circle cx="8" cy="8" r="5.75" /> },
        Glyph::Share => html! { <>
            <circle cx="4" cy="8" r="1.75" />
            <circle cx="11.75" cy="4" r="1.75" />
            <circle cx="11.75" cy="12" r="1.75" />
        </> },
        Glyph::PanelLeft | Glyph::PanelRight | Glyph::Split => panel,
        Glyph::Search => html! { <circle cx="7" cy="7" r="3.75" /> },
        Glyph::Copy => html! { <rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.25" /> },
        _ => Html::default(),
    };
    html! { <>
        { extra }
        if !line.is_empty() { <path d={line} /> }
    </> }
}
