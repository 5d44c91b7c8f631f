//! The only clock of this crate: monotonic, and what the calendar said when it began.

use std::time::{Duration, Instant, SystemTime};

use oplock_model::Tick;

/// Time since it was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a live scene's clock is monotonic time")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// When it was started by the calendar, in microseconds since the beginning of 1970; as exact as that clock.
    #[expect(clippy::disallowed_methods, reason = "the log of a server is read by the calendar")]
    pub(crate) fn started(&self) -> u64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(now.saturating_sub(self.elapsed()).as_micros()).unwrap_or(u64::MAX)
    }

    #[cfg(test)]
    pub(crate) fn started_before(ago: Duration) -> Stopwatch {
        Stopwatch(Stopwatch::start().0.checked_sub(ago).expect("a clock that has run for a while"))
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
