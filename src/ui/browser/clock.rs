//! The page's clock: animation frames, and the calendar.

use gloo::render::{AnimationFrame, request_animation_frame};
use gloo::utils::window;

/// Calls `then` at the next frame with the browser's own time in milliseconds. Dropping it cancels.
pub fn next_frame(then: impl FnOnce(f64) + 'static) -> AnimationFrame {
    request_animation_frame(then)
}

/// Milliseconds since the Unix epoch.
pub fn calendar_millis() -> i64 {
    js_sys::Date::now() as i64
}

/// Milliseconds since the page was opened, fine enough to measure a frame.
pub fn page_millis() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}
