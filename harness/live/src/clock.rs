//! The only clock of this crate: monotonic.

use std::time::{Duration, Instant};

use oplock_model::Tick;

/// Time since it was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a live scene's clock is monotonic time")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// The time that has passed, as a scene counts it.
    pub(crate) fn now(&self) -> Tick {
        Tick(u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// How long it is until `until`; zero where that has passed.
    pub(crate) fn left(&self, until: Tick) -> Duration {
        Duration::from_micros(until.micros_since(self.now()))
    }
}
