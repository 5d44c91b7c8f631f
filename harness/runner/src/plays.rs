//! A cell that is played more than once: what its plays show together.

use std::collections::BTreeMap;

use crate::bench::{Bench, Planned};
use crate::exit::Standing;
use crate::history::Played;
use crate::record::Attempt;
use crate::verdict::{CellResult, Divergence, Verdict, counts};

/// How often each cell is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plays {
    /// Always so many times.
    pub repeat: u32,
    /// So many times more, until one is as it should be, where none has been.
    pub retries: u32,
}

impl Plays {
    /// Plays a cell and says what it showed. Plays that disagree are flaky, and what is kept is the first that was not as it
    /// should be. `stopped` says why no more plays begin, once none do.
    pub fn play(
        self,
        bench: &Bench,
        planned: Planned,
        standing: &dyn Fn(&CellResult) -> Standing,
        stopped: &dyn Fn() -> Option<&'static str>,
    ) -> CellResult {
        self.of(&|number| bench.play(planned, number), standing, stopped)
    }

    /// What plays of one cell show together; `play` is given the number of each, from 0.
    fn of(
        self,
        play: &dyn Fn(u32) -> CellResult,
        standing: &dyn Fn(&CellResult) -> Standing,
        stopped: &dyn Fn() -> Option<&'static str>,
    ) -> CellResult {
        let mut kept = play(0);
        if kept.verdict == Verdict::Skipped {
            return kept;
        }
        let mut attempts = vec![attempt(&kept)];
        let mut came_right = !standing(&kept).is_wrong();
        let mut cut = None;
        for number in 1..self.repeat.saturating_add(self.retries) {
            if number >= self.repeat && came_right {
                break;
            }
            cut = stopped().filter(|_| number < self.repeat);
            if stopped().is_some() {
                break;
            }
            let next = play(number);
            attempts.push(attempt(&next));
            came_right |= !standing(&next).is_wrong();
            if rank(standing(&next)) > rank(standing(&kept)) {
                kept = next;
            }
        }
        if let Some(why) = cut.filter(|_| !standing(&kept).is_wrong()) {
            // Some of its plays did not run, which must not look like passed.
            let plays = attempts.len();
            kept.verdict = Verdict::Error;
            kept.reason = Some(format!("{why}, after {plays} of {} plays", self.repeat));
        }
        if attempts.len() > 1 {
            if cut.is_none() || standing(&kept) != Standing::Broken {
                agree(&mut kept, &attempts);
            }
            kept.attempts = attempts;
        }
        kept
    }
}

/// Which of several plays is kept: what the target did wrong counts for more than a fault on the way to it.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Held | Standing::Skipped => 0,
        Standing::Tolerated => 1,
        Standing::Broken => 2,
        Standing::Outdated => 3,
        Standing::Red => 4,
    }
}

fn attempt(result: &CellResult) -> Attempt {
    Attempt {
        verdict: result.verdict,
        signature: result.cause().map(Divergence::signature),
        duration_ms: result.played.as_ref().map_or(0.0, Played::millis),
    }
}

/// Gives the verdict of all plays together, and says how often each came.
pub(crate) fn agree(kept: &mut CellResult, attempts: &[Attempt]) {
    let plays = attempts.len();
    let all = counts(attempts.iter().map(|attempt| attempt.verdict));
    let of = |verdict| all.get(&verdict).copied().unwrap_or(0);
    let errors = of(Verdict::Error);
    // A fault on the way says nothing of the target: it neither makes its answers differ nor lets them pass.
    let answers = all.len() - usize::from(errors > 0);
    let reason = |kept: &CellResult| kept.reason.clone().unwrap_or_default();
    if answers > 1 {
        let others: Vec<_> = all
            .iter()
            .filter(|(verdict, _)| **verdict != Verdict::Pass)
            .map(|(verdict, count)| format!("{count} {}", verdict.words()))
            .collect();
        let others = others.join(", ");
        // An entry that is wrong about how the cell fails says more than that it fails in two ways.
        if kept.verdict == Verdict::FailedDifferently {
            kept.reason = Some(format!("{} ({others} of {plays} plays)", reason(kept)));
            return;
        }
        let passed = of(Verdict::Pass) + of(Verdict::UnexpectedPass);
        let entry = match kept.deviation {
            Some(line) => format!("`expect: flaky` in line {line} of the deviation list"),
            None => "`expect: flaky` in the deviation list".to_owned(),
        };
        kept.verdict = Verdict::Flaky;
        kept.reason = Some(format!(
            "passed {passed} of {plays} plays ({others}); find what differs between them, or say {entry} with this as the evidence"
        ));
    } else if errors > 0 && answers > 0 {
        let in_error = format!("in error in {errors} of {plays} plays");
        let reason = reason(kept);
        let reason = if reason.is_empty() { in_error } else { format!("{reason} ({in_error})") };
        kept.reason = Some(reason);
    } else {
        let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
        for signature in attempts.iter().filter_map(|attempt| attempt.signature.as_deref()) {
            *ways.entry(signature).or_default() += 1;
        }
        if ways.len() > 1 && kept.reason.is_none() {
            let ways: Vec<_> =
                ways.iter().map(|(way, count)| format!("{count} of {plays}: {way}")).collect();
            kept.reason = Some(format!("not the same in all plays; {}", ways.join("; ")));
        }
    }
}

#[cfg(test)]
mod tests;
