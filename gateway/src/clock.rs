//! The one clock: wall time at the start, and what a monotonic clock has counted since.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use engine::time::SimTime;

/// Simulated time as it passes here: it never goes back, whatever happens to the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    began_at: SimTime,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let micros = since_epoch.map_or(0, |since| since.as_micros());
        Clock {
            started: Instant::now(),
            began_at: SimTime(u64::try_from(micros).unwrap_or(u64::MAX)),
        }
    }

    /// When it was started.
    pub fn began_at(&self) -> SimTime {
        self.began_at
    }

    /// The time now.
    pub fn now(&self) -> SimTime {
        let micros = self.started.elapsed().as_micros();
        self.began_at
            .plus_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// The monotonic moment of a simulated time.
    pub fn instant_of(&self, at: SimTime) -> Instant {
        self.started + Duration::from_micros(at.micros_since(self.began_at))
    }
}
