//! The bar on top: scene, transport, clock.

use session::msg::Speed;
use session::scene::SceneId;
use session::session::Session;

/// What the bar on top shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TopView {
    /// The open scene's name.
    pub scene: &'static str,
    /// The open scene.
    pub scene_id: SceneId,
    /// Whether time goes on.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Minutes and seconds since the scene opened, and hours once there are any.
    pub clock: String,
    /// Milliseconds behind that: a point and three digits.
    pub clock_millis: String,
}

/// The bar on top.
pub fn top(session: &Session) -> TopView {
    let (clock, clock_millis) = clock(session.elapsed_micros());
    TopView {
        scene: session.scene().scene().title,
        scene_id: session.scene(),
        playing: session.playing(),
        speed: session.speed(),
        clock,
        clock_millis,
    }
}

/// `00:42` and `.350` for so many microseconds.
pub fn clock(micros: u64) -> (String, String) {
    let (seconds, millis) = (micros / 1_000_000, micros / 1_000 % 1_000);
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let digits = if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes:02}:{rest:02}")
    };
    (digits, format!(".{millis:03}"))
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn the_clock_counts_to_hours() {
        assert_eq!(clock(42_350_000), ("00:42".to_owned(), ".350".to_owned()));
        assert_eq!(
            clock(3_661_000_999),
            ("1:01:01".to_owned(), ".000".to_owned())
        );
    }
}
