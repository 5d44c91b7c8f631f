//! Where cells are played and judged: a target, its waits, its deviation list. The same for every entry point.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Once};

use oplock_model::Target;
use oplock_suite::plan::{Case, Cell, Corpus};

use crate::claim::absent;
use crate::deviations::Deviations;
use crate::history::Played;
use crate::names::KeySource;
use crate::verdict::{CellResult, Judgement, Verdict};
use crate::waits::Waits;
use crate::{drive, judge};

/// Everything that a cell needs to be played and judged.
pub struct Bench {
    /// The cases.
    pub corpus: Arc<Corpus>,
    /// Who is asked.
    pub target: Arc<dyn Target>,
    /// Whether the target is a server: it has no store layer, and no choices of the engine.
    pub live: bool,
    /// The bounds of its waits.
    pub waits: Waits,
    /// What it is known to do wrong.
    pub deviations: Deviations,
    /// From which lease keys are drawn.
    pub seed: u64,
}

thread_local! {
    /// The text of a panic on a thread that plays a cell; nothing on other threads.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

impl Bench {
    /// Plays and judges one cell. A panic on the way is the error of this cell alone.
    #[must_use]
    pub fn play(&self, case_index: usize, cell_index: usize) -> CellResult {
        let result = |verdict, reason, judgement, played| CellResult {
            case: case_index,
            cell: cell_index,
            verdict,
            reason,
            judgement,
            played,
        };
        let found = self.corpus.cases.get(case_index);
        let Some((case, cell)) = found.and_then(|case| Some((case, case.cells.get(cell_index)?)))
        else {
            return result(Verdict::Error, Some("no such cell".to_owned()), None, None);
        };
        if let Some(reason) = self.skips(cell) {
            return result(Verdict::Skipped, Some(reason), None, None);
        }
        match caught(|| self.judged(cell)) {
            Ok((played, judgement)) => {
                let (verdict, reason) = self.weigh(case, cell, &judgement);
                result(verdict, reason, Some(judgement), Some(played))
            }
            Err(panic) => {
                let reason = format!("the harness panicked: {panic}");
                result(Verdict::Error, Some(reason), None, None)
            }
        }
    }

    /// Why a cell cannot be asked of this target.
    #[must_use]
    pub fn skips(&self, cell: &Cell) -> Option<String> {
        let facts = self.target.facts();
        if let Some(name) = absent(cell, facts).first() {
            let source = facts.capabilities.get(name).map(|answer| answer.source.as_str());
            return Some(match source {
                Some(source) if !source.is_empty() => {
                    format!("needs {name}, which the target has not ({source})")
                }
                _ => format!("needs {name}, which the target has not"),
            });
        }
        if self.live
            && let Some((name, value)) = cell.choices.iter().next()
        {
            return Some(format!("sets `{name}: {value}`, a choice of the reference engine only"));
        }
        None
    }

    fn judged(&self, cell: &Cell) -> (Played, Judgement) {
        let mut keys = KeySource::for_cell(self.seed, &cell.id);
        let played = drive::play(cell, &*self.target, &self.waits, &mut keys);
        let judgement = judge::judge(cell, &played.history, &self.waits);
        (played, judgement)
    }

    fn weigh(&self, case: &Case, cell: &Cell, judgement: &Judgement) -> (Verdict, Option<String>) {
        let (verdict, reason) = self.deviations.apply(&case.id, &cell.id.0, judgement);
        // A fault has its own words; they are the reason.
        if verdict == Verdict::Error && reason.is_none() {
            return (verdict, judgement.divergences.first().map(|first| first.sentence.clone()));
        }
        (verdict, reason)
    }
}

/// Runs `play`; a panic is caught and kept from the screen, with its place.
fn caught<T>(play: impl FnOnce() -> T) -> Result<T, String> {
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

    use oplock_model::{Capability, Facts, Scene, Setup, TargetFault};

    use super::*;
    use crate::testing;

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
        Bench {
            corpus: Arc::new(Corpus { cases, ..Corpus::default() }),
            target: Arc::new(Panics(Facts { capabilities, ..Facts::default() })),
            live: true,
            waits: Waits::reference(),
            deviations: Deviations::default(),
            seed: 1,
        }
    }

    #[test]
    fn a_panic_is_the_error_of_its_cell() {
        let result = bench(BTreeMap::new()).play(0, 0);
        assert_eq!(result.verdict, Verdict::Error);
        let reason = result.reason.unwrap_or_default();
        assert!(reason.starts_with("the harness panicked: no scene for a/plain at "), "{reason}");
    }

    #[test]
    fn a_cell_that_the_target_cannot_be_asked_is_skipped_with_the_reason() {
        let no = Capability { present: false, source: "negotiate response".into() };
        let bench = bench(BTreeMap::from([("lease_v2".into(), no)]));
        let reasons: Vec<_> = [1, 2]
            .map(|case| bench.play(case, 0))
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
        assert_eq!(bench(BTreeMap::new()).play(9, 0).verdict, Verdict::Error);
    }
}
