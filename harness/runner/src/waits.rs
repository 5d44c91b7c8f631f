//! The named waits: no number of milliseconds stands anywhere else.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The window in which a timer of the server may fire, from the event that starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// What comes before this came too early.
    #[serde(with = "millis", rename = "earliest_ms")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub earliest: Duration,
    /// What has not come by then does not come.
    #[serde(with = "millis", rename = "latest_ms")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub latest: Duration,
}

/// Between which bounds a wait is chosen, where it is chosen from what was measured. Equal bounds fix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Never shorter, however fast the target is.
    pub least: Duration,
    /// Never longer, however slow it is.
    pub most: Duration,
}

/// The bounds of the waits that are chosen from what was measured; a target's profile may set them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibrated {
    /// Of `quiet`.
    pub quiet: Bounds,
    /// Of `break`.
    pub break_: Bounds,
}

impl Default for Calibrated {
    fn default() -> Self {
        let millis = |least, most| Bounds {
            least: Duration::from_millis(least),
            most: Duration::from_millis(most),
        };
        Calibrated { quiet: millis(20, 2_000), break_: millis(2_000, 30_000) }
    }
}

/// How long each named wait of a case lasts on one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waits {
    /// `reply`: until a final answer that nothing holds back.
    #[serde(with = "millis", rename = "reply_ms")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub reply: Duration,
    /// `break`: until a break notice.
    #[serde(with = "millis", rename = "break_ms")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub break_: Duration,
    /// `quiet`: how long a silence, after the fences came back, proves that nothing comes.
    #[serde(with = "millis", rename = "quiet_ms")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub quiet: Duration,
    /// `ack_timeout`: the break timer, from the break notice.
    pub ack_timeout: Window,
    /// `durable_timeout`: the durable timer, from the loss of the connection.
    pub durable_timeout: Window,
    /// How long one cell may take, on the wall clock.
    #[serde(with = "millis", rename = "cell_ms")]
    #[schemars(with = "f64", range(min = 0.0))]
    pub cell: Duration,
}

impl Default for Waits {
    fn default() -> Waits {
        Waits::live()
    }
}

impl Waits {
    /// The waits of the reference engine: virtual, so that they cost nothing and may be generous.
    #[must_use]
    pub fn reference() -> Waits {
        Waits { cell: Duration::from_secs(60), ..Waits::live() }
    }

    /// The waits of a live server. Windows and Samba end a break after 35 s, found by a timer
    /// that ticks (MS-SMB2 3.3.2.1 "Oplock Break Acknowledgment Timer", 3.3.2.5 "Lease Break
    /// Acknowledgment Timer").
    #[must_use]
    pub fn live() -> Waits {
        let window = |earliest, latest| Window {
            earliest: Duration::from_secs(earliest),
            latest: Duration::from_secs(latest),
        };
        Waits {
            reply: Duration::from_secs(10),
            break_: Duration::from_secs(5),
            quiet: Duration::from_millis(100),
            ack_timeout: window(34, 50),
            durable_timeout: window(16, 120),
            // A cell may wait for the latest end of each of its timers.
            cell: Duration::from_secs(180),
        }
    }

    /// The same waits with every latest bound stretched by `factor`; a factor below 1, or one
    /// that is no number, changes nothing. What proves a silence and what is too early stays.
    #[must_use]
    pub fn stretched(self, factor: f64) -> Waits {
        let longer = |bound: Duration| {
            let seconds = bound.as_secs_f64() * factor.max(1.0);
            Duration::try_from_secs_f64(seconds).unwrap_or(bound)
        };
        let later = |window: Window| Window { latest: longer(window.latest), ..window };
        Waits {
            reply: longer(self.reply),
            break_: longer(self.break_),
            quiet: self.quiet,
            ack_timeout: later(self.ack_timeout),
            durable_timeout: later(self.durable_timeout),
            cell: longer(self.cell),
        }
    }
}

/// Microseconds of a wait, as ticks count them.
#[must_use]
pub fn micros(wait: Duration) -> u64 {
    u64::try_from(wait.as_micros()).unwrap_or(u64::MAX)
}

/// A wait as a number of milliseconds, with fractions.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(wait: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(wait.as_secs_f64() * 1000.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let millis = f64::deserialize(from)?;
        Duration::try_from_secs_f64(millis / 1000.0).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretching_moves_latest_bounds_only() {
        let (plain, twice) = (Waits::live(), Waits::live().stretched(2.0));
        assert_eq!(twice.reply, plain.reply * 2);
        assert_eq!(twice.cell, plain.cell * 2);
        assert_eq!(twice.ack_timeout.latest, plain.ack_timeout.latest * 2);
        assert_eq!(twice.ack_timeout.earliest, plain.ack_timeout.earliest);
        assert_eq!(twice.quiet, plain.quiet);
    }

    #[test]
    fn no_factor_shortens_a_wait() {
        for factor in [0.0, -3.0, 0.5, f64::NAN] {
            assert_eq!(Waits::live().stretched(factor), Waits::live());
        }
        assert_eq!(Waits::live().stretched(f64::INFINITY), Waits::live());
    }
}
