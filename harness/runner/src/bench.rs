//! Where cells are played and judged: a target, its waits, its deviation list. The same for every entry point.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Once};

use oplock_model::{Capability, Facts, Layer};
use oplock_suite::plan::{Case, Cell, Corpus};

use crate::claim::absent;
use crate::deviations::{Applied, Deviations};
use crate::history::Played;
use crate::leg::Leg;
use crate::names::KeySource;
use crate::verdict::{CellResult, Judgement, Verdict};
use crate::{drive, judge, target};

/// Everything that a cell needs to be played and judged.
pub struct Bench {
    /// The cases.
    pub corpus: Arc<Corpus>,
    /// The ways in which the target is asked, the usual one first.
    pub legs: Vec<Leg>,
    /// Whether the target is a server: it has no store layer, and no choices of the engine.
    pub live: bool,
    /// What it is known to do wrong.
    pub deviations: Deviations,
    /// From which lease keys are drawn.
    pub seed: u64,
}

/// One cell of a plan: where it is asked, and which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// Index of the leg.
    pub leg: usize,
    /// Index of the case in the corpus.
    pub case: usize,
    /// Index of the cell in the case.
    pub cell: usize,
}

thread_local! {
    /// The text of a panic on a thread that plays a cell; nothing on other threads.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

impl Bench {
    /// The leg of the usual axes.
    #[must_use]
    pub fn first(&self) -> &Leg {
        &self.legs[0]
    }

    /// The facts of the target in the axes of a result.
    #[must_use]
    pub fn facts(&self, result: &CellResult) -> &Facts {
        &self.legs.get(result.leg).unwrap_or_else(|| self.first()).facts
    }

    /// The case and the cell of a result.
    #[must_use]
    pub fn found(&self, result: &CellResult) -> Option<(&Case, &Cell)> {
        self.at(result.case, result.cell)
    }

    /// The case and the cell of these indices.
    #[must_use]
    pub fn at(&self, case: usize, cell: usize) -> Option<(&Case, &Cell)> {
        let case = self.corpus.cases.get(case)?;
        Some((case, case.cells.get(cell)?))
    }

    /// The axes of a leg, where a run of several has to name them.
    #[must_use]
    pub fn axes_to_name(&self, leg: usize) -> Option<&str> {
        let named = self.legs.get(leg).filter(|_| self.legs.len() > 1)?;
        Some(&named.facts.axes)
    }

    /// The name of a cell in this run: its id, with the axes where there are several.
    #[must_use]
    pub fn name(&self, leg: usize, cell: &Cell) -> String {
        match self.axes_to_name(leg) {
            Some(axes) => format!("{} @{axes}", cell.id),
            None => cell.id.to_string(),
        }
    }

    /// Whether a cell is part of the plan of the leg of this index. In a run of one leg every cell is; in one of
    /// several, a cell that only one dialect answers is asked once in that dialect, or where no leg has it, in the first.
    #[must_use]
    pub fn plans(&self, leg: usize, cell: &Cell) -> bool {
        let asks = |leg: &Leg| leg.asks(cell);
        target::plans(self.live, cell)
            && match (leg, cell.dialect) {
                (0, None) => true,
                // The store has no axes.
                (_, None) if cell.layer == Layer::Store => false,
                (_, None) => self.legs.get(leg).is_some_and(asks),
                (_, Some(_)) => self.legs.iter().position(asks).unwrap_or(0) == leg,
            }
    }

    /// The cells of all legs that a selection asks for.
    #[must_use]
    pub fn plan(&self, selected: &[(usize, usize)]) -> Vec<Planned> {
        let mut plan = Vec::new();
        for leg in 0..self.legs.len() {
            for &(case, cell) in selected {
                let found = self.at(case, cell);
                if found.is_some_and(|(_, found)| self.plans(leg, found)) {
                    plan.push(Planned { leg, case, cell });
                }
            }
        }
        plan
    }

    /// Plays and judges one cell; `number` counts the plays of it, from 0. A panic on the way is the error of this cell alone.
    #[must_use]
    pub fn play(&self, planned: Planned, number: u32) -> CellResult {
        let Planned { leg, case, cell } = planned;
        let result = |verdict, reason, judgement, played| CellResult {
            leg,
            case,
            cell,
            verdict,
            reason,
            deviation: None,
            attempts: Vec::new(),
            judgement,
            played,
            hooks: Vec::new(),
        };
        let (Some((case, cell)), Some(leg)) = (self.at(case, cell), self.legs.get(leg)) else {
            return result(Verdict::Error, Some("no such cell".to_owned()), None, None);
        };
        if let Some(reason) = self.skips(leg, cell) {
            return result(Verdict::Skipped, Some(reason), None, None);
        }
        match caught(|| self.judged(leg, cell, number)) {
            Ok((played, judgement)) => {
                let Applied { verdict, reason, line } =
                    self.weigh(case, cell, &leg.facts.axes, &judgement);
                let result = result(verdict, reason, Some(judgement), Some(played));
                CellResult { deviation: line, ..result }
            }
            Err(panic) => {
                let reason = format!("the harness panicked: {panic}");
                result(Verdict::Error, Some(reason), None, None)
            }
        }
    }

    /// Why a cell cannot be asked of this target.
    fn skips(&self, leg: &Leg, cell: &Cell) -> Option<String> {
        let facts = &leg.facts;
        if let Some(name) = absent(cell, facts).iter().next() {
            let why = facts.capabilities.get(name).map(Capability::why_not).unwrap_or_default();
            return Some(match why.as_str() {
                "" => format!("needs {name}, which the target has not"),
                why => format!("needs {name}, which the target has not ({why})"),
            });
        }
        if self.live
            && let Some((name, value)) = cell.choices.iter().next()
        {
            return Some(format!("sets `{name}: {value}`, a choice of the reference engine only"));
        }
        None
    }

    fn judged(&self, leg: &Leg, cell: &Cell, number: u32) -> (Played, Judgement) {
        let cell = leg.dressed(cell);
        let (target, waits) = leg.player(&cell);
        // Each play has keys of its own: a late break of the last one is not taken for one of this.
        let seed = self.seed.wrapping_add(u64::from(number));
        let mut keys = KeySource::for_cell(seed, &cell.id, &leg.facts.axes);
        let played = drive::play(&cell, target, waits, &mut keys);
        let judgement = judge::judge(&cell, &played.history, waits);
        (played, judgement)
    }

    /// Puts the deviation list over a judgement.
    pub(crate) fn weigh(
        &self,
        case: &Case,
        cell: &Cell,
        axes: &str,
        judgement: &Judgement,
    ) -> Applied {
        let mut applied = self.deviations.apply(&case.id, &cell.id.0, axes, judgement);
        // A fault has its own words; they are the reason.
        if applied.verdict == Verdict::Error && applied.reason.is_none() {
            applied.reason = judgement.divergences.first().map(|first| first.sentence.clone());
        }
        applied
    }
}

/// Runs `play`; a panic is caught and kept from the screen, with its place.
pub(crate) fn caught<T>(play: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let kept = PANIC.with_borrow_mut(|text| {
                text.as_mut().map(|text| {
                    let place = info.location().map(ToString::to_string).unwrap_or_default();
                    *text = format!("{} at {place}", payload(info.payload()));
                })
            });
            if kept.is_none() {
                others(info);
            }
        }));
    });
    PANIC.set(Some(String::new()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(play));
    let text = PANIC.take().unwrap_or_default();
    outcome.map_err(|_| text)
}

fn payload(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no text")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use oplock_model::{Dialect, Scene, Setup, Target, TargetFault};

    use super::*;
    use crate::testing;
    use crate::waits::Waits;

    /// A target that panics when it is asked for anything.
    struct Panics(Facts);

    impl Target for Panics {
        fn facts(&self) -> &Facts {
            &self.0
        }

        fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
            panic!("no scene for {}", setup.cell)
        }
    }

    fn bench(capabilities: BTreeMap<String, Capability>) -> Bench {
        let mut cases = vec![
            testing::case("a/plain", &[]),
            testing::case("a/lease", &["lease_v2"]),
            testing::case("a/choice", &[]),
        ];
        if let Some(cell) = cases.get_mut(2).and_then(|case| case.cells.get_mut(0)) {
            cell.choices.insert("which".into(), "that".into());
        }
        let target = Arc::new(Panics(Facts { capabilities, ..Facts::default() }));
        let leg = Leg::new(target, Dialect::default(), Waits::reference());
        Bench { legs: vec![leg], live: true, ..testing::bench(cases) }
    }

    fn at(case: usize) -> Planned {
        Planned { leg: 0, case, cell: 0 }
    }

    #[test]
    fn a_panic_is_the_error_of_its_cell() {
        let result = bench(BTreeMap::new()).play(at(0), 0);
        assert_eq!(result.verdict, Verdict::Error);
        let reason = result.reason.unwrap_or_default();
        assert!(reason.starts_with("the harness panicked: no scene for a/plain at "), "{reason}");
    }

    #[test]
    fn a_cell_that_the_target_cannot_be_asked_is_skipped_with_the_reason() {
        let no = Capability { source: "negotiate response".into(), ..Capability::default() };
        let bench = bench(BTreeMap::from([("lease_v2".into(), no)]));
        let reasons: Vec<_> = [1, 2]
            .map(|case| bench.play(at(case), 0))
            .into_iter()
            .map(|r| (r.verdict, r.reason))
            .collect();
        assert_eq!(
            reasons,
            [
                (
                    Verdict::Skipped,
                    Some("needs lease_v2, which the target has not (negotiate response)".into())
                ),
                (
                    Verdict::Skipped,
                    Some("sets `which: that`, a choice of the reference engine only".into())
                ),
            ]
        );
    }

    #[test]
    fn a_cell_that_is_not_there_is_an_error() {
        assert_eq!(bench(BTreeMap::new()).play(at(9), 0).verdict, Verdict::Error);
    }
}
