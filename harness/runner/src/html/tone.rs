//! How a cell looks: what its verdict means, once it is weighed.

use crate::exit::Standing;
use crate::record::Brief;
use crate::verdict::Verdict;

/// The colour of a cell; of several, the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Passed.
    Pass,
    /// Left out.
    Skipped,
    /// Failed as its deviation entry says.
    Known,
    /// Not as it should be, and nobody owes it.
    Recorded,
    /// Its deviation entry is out of date.
    Outdated,
    /// The harness or the connection failed, or it did not run.
    Broken,
    /// The target does not conform.
    Red,
}

impl Tone {
    /// All, the best first.
    pub const ALL: [Tone; 7] = [
        Tone::Pass,
        Tone::Skipped,
        Tone::Known,
        Tone::Recorded,
        Tone::Outdated,
        Tone::Broken,
        Tone::Red,
    ];

    /// That of a cell.
    #[must_use]
    pub fn of(brief: &Brief) -> Tone {
        match (brief.standing, brief.verdict) {
            (Standing::Red, _) => Tone::Red,
            (Standing::Broken, _) => Tone::Broken,
            (Standing::Outdated, _) => Tone::Outdated,
            (Standing::Tolerated, _) => Tone::Recorded,
            (Standing::Skipped, _) => Tone::Skipped,
            (Standing::Held, Verdict::KnownDeviation) => Tone::Known,
            (Standing::Held, _) => Tone::Pass,
        }
    }

    /// The class that the style sheet and the script know it by.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Tone::Pass => "pass",
            Tone::Skipped => "skipped",
            Tone::Known => "known",
            Tone::Recorded => "recorded",
            Tone::Outdated => "outdated",
            Tone::Broken => "broken",
            Tone::Red => "red",
        }
    }

    /// What it means, for a legend.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Tone::Pass => "passed",
            Tone::Skipped => "skipped",
            Tone::Known => "known deviation",
            Tone::Recorded => "only recorded",
            Tone::Outdated => "deviation list out of date",
            Tone::Broken => "in error or not run",
            Tone::Red => "not conforming",
        }
    }

    /// Whether somebody has to look at it.
    #[must_use]
    pub fn is_wrong(self) -> bool {
        self >= Tone::Outdated
    }
}
