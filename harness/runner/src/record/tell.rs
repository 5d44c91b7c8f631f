//! The lines of a run: what its header, its cases and its cells say.

use std::collections::BTreeSet;

use oplock_model::RuleSet;
use oplock_suite::plan::{Action, Case, Cell, Obligation};

use super::line::{CaseLine, CellLine, ChartLine, LegLine, Rules};
use super::speed::Latencies;
use crate::at;
use crate::chart;
use crate::claim;
use crate::exit::Standing;
use crate::fnv::Fnv;
use crate::history::Played;
use crate::leg::Leg;
use crate::screen;
use crate::trace::Trace;
use crate::verdict::{CellResult, Judgement};

/// What a run says of a leg; `needed` are the capabilities that cells of its plan need.
#[must_use]
pub fn leg_line(leg: &Leg, needed: &BTreeSet<String>) -> LegLine {
    let absent = |name: &&String| !claim::has(&leg.facts, name);
    LegLine {
        axes: leg.facts.axes.clone(),
        lease_version: leg.lease_version,
        waits: leg.waits,
        timer_waits: leg.timer.as_ref().map(|timer| timer.waits),
        absent: needed.iter().filter(absent).cloned().collect(),
    }
}

/// What a run says of a case.
#[must_use]
pub fn case_line(case: &Case, number: usize) -> CaseLine {
    CaseLine {
        number,
        id: case.id.clone(),
        suite: case.suite.clone(),
        says: case.says.clone(),
        file: case.place.file.clone(),
        at_line: case.place.line,
        obligation: match &case.obligation {
            Obligation::Must => "must".to_owned(),
            Obligation::Should => "should".to_owned(),
            Obligation::May => "may".to_owned(),
            Obligation::Product(name) => format!("product: {name}"),
        },
        since: case.since.clone(),
        was: case.was_id(),
        tags: case.tags.clone(),
        spec: case.spec.iter().map(ToString::to_string).collect(),
    }
}

/// What goes into the line of a cell, besides its result.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    /// The case.
    pub case: &'a Case,
    /// The cell, as it was played.
    pub cell: &'a Cell,
    /// Its place in the plan of the whole run.
    pub number: usize,
    /// The axes in which it was asked.
    pub axes: &'a str,
    /// What its result means for the run.
    pub standing: Standing,
    /// Whether it is of the core.
    pub core: bool,
    /// The capabilities that it needs and the target has not.
    pub lacks: BTreeSet<String>,
    /// The cells of the transition grid that it is about.
    pub grid: Vec<u16>,
    /// What a person wants to read of it.
    pub screen: Option<String>,
}

/// The line of a result.
#[must_use]
pub fn cell_line(around: Around<'_>, result: &CellResult) -> CellLine {
    let Around { case, cell, .. } = around;
    let first = result.cause();
    let played = result.played.as_ref();
    let words = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    CellLine {
        number: around.number,
        cell: cell.id.0.clone(),
        case: case.id.clone(),
        axes: around.axes.to_owned(),
        verdict: result.verdict,
        standing: around.standing,
        reason: result.reason.clone(),
        deviation: result.deviation,
        kind: first.map(|first| first.kind),
        step: first.map(|first| first.step.saturating_add(1)),
        sentence: first.map(|first| first.sentence.clone()),
        signature: first.map(|first| first.signature()),
        expected: first.and_then(|first| words(&first.expected)),
        observed: first.and_then(|first| words(&first.observed)),
        core: around.core,
        needs: cell.needs.clone(),
        lacks: around.lacks,
        attempts: result.attempts.clone(),
        rules: Rules {
            named: case.spec.iter().map(ToString::to_string).collect(),
            fired: played.map(|played| names(&played.rules)).unwrap_or_default(),
        },
        grid: around.grid,
        duration_ms: duration_ms(result),
        latencies: played.map(|played| Latencies::of(cell, &played.history)).unwrap_or_default(),
        chart: played
            .map(|played| charted(cell, played, result.judgement.as_ref()))
            .unwrap_or_default(),
        screen: around.screen,
        then: result.judgement.as_ref().map(then).unwrap_or_default(),
        why: cell.footnote.clone(),
        at: played.and_then(|played| {
            let trace = Trace::new(cell, &played.history);
            Some(at::line(&trace, played.trail.as_ref()?, first))
        }),
        trail: played.and_then(|played| played.trail.clone()),
        hooks: result.hooks.clone(),
        capture: played.and_then(|played| {
            let name = played.capture.as_ref()?.file_name()?;
            Some(name.to_string_lossy().into_owned())
        }),
        kept: played.and_then(|played| played.kept.clone()),
        steps: played.map(|_| steps_hash(cell)),
        history: played.map(|played| played.history.clone()),
    }
}

fn names(rules: &RuleSet) -> Vec<String> {
    rules.iter().map(|rule| rule.to_string()).collect()
}

/// What came after the first divergence.
fn then(judgement: &Judgement) -> Vec<String> {
    let later = judgement.divergences.iter().skip(1);
    later
        .map(|later| format!("{} (step {})", later.sentence, later.step.saturating_add(1)))
        .collect()
}

/// Of all plays together, where there were several.
fn duration_ms(result: &CellResult) -> f64 {
    if result.attempts.is_empty() {
        result.played.as_ref().map_or(0.0, Played::millis)
    } else {
        result.attempts.iter().map(|attempt| attempt.duration_ms).sum()
    }
}

/// The chart in order of time, with the place where the cell left the path.
fn charted(cell: &Cell, played: &Played, judgement: Option<&Judgement>) -> Vec<ChartLine> {
    let cause = judgement.and_then(|judgement| judgement.divergences.first());
    let (lines, marked) = screen::charted(cell, &played.history, cause);
    let began = lines.iter().map(|line| line.at).min().unwrap_or_default();
    let line = |(index, line): (usize, chart::Line)| ChartLine {
        step: line.step.saturating_add(1),
        breaks: line.text.starts_with("<- break "),
        actor: line.actor,
        text: line.text,
        answer: line.answer,
        at_us: line.at.micros_since(began),
        open: line.open,
        marked: marked == Some(index),
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// A hash over what the steps of a cell do, without what they expect: the same one means that a history of it can be judged again.
#[must_use]
pub fn steps_hash(cell: &Cell) -> String {
    let mut hash = Fnv::new();
    hash.take(&format!("{:?} {:?} {:?} {:?}", cell.layer, cell.share, cell.files, cell.choices));
    hash.take(&format!("{:?}", cell.dialect));
    for actor in &cell.actors {
        hash.take(&format!("{actor:?}"));
    }
    for step in &cell.steps {
        match &step.action {
            Action::Calls(calls) => {
                for call in calls {
                    // Where it is written is no part of what it does.
                    let (index, actor) = (call.index.0, call.actor);
                    hash.take(&format!("{index} {actor} {} {:?}", call.label, call.operation));
                }
            }
            Action::TimePasses(wait) => hash.take(&format!("{wait:?}")),
        }
        hash.take(&format!("step, {}", step.record_only));
    }
    hash.hex()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::testing;

    const CASE: &str = r"
suite: lease/tried
about: A case that is changed.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}
cases:
  one:
    says: It is granted.
    spec: [fsa.grant.none.shared]
    steps:
      - A opens: {file: f, as: a, access: r, share: rwd, want: ii}
        then: [{A gets: {answer: a, granted: ii}}]
      - B opens: {file: f, as: b, access: r, share: rwd, want: ii}
        then: [{B gets: {answer: b, granted: ii}}]
";

    fn hash(case: &str) -> String {
        steps_hash(&testing::loaded(case).cases[0].cells[0])
    }

    /// Never another one with another build: records of years are compared.
    #[test]
    fn the_hash_of_a_cell_stays() {
        assert_eq!(hash(CASE), "f0adc52dcfad2e7d");
    }

    /// What is expected, said and cited may change, and the place too: the history can be judged again.
    #[rstest]
    #[case("{answer: b, granted: ii}", "{answer: b, granted: none}")]
    #[case("{answer: a, granted: ii}", "{answer: a, status: success}")]
    #[case("It is granted.", "It is granted at once.")]
    #[case("fsa.grant.none.shared", "fsa.grant.ii.joined_by_ii_or_r")]
    #[case(
        "about: A case that is changed.\n",
        "about: |\n  A case that is changed,\n  and has moved.\n"
    )]
    #[case("  one:", "  two:")]
    fn what_is_expected_does_not_matter(#[case] from: &str, #[case] to: &str) {
        assert!(CASE.contains(from));
        assert_eq!(hash(&CASE.replacen(from, to, 1)), hash(CASE));
    }

    /// What is done may not.
    #[rstest]
    #[case(
        "share: rwd, want: ii}\n        then: [{A",
        "share: rwd, want: batch}\n        then: [{A"
    )]
    #[case("access: r, share: rwd", "access: rw, share: rwd")]
    #[case("B opens", "A opens")]
    #[case("as: b", "as: c")]
    #[case("size: 4KiB", "size: 8KiB")]
    #[case("B: client 2", "B: client 1")]
    #[case("    steps:\n", "    dialect: smb2_1\n    steps:\n")]
    fn what_is_done_does(#[case] from: &str, #[case] to: &str) {
        assert!(CASE.contains(from));
        let changed = CASE.replacen(from, to, 1);
        // Who opens, and under which name, is expected too.
        let changed = match to {
            "as: c" => changed.replace("answer: b", "answer: c"),
            "A opens" => changed.replace("B gets", "A gets"),
            _ => changed,
        };
        assert_ne!(hash(&changed), hash(CASE));
    }
}
