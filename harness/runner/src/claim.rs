//! What a run entitles its target to say of itself, per profile.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oplock_model::{Capability, Facts};
use oplock_suite::plan::{Cell, Corpus, Obligation};

use crate::console::counted;
use crate::verdict::{CellResult, Verdict};

/// A set of cells that a target can claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The cells that need no capability, or only those marked `core`.
    Core,
    /// All cells.
    Extended,
}

/// The claim of one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub profile: Profile,
    /// The `must` cells in its scope that the target's capabilities leave.
    pub cells: usize,
    /// How many of them did not pass: failed, deviating, inconclusive or in error.
    pub not_passed: usize,
    /// How many of them the filter left out.
    pub left_out: usize,
    /// Capabilities that the target has not.
    pub without: BTreeSet<String>,
}

/// The claims of a run; a profile without a cell of its own makes none, and one holds where it holds in every leg.
///
/// `in_plan` says whether a cell belongs to the plan of a leg; `results` are those of the cells that were selected.
#[must_use]
pub fn claims(
    corpus: &Corpus,
    legs: &[&Facts],
    results: &[CellResult],
    in_plan: &dyn Fn(usize, &Cell) -> bool,
) -> Vec<Claim> {
    let verdicts: BTreeMap<(usize, usize, usize), Verdict> = results
        .iter()
        .map(|result| ((result.leg, result.case, result.cell), result.verdict))
        .collect();
    let mut core = Claim::of(Profile::Core);
    let mut extended = Claim::of(Profile::Extended);
    let mut extended_has_cells = false;
    for (case_index, case) in corpus.cases.iter().enumerate() {
        for (cell_index, cell) in case.cells.iter().enumerate() {
            if case.obligation != Obligation::Must {
                continue;
            }
            let is_core = is_core(corpus, cell);
            for (leg, facts) in legs.iter().enumerate().filter(|(leg, _)| in_plan(*leg, cell)) {
                extended_has_cells |= !is_core;
                let absent = absent(cell, facts);
                let verdict = verdicts.get(&(leg, case_index, cell_index)).copied();
                let counts = [Some(&mut extended), is_core.then_some(&mut core)];
                for claim in counts.into_iter().flatten() {
                    if absent.is_empty() {
                        claim.count(verdict);
                    } else {
                        // What only some axes lack narrows nothing: the others were asked.
                        let nowhere = |name: &&String| legs.iter().all(|facts| !has(facts, name));
                        claim.without.extend(absent.iter().filter(nowhere).cloned());
                    }
                }
            }
        }
    }
    let mut claims = Vec::new();
    if core.cells > 0 {
        claims.push(core);
    }
    if extended_has_cells && extended.cells > 0 {
        claims.push(extended);
    }
    claims
}

/// The capabilities that a cell needs and the target has not.
#[must_use]
pub fn absent(cell: &Cell, facts: &Facts) -> Vec<String> {
    cell.needs.iter().filter(|name| !has(facts, name)).cloned().collect()
}

fn has(facts: &Facts, name: &str) -> bool {
    facts.capabilities.get(name).is_some_and(Capability::counts)
}

impl Claim {
    fn of(profile: Profile) -> Claim {
        Claim { profile, cells: 0, not_passed: 0, left_out: 0, without: BTreeSet::new() }
    }

    fn count(&mut self, verdict: Option<Verdict>) {
        self.cells += 1;
        match verdict {
            Some(Verdict::Pass | Verdict::UnexpectedPass) => {}
            Some(_) => self.not_passed += 1,
            None => self.left_out += 1,
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claim { profile, cells, not_passed, left_out, without } = self;
        let ways = [(*not_passed, "did not pass"), (*left_out, "left out")];
        let ways: Vec<_> = ways
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, way)| format!("{count} {way}"))
            .collect();
        if !ways.is_empty() {
            let cells = counted(*cells, "cell");
            return write!(f, "no claim of {profile}: of its {cells} {}", ways.join(", "));
        }
        write!(f, "conforms: {profile}")?;
        if !without.is_empty() {
            let names: Vec<&str> = without.iter().map(String::as_str).collect();
            write!(f, " without {}", names.join(", "))?;
        }
        write!(f, " ({})", counted(*cells, "cell"))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Profile::Core => "core",
            Profile::Extended => "extended",
        })
    }
}

fn is_core(corpus: &Corpus, cell: &Cell) -> bool {
    cell.needs.iter().all(|name| corpus.capabilities.get(name).is_some_and(|entry| entry.core))
}

#[cfg(test)]
mod tests {
    use oplock_suite::plan::CapabilityEntry;
    use rstest::rstest;

    use super::*;
    use crate::testing;

    fn corpus() -> Corpus {
        let mut corpus = Corpus {
            cases: vec![
                testing::case("a/plain", &[]),
                testing::case("a/lease", &["lease_v1"]),
                testing::case("a/durable", &["durable"]),
            ],
            ..Corpus::default()
        };
        for (name, core) in [("lease_v1", true), ("durable", false)] {
            let entry = CapabilityEntry { says: String::new(), core, probe: String::new() };
            corpus.capabilities.insert(name.into(), entry);
        }
        corpus
    }

    fn facts(present: &[&str]) -> Facts {
        let answer = Capability { present: true, ..Capability::default() };
        Facts {
            capabilities: present.iter().map(|name| ((*name).into(), answer.clone())).collect(),
            ..Facts::default()
        }
    }

    /// When a claim is given, narrowed and withdrawn, as the running contract has it.
    #[rstest]
    #[case::whole(
        &["lease_v1", "durable"], &[Verdict::Pass, Verdict::Pass, Verdict::Pass],
        "conforms: core (2 cells)\nconforms: extended (3 cells)"
    )]
    #[case::narrowed(
        &["lease_v1"], &[Verdict::Pass, Verdict::Pass, Verdict::Skipped],
        "conforms: core (2 cells)\nconforms: extended without durable (2 cells)"
    )]
    #[case::core_narrowed(
        &[], &[Verdict::Pass, Verdict::Skipped, Verdict::Skipped],
        "conforms: core without lease_v1 (1 cell)\nconforms: extended without durable, lease_v1 (1 cell)"
    )]
    #[case::failed(
        &["lease_v1", "durable"], &[Verdict::Pass, Verdict::Pass, Verdict::Fail],
        "conforms: core (2 cells)\nno claim of extended: of its 3 cells 1 did not pass"
    )]
    #[case::deviating(
        &["lease_v1", "durable"], &[Verdict::KnownDeviation, Verdict::Pass, Verdict::Pass],
        "no claim of core: of its 2 cells 1 did not pass\nno claim of extended: of its 3 cells 1 did not pass"
    )]
    #[case::filtered(
        &["lease_v1", "durable"], &[Verdict::Pass],
        "no claim of core: of its 2 cells 1 left out\nno claim of extended: of its 3 cells 2 left out"
    )]
    fn a_claim_says_what_held(
        #[case] present: &[&str],
        #[case] verdicts: &[Verdict],
        #[case] expected: &str,
    ) {
        let corpus = corpus();
        let results: Vec<_> = verdicts
            .iter()
            .enumerate()
            .map(|(case, verdict)| testing::result(case, *verdict))
            .collect();
        let claims = claims(&corpus, &[&facts(present)], &results, &|_, _| true);
        let text: Vec<_> = claims.iter().map(ToString::to_string).collect();
        assert_eq!(text.join("\n"), expected);
    }

    #[test]
    fn what_only_some_axes_lack_narrows_no_claim() {
        let legs = [facts(&["lease_v1"]), facts(&[])];
        let mut results: Vec<_> = [Verdict::Pass, Verdict::Pass]
            .into_iter()
            .enumerate()
            .map(|(case, verdict)| testing::result(case, verdict))
            .collect();
        let in_second = CellResult { leg: 1, ..testing::result(0, Verdict::Pass) };
        results.push(in_second);
        let legs = [&legs[0], &legs[1]];
        let text = |results: &[CellResult]| {
            let claims = claims(&corpus(), &legs, results, &|_, _| true);
            claims.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            text(&results),
            "conforms: core (3 cells)\nconforms: extended without durable (3 cells)"
        );
        results[2].verdict = Verdict::Fail;
        assert!(text(&results).starts_with("no claim of core: of its 3 cells 1 did not pass"));
    }

    #[test]
    fn what_is_not_owed_or_not_in_the_plan_does_not_count() {
        let mut corpus = corpus();
        corpus.cases[0].obligation = Obligation::Should;
        let results = [testing::result(0, Verdict::Fail), testing::result(1, Verdict::Pass)];
        let claims = claims(&corpus, &[&facts(&["lease_v1"])], &results, &|_, cell| {
            !cell.needs.contains("durable")
        });
        assert_eq!(claims.len(), 1);
        assert_eq!(claims[0].to_string(), "conforms: core (1 cell)");
    }
}
