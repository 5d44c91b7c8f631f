//! What a run entitles its target to say of itself, per profile.

use std::collections::BTreeSet;
use std::fmt;

use oplock_model::{Capability, Facts};
use oplock_suite::plan::{Cell, Corpus, Obligation};

use crate::console::counted;
use crate::record::{Brief, CaseLine, ClaimLine, Header, LeftOut, Scope, ShardOf};
use crate::since::is_newer;
use crate::verdict::Verdict;

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
    /// Which part of a run this is, where it is a part.
    pub shard: Option<ShardOf>,
}

/// The claims of a run; a profile without a cell of its own makes none. One of several axes holds where it holds in all of them.
#[must_use]
pub fn claims(header: &Header, cases: &[CaseLine], cells: &[Brief]) -> Vec<Claim> {
    let mut core = Claim::of(Profile::Core, &header.left_out.core, header.shard);
    let mut extended = Claim::of(Profile::Extended, &header.left_out.extended, header.shard);
    let left_out = header.left_out.extended != header.left_out.core;
    let mut extended_has_cells = left_out;
    for brief in cells {
        let Some(case) = cases.get(brief.case) else { continue };
        let is_new = is_newer(case.since.as_deref(), header.corpus_as_of.as_deref());
        if case.obligation != "must" || is_new {
            continue;
        }
        extended_has_cells |= !brief.core;
        for claim in [Some(&mut extended), brief.core.then_some(&mut core)].into_iter().flatten() {
            if brief.lacks.is_empty() {
                // What a record says of its filter may be any number.
                claim.cells = claim.cells.saturating_add(1);
                claim.not_passed += usize::from(!passed(brief.verdict));
            } else {
                // What only some axes lack narrows nothing: the others were asked.
                let nowhere =
                    |name: &&String| header.legs.iter().all(|leg| leg.absent.contains(*name));
                claim.without.extend(brief.lacks.iter().filter(nowhere).cloned());
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

/// What of the scopes of the claims is not among the selected cells; `in_plan` says whether a cell belongs to the plan of a leg.
#[must_use]
pub fn left_out(
    corpus: &Corpus,
    legs: &[&Facts],
    selected: &BTreeSet<(usize, usize)>,
    as_of: Option<&str>,
    in_plan: &dyn Fn(usize, &Cell) -> bool,
) -> LeftOut {
    let mut found = LeftOut::default();
    for (case_index, case) in corpus.cases.iter().enumerate() {
        if case.obligation != Obligation::Must || is_newer(case.since.as_deref(), as_of) {
            continue;
        }
        for (cell_index, cell) in case.cells.iter().enumerate() {
            if selected.contains(&(case_index, cell_index)) {
                continue;
            }
            let is_core = is_core(corpus, cell);
            for (_, facts) in legs.iter().enumerate().filter(|(leg, _)| in_plan(*leg, cell)) {
                let absent = absent(cell, facts);
                let scopes = [Some(&mut found.extended), is_core.then_some(&mut found.core)];
                for scope in scopes.into_iter().flatten() {
                    if absent.is_empty() {
                        scope.cells += 1;
                    } else {
                        let nowhere = |name: &&String| legs.iter().all(|facts| !has(facts, name));
                        scope.without.extend(absent.iter().filter(nowhere).cloned());
                    }
                }
            }
        }
    }
    found
}

/// The capabilities that a cell needs and the target has not.
#[must_use]
pub fn absent(cell: &Cell, facts: &Facts) -> BTreeSet<String> {
    cell.needs.iter().filter(|name| !has(facts, name)).cloned().collect()
}

/// Whether the target has a capability.
#[must_use]
pub fn has(facts: &Facts, name: &str) -> bool {
    facts.capabilities.get(name).is_some_and(Capability::counts)
}

impl Claim {
    fn of(profile: Profile, left_out: &Scope, shard: Option<ShardOf>) -> Claim {
        let Scope { cells, without } = left_out.clone();
        Claim { profile, cells, not_passed: 0, left_out: cells, without, shard }
    }

    /// Whether the target may make it.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.not_passed == 0 && self.left_out == 0 && self.shard.is_none()
    }

    /// The claim as a record has it.
    #[must_use]
    pub fn line(&self) -> ClaimLine {
        let (profile, given) = (self.profile.to_string(), self.is_given());
        ClaimLine { profile, given, text: self.to_string() }
    }
}

/// Whether a cell with this verdict counts for a claim.
fn passed(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::UnexpectedPass)
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claim { profile, cells, not_passed, left_out, without, shard } = self;
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
        if let Some(ShardOf { number, of }) = shard {
            return write!(
                f,
                "no claim of {profile}: this is shard {number} of {of}; `merge` all of them"
            );
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

/// Whether a cell is of the core.
#[must_use]
pub fn is_core(corpus: &Corpus, cell: &Cell) -> bool {
    cell.needs.iter().all(|name| corpus.capabilities.get(name).is_some_and(|entry| entry.core))
}

#[cfg(test)]
mod tests {
    use oplock_suite::plan::CapabilityEntry;
    use rstest::rstest;

    use super::*;
    use crate::record::tell::case_line;
    use crate::record::{CellLine, LegLine};
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

    /// The claims of a run with these verdicts, by leg; the cases that have none were left out.
    fn text(
        corpus: &Corpus,
        legs: &[Facts],
        verdicts: &[&[(usize, Verdict)]],
        in_plan: &dyn Fn(&Cell) -> bool,
    ) -> String {
        let needed: BTreeSet<String> =
            corpus.cases.iter().flat_map(|case| case.cells[0].needs.clone()).collect();
        let mut cells = Vec::new();
        for (leg, verdicts) in verdicts.iter().enumerate() {
            for (case, verdict) in verdicts.iter() {
                let cell = &corpus.cases[*case].cells[0];
                let line = CellLine {
                    number: cells.len(),
                    verdict: *verdict,
                    core: is_core(corpus, cell),
                    lacks: absent(cell, &legs[leg]),
                    ..CellLine::default()
                };
                cells.push(Brief::of(&line, *case, leg, None));
            }
        }
        let leg_line = |facts: &Facts| LegLine {
            absent: needed.iter().filter(|name| !has(facts, name)).cloned().collect(),
            ..LegLine::default()
        };
        let selected = cells.iter().map(|brief| (brief.case, 0)).collect();
        let facts: Vec<&Facts> = legs.iter().collect();
        let header = Header {
            legs: legs.iter().map(leg_line).collect(),
            left_out: left_out(corpus, &facts, &selected, None, &|_, cell| in_plan(cell)),
            ..Header::default()
        };
        let cases: Vec<_> =
            (0..).zip(&corpus.cases).map(|(number, case)| case_line(case, number)).collect();
        let claims = claims(&header, &cases, &cells);
        claims.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
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
        let verdicts: Vec<_> = verdicts.iter().copied().enumerate().collect();
        assert_eq!(text(&corpus, &[facts(present)], &[&verdicts], &|_| true), expected);
    }

    #[test]
    fn what_only_some_axes_lack_narrows_no_claim() {
        let legs = [facts(&["lease_v1"]), facts(&[])];
        let both = [(0, Verdict::Pass), (1, Verdict::Pass), (2, Verdict::Skipped)];
        let second = [(0, Verdict::Pass), (1, Verdict::Skipped), (2, Verdict::Skipped)];
        assert_eq!(
            text(&corpus(), &legs, &[&both, &second], &|_| true),
            "conforms: core (3 cells)\nconforms: extended without durable (3 cells)"
        );
        let second = [(0, Verdict::Fail), (1, Verdict::Skipped), (2, Verdict::Skipped)];
        let text = text(&corpus(), &legs, &[&both, &second], &|_| true);
        assert!(text.starts_with("no claim of core: of its 3 cells 1 did not pass"), "{text}");
    }

    #[test]
    fn what_is_not_owed_or_not_in_the_plan_does_not_count() {
        let mut corpus = corpus();
        corpus.cases[0].obligation = Obligation::Should;
        let verdicts = [(0, Verdict::Fail), (1, Verdict::Pass)];
        let in_plan = |cell: &Cell| !cell.needs.contains("durable");
        let text = text(&corpus, &[facts(&["lease_v1"])], &[&verdicts], &in_plan);
        assert_eq!(text, "conforms: core (1 cell)");
    }
}
