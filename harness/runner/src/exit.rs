//! Exit codes, a line each, and which of them a finished run ends with.

use std::process::ExitCode;

use oplock_suite::plan::Obligation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{Brief, Footer, Header, Record};
use crate::verdict::Verdict;

/// How the command ends. Of several that apply to a finished run, the first of this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 2: a wrong command line, a bad case file, a bad deviation list, records that do not fit together.
    Usage,
    /// 3: the filter left nothing to run.
    NothingSelected,
    /// 4: the target cannot be reached or started, or it refused the login.
    Target,
    /// 1: the target does not conform; of `compare`, it does worse than before.
    Conformance,
    /// 5: a fault of the harness or of the connection, or cells that did not run.
    Harness,
    /// 6: only the deviation list is out of date.
    Outdated,
    /// 0: everything held.
    Ok,
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Ok => 0,
            Exit::Conformance => 1,
            Exit::Usage => 2,
            Exit::NothingSelected => 3,
            Exit::Target => 4,
            Exit::Harness => 5,
            Exit::Outdated => 6,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// What a verdict means for the run, once the case's obligation is known.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// As it should be: passed, or failed as its deviation entry says.
    Held,
    /// Not as it should be, but nobody owes it: `should` without `--strict`, `may`, `product`.
    Tolerated,
    /// Left out, for a reason that is told.
    Skipped,
    /// The target does not conform.
    Red,
    /// The harness or the connection failed, or the cell did not run.
    #[default]
    Broken,
    /// The deviation list is out of date.
    Outdated,
}

impl Standing {
    /// Weighs a verdict by what is owed.
    #[must_use]
    pub fn of(verdict: Verdict, obligation: &Obligation, strict: bool) -> Standing {
        match verdict {
            Verdict::Pass | Verdict::KnownDeviation => Standing::Held,
            Verdict::Skipped => Standing::Skipped,
            Verdict::Error => Standing::Broken,
            Verdict::UnexpectedPass => Standing::Outdated,
            Verdict::Fail | Verdict::FailedDifferently | Verdict::Flaky | Verdict::Inconclusive => {
                match obligation {
                    Obligation::Must => Standing::Red,
                    Obligation::Should if strict => Standing::Red,
                    Obligation::Should | Obligation::May | Obligation::Product(_) => {
                        Standing::Tolerated
                    }
                }
            }
        }
    }

    /// Whether that verdict can mean this, whatever was owed.
    #[must_use]
    pub fn fits(self, verdict: Verdict) -> bool {
        let owed = [Obligation::Must, Obligation::May];
        owed.iter().any(|obligation| Standing::of(verdict, obligation, false) == self)
    }

    /// Whether somebody has to look at it.
    #[must_use]
    pub fn is_wrong(self) -> bool {
        matches!(self, Standing::Red | Standing::Broken | Standing::Outdated)
    }
}

/// The exit of a finished run.
#[must_use]
pub fn of_run(
    standings: impl IntoIterator<Item = Standing>,
    changed_counts: bool,
    list_outdated: bool,
) -> Exit {
    let mut red = changed_counts;
    let mut broken = false;
    let mut outdated = list_outdated;
    for standing in standings {
        match standing {
            Standing::Red => red = true,
            Standing::Broken => broken = true,
            Standing::Outdated => outdated = true,
            Standing::Held | Standing::Tolerated | Standing::Skipped => {}
        }
    }
    if red {
        Exit::Conformance
    } else if broken {
        Exit::Harness
    } else if outdated {
        Exit::Outdated
    } else {
        Exit::Ok
    }
}

/// The exit of a recorded run.
#[must_use]
pub fn of_record(header: &Header, cells: &[Brief], footer: &Footer) -> Exit {
    let changed = header.fail_on_change && !footer.changed.is_empty();
    of_run(
        cells.iter().map(|brief| brief.standing),
        changed || !footer.contradicted.is_empty(),
        !footer.outdated.is_empty(),
    )
}

/// The exit of a record that is read: what was cut off did not run to its end.
#[must_use]
pub fn of(record: &Record) -> Exit {
    let standings = record.cells.iter().map(|brief| brief.standing);
    match &record.footer {
        Some(footer) => of_record(&record.header, &record.cells, footer),
        None => of_run(standings.chain([Standing::Broken]), false, false),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The table of verdicts and the obligations, as the running contract has them.
    #[rstest]
    #[case(Verdict::Pass, Obligation::Must, false, Standing::Held)]
    #[case(Verdict::KnownDeviation, Obligation::Must, true, Standing::Held)]
    #[case(Verdict::Fail, Obligation::Must, false, Standing::Red)]
    #[case(Verdict::Fail, Obligation::Should, false, Standing::Tolerated)]
    #[case(Verdict::Fail, Obligation::Should, true, Standing::Red)]
    #[case(Verdict::Fail, Obligation::May, true, Standing::Tolerated)]
    #[case(Verdict::FailedDifferently, Obligation::Must, false, Standing::Red)]
    #[case(Verdict::Inconclusive, Obligation::Must, false, Standing::Red)]
    #[case(Verdict::Inconclusive, Obligation::Should, false, Standing::Tolerated)]
    #[case(Verdict::Skipped, Obligation::Must, true, Standing::Skipped)]
    #[case(Verdict::Error, Obligation::May, false, Standing::Broken)]
    #[case(Verdict::UnexpectedPass, Obligation::Must, false, Standing::Outdated)]
    fn standing(
        #[case] verdict: Verdict,
        #[case] obligation: Obligation,
        #[case] strict: bool,
        #[case] expected: Standing,
    ) {
        assert_eq!(Standing::of(verdict, &obligation, strict), expected);
    }

    /// The precedence: 1, then 5, then 6, then 0.
    #[rstest]
    #[case(&[Standing::Held], false, false, 0)]
    #[case(&[Standing::Held, Standing::Tolerated, Standing::Skipped], false, false, 0)]
    #[case(&[Standing::Outdated], false, false, 6)]
    #[case(&[Standing::Held], false, true, 6)]
    #[case(&[Standing::Outdated, Standing::Broken], false, true, 5)]
    #[case(&[Standing::Broken, Standing::Red, Standing::Outdated], false, true, 1)]
    #[case(&[Standing::Broken], true, false, 1)]
    fn precedence(
        #[case] standings: &[Standing],
        #[case] changed: bool,
        #[case] outdated: bool,
        #[case] code: u8,
    ) {
        assert_eq!(of_run(standings.iter().copied(), changed, outdated).code(), code);
    }
}
