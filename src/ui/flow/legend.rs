//! What the marks mean.

use yew::prelude::*;

/// The legend, under the canvas or in Help.
#[component]
pub fn Legend() -> Html {
    html! {
        <div class="leg" aria-label="Legend">
            <span><svg width="12" height="12" aria-hidden="true"><path class="flag" d="M9 12V1L2.5 4 9 7" /></svg>{ "Committed offset" }</span>
            <span><svg width="12" height="12" aria-hidden="true"><path class="caret" d="m6 2 4.4 8H1.6z" /></svg>{ "Position" }</span>
            <span>
                <svg width="18" height="12" aria-hidden="true">
                    <rect class="lagread" x=".5" y="3.5" width="8" height="5" />
                    <rect class="lagun" x="8.5" y="3.5" width="9" height="5" />
                </svg>
                { "Lag: read, unread" }
            </span>
            <span><svg width="12" height="12" aria-hidden="true"><path class="hw" d="M6 0v12" /></svg>{ "High watermark" }</span>
            <span><svg width="14" height="12" aria-hidden="true"><g class="slot"><rect x=".5" y=".5" width="13" height="11" rx="2" /></g></svg>{ "Log end" }</span>
            <span>
                <svg width="50" height="14" aria-hidden="true">
                    <g class="badge lead"><rect x=".5" y=".5" width="13" height="13" rx="3" /></g>
                    <g class="badge isr"><rect x="18.5" y=".5" width="13" height="13" rx="3" /></g>
                    <g class="badge osr"><rect x="36.5" y=".5" width="13" height="13" rx="3" /></g>
                </svg>
                { "Leader, in sync, out of sync" }
            </span>
        </div>
    }
}
