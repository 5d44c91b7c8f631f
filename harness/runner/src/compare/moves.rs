//! What it means that a cell shows something else than before.

use serde::Serialize;

use crate::exit::Standing;
use crate::verdict::Verdict;

/// How a cell moved from one run to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// It passed, was known to deviate, or was not asked; now it fails, or could not be asked.
    Regressed,
    /// Its precondition does not hold any more.
    NewlyInconclusive,
    /// It is not asked any more: the target says that it has not what the cell needs.
    NewlySkipped,
    /// It passed, or failed; now the deviation list says that it may deviate.
    NewlyKnown,
    /// It passes now, or it does at all.
    Fixed,
    /// It fails as before, but in another way.
    FailsDifferently,
    /// From one wrong verdict to another one, or the deviation list is out of date.
    Otherwise,
}

impl Move {
    /// Every move, in the order in which they are told.
    pub const ALL: [Move; 7] = [
        Move::Regressed,
        Move::NewlyInconclusive,
        Move::NewlySkipped,
        Move::NewlyKnown,
        Move::FailsDifferently,
        Move::Otherwise,
        Move::Fixed,
    ];

    /// The words that people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Move::Regressed => "regressed",
            Move::NewlyInconclusive => "newly inconclusive",
            Move::NewlySkipped => "newly skipped",
            Move::NewlyKnown => "newly a known deviation",
            Move::Fixed => "fixed",
            Move::FailsDifferently => "fails differently",
            Move::Otherwise => "moved otherwise",
        }
    }
}

/// What a cell showed in one of the runs, as far as a move is about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// What it meant for that run.
    pub standing: Standing,
    /// The signature of the first divergence.
    pub signature: Option<&'a str>,
}

/// How a cell moved, and whether that is a regression; nothing where it shows the same. `accept_known` lets a cell that passed
/// deviate as the deviation list says.
#[must_use]
pub fn moved(before: Seen<'_>, after: Seen<'_>, accept_known: bool) -> Option<(Move, bool)> {
    let move_ = direction(before, after)?;
    let passed = passes(before.verdict);
    // What nobody owes is told only.
    let owed = after.standing != Standing::Tolerated;
    let gates = match move_ {
        Move::Regressed | Move::NewlyInconclusive => owed,
        Move::NewlySkipped => passed,
        Move::NewlyKnown => passed && !accept_known,
        Move::Fixed | Move::FailsDifferently | Move::Otherwise => false,
    };
    Some((move_, gates))
}

fn direction(before: Seen<'_>, after: Seen<'_>) -> Option<Move> {
    use Verdict::{Error, Fail, FailedDifferently, Flaky, Inconclusive, KnownDeviation, Skipped};
    let same_way = before.signature == after.signature;
    match (before.verdict, after.verdict) {
        (one, other) if one == other => (!same_way).then_some(Move::FailsDifferently),
        (one, other) if passes(one) && passes(other) => Some(Move::Otherwise),
        (Skipped, other) if passes(other) => Some(Move::Otherwise),
        (_, other) if passes(other) => Some(Move::Fixed),
        (_, Skipped) => Some(Move::NewlySkipped),
        (_, Inconclusive) => Some(Move::NewlyInconclusive),
        (Skipped, KnownDeviation) => Some(Move::Otherwise),
        (_, KnownDeviation) => Some(Move::NewlyKnown),
        (one, _) if passes(one) || matches!(one, KnownDeviation | Skipped) => Some(Move::Regressed),
        (Fail | FailedDifferently | Flaky | Error | Inconclusive, _) => Some(Move::Otherwise),
        // The verdicts that pass are above.
        _ => Some(Move::Otherwise),
    }
}

/// Whether the target does what the cell asks.
#[must_use]
pub fn passes(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::UnexpectedPass)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use oplock_suite::plan::Obligation;

    const VERDICTS: [Verdict; 9] = [
        Verdict::Pass,
        Verdict::UnexpectedPass,
        Verdict::KnownDeviation,
        Verdict::Skipped,
        Verdict::Fail,
        Verdict::FailedDifferently,
        Verdict::Flaky,
        Verdict::Inconclusive,
        Verdict::Error,
    ];

    fn seen(verdict: Verdict, obligation: &Obligation) -> Seen<'static> {
        let standing = Standing::of(verdict, obligation, false);
        let signature = (!matches!(verdict, Verdict::Pass | Verdict::Skipped | Verdict::Error))
            .then_some("order at step 3");
        Seen { verdict, standing, signature }
    }

    /// From each verdict (a row) to each (a column, in the same order): `R` regressed, `I` newly inconclusive, `S` newly skipped,
    /// `K` newly known, `F` fixed, `o` otherwise, `.` the same; `!` where it gates.
    #[rstest]
    #[case(Verdict::Pass, ".  o  K! S! R! R! R! I! R!")]
    #[case(Verdict::UnexpectedPass, "o  .  K! S! R! R! R! I! R!")]
    #[case(Verdict::KnownDeviation, "F  F  .  S  R! R! R! I! R!")]
    #[case(Verdict::Skipped, "o  o  o  .  R! R! R! I! R!")]
    #[case(Verdict::Fail, "F  F  K  S  .  o  o  I! o")]
    #[case(Verdict::FailedDifferently, "F  F  K  S  o  .  o  I! o")]
    #[case(Verdict::Flaky, "F  F  K  S  o  o  .  I! o")]
    #[case(Verdict::Inconclusive, "F  F  K  S  o  o  o  .  o")]
    #[case(Verdict::Error, "F  F  K  S  o  o  o  I! .")]
    fn each_verdict_to_each(#[case] before: Verdict, #[case] row: &str) {
        let must = Obligation::Must;
        let letters = VERDICTS.map(|after| {
            let moved = moved(seen(before, &must), seen(after, &must), false);
            let Some((move_, gates)) = moved else { return ".".to_owned() };
            let letter = match move_ {
                Move::Regressed => "R",
                Move::NewlyInconclusive => "I",
                Move::NewlySkipped => "S",
                Move::NewlyKnown => "K",
                Move::Fixed => "F",
                Move::FailsDifferently => "D",
                Move::Otherwise => "o",
            };
            format!("{letter}{}", if gates { "!" } else { "" })
        });
        let expected: Vec<_> = row.split_whitespace().collect();
        assert_eq!(letters.to_vec(), expected);
    }

    #[rstest]
    #[case(Verdict::Fail)]
    #[case(Verdict::Flaky)]
    #[case(Verdict::Inconclusive)]
    fn what_nobody_owes_is_told_only(#[case] after: Verdict) {
        let may = Obligation::May;
        let found = moved(seen(Verdict::Pass, &may), seen(after, &may), false);
        assert!(matches!(found, Some((_, false))), "{found:?}");
    }

    #[test]
    fn an_accepted_deviation_is_told_only() {
        let (before, after) = (Verdict::Pass, Verdict::KnownDeviation);
        let (must, known) = (Obligation::Must, true);
        let found = moved(seen(before, &must), seen(after, &must), known);
        assert_eq!(found, Some((Move::NewlyKnown, false)));
    }

    #[rstest]
    #[case(Verdict::Fail)]
    #[case(Verdict::KnownDeviation)]
    #[case(Verdict::Inconclusive)]
    fn another_way_to_fail_is_told(#[case] verdict: Verdict) {
        let before = seen(verdict, &Obligation::Must);
        let after = Seen { signature: Some("stall at step 1"), ..before };
        assert_eq!(moved(before, after, false), Some((Move::FailsDifferently, false)));
    }
}
