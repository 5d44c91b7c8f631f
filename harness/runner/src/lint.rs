//! The checks of the corpus that need the engine: its verdict on every case, and the rules that it applied.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use oplock_engine::{Choices, Reference};
use oplock_model::{Dialect, RuleSet};
use oplock_suite::load;
use oplock_suite::plan::{Case, Corpus, Obligation, Place};

use crate::bench::{Bench, Planned};
use crate::cli::CorpusArgs;
use crate::console::counted;
use crate::corpus;
use crate::deviations::Deviations;
use crate::drive;
use crate::leg::Leg;
use crate::names::KeySource;
use crate::stop::Stop;
use crate::target::Choice;
use crate::verdict::{CellResult, Verdict};

/// One thing that is wrong with a case, seen from the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `R001`: the engine's verdict is not pass. `R002`: a named rule was applied in no cell. `R003`: a reading that the
    /// case asks for does not exist, or any other would do.
    pub code: &'static str,
    /// The case.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Checks the case files and then what the engine makes of them; says how many cases are sound.
///
/// # Errors
/// A [`Stop`] with everything that was found.
pub fn lint(args: &CorpusArgs) -> Result<String, Stop> {
    let files = corpus::files(args.cases.as_deref())?;
    let loaded = load(&files);
    let mut found = String::new();
    if !loaded.diagnostics.is_empty() {
        found = corpus::rendered(&files, &loaded.diagnostics) + "\n";
    }
    let cases = loaded.corpus.cases.len();
    for fault in faults(loaded.corpus) {
        let Fault { code, place, message, help } = fault;
        let _ = write!(found, "\nerror[{code}]: {message}\n  --> {}:{}", place, place.column);
        let _ = writeln!(found, "\n   = help: {help}");
    }
    if found.is_empty() {
        Ok(format!("sound: {}\n", counted(cases, "case")))
    } else {
        Err(Stop::usage(found))
    }
}

/// Plays every cell on the engine and compares.
#[must_use]
pub fn faults(corpus: Corpus) -> Vec<Fault> {
    let bench = Bench {
        corpus: Arc::new(corpus),
        legs: vec![Leg::new(
            Arc::new(Reference::new(Choices::default())),
            Dialect::default(),
            Choice::Reference.waits(1.0),
        )],
        live: false,
        deviations: Deviations::default(),
        seed: 0,
    };
    let mut faults = Vec::new();
    for (index, case) in bench.corpus.cases.iter().enumerate() {
        let results: Vec<_> = (0..case.cells.len())
            .map(|cell| bench.play(Planned { leg: 0, case: index, cell }, 0))
            .collect();
        faults.extend(verdicts(case, &results));
        faults.extend(rules(case, &results));
        faults.extend(choices(&bench, case, &results));
    }
    faults
}

/// `R001`, one for each cell that does not pass; what one product does, the engine need not do.
fn verdicts(case: &Case, results: &[CellResult]) -> Vec<Fault> {
    if matches!(case.obligation, Obligation::Product(_)) {
        return Vec::new();
    }
    let wrong = results.iter().filter(|result| result.verdict != Verdict::Pass);
    wrong
        .map(|result| {
            let cell = case.cells.get(result.cell);
            let id = cell.map_or(case.id.as_str(), |cell| cell.id.0.as_str());
            let first = result.cause();
            let sentence = match (first, &result.reason) {
                (Some(first), _) => first.sentence.clone(),
                (None, Some(reason)) => reason.clone(),
                (None, None) => "nothing is known of it".to_owned(),
            };
            Fault {
                code: "R001",
                place: first.map_or_else(|| case.place.clone(), |first| first.place.clone()),
                message: format!(
                    "on the reference engine `{id}` ends as {}: {sentence}",
                    result.verdict.words()
                ),
                help: "read the rules that the case names again: either its expectation or the engine is wrong".to_owned(),
            }
        })
        .collect()
}

/// `R002`, one for each rule that the case names and no cell of it applies.
fn rules(case: &Case, results: &[CellResult]) -> Vec<Fault> {
    let mut fired = RuleSet::default();
    for played in results.iter().filter_map(|result| result.played.as_ref()) {
        fired.union(&played.rules);
    }
    let idle: BTreeMap<_, _> = case
        .spec
        .iter()
        .filter(|rule| !fired.contains(**rule))
        .map(|rule| (*rule, rule.to_string()))
        .collect();
    idle.into_values()
        .map(|rule| Fault {
            code: "R002",
            place: case.place.clone(),
            message: format!("`{}` names the rule `{rule}`, which no cell of it applies", case.id),
            help: "name the rule that decides, or ask a question that this rule decides".to_owned(),
        })
        .collect()
}

/// `R003`, one for each reading under `choices:` that the engine does not have, or in place of which any other reading of
/// the same question would do: a case may ask for our own reading by name, but only where readings differ.
fn choices(bench: &Bench, case: &Case, results: &[CellResult]) -> Vec<Fault> {
    let asked: BTreeSet<(&String, &String)> =
        case.cells.iter().flat_map(|cell| &cell.choices).collect();
    let fault = |message, help: &str| Fault {
        code: "R003",
        place: case.place.clone(),
        message,
        help: help.to_owned(),
    };
    let mut faults = Vec::new();
    for (name, value) in asked {
        if let Err(error) = Choices::default().set(name, value) {
            let message = format!("`{}` asks for a reading that is none: {error}", case.id);
            let help = "the documentation of the engine's `Choices` has them all";
            faults.push(fault(message, help));
        } else if !results.iter().any(|result| depends_on(bench, case, result, name, value)) {
            let message = format!(
                "choice without effect: `{}` goes the same way whatever `{name}` is",
                case.id
            );
            let help = "leave the choice out, or ask a question on which the readings differ";
            faults.push(fault(message, help));
        }
    }
    faults
}

/// Whether a cell goes another way with another value of a choice that it makes.
fn depends_on(bench: &Bench, case: &Case, result: &CellResult, name: &str, value: &str) -> bool {
    let cell = case.cells.get(result.cell).filter(|cell| cell.choices.contains_key(name));
    let (Some(cell), Some(played)) = (cell, &result.played) else { return false };
    let values = Choices::NAMES.iter().find(|(known, _)| *known == name);
    let others = values.into_iter().flat_map(|(_, values)| *values);
    others.filter(|other| **other != value).any(|other| {
        let mut cell = cell.clone();
        cell.choices.insert(name.to_owned(), (*other).to_owned());
        let mut keys = KeySource::for_cell(bench.seed, &cell.id, &bench.first().facts.axes);
        let (target, waits) = bench.first().player(&cell);
        drive::play(&cell, target, waits, &mut keys).history != played.history
    })
}

#[cfg(test)]
mod tests {
    use oplock_model::RuleId;
    use oplock_suite::CorpusFiles;

    use super::*;
    use crate::history::Played;
    use crate::testing;

    #[test]
    fn a_case_that_does_not_pass_is_a_fault_with_its_place() {
        let case = testing::case("a/b", &[]);
        let faults = verdicts(&case, &[testing::result(0, Verdict::Fail)]);
        assert_eq!(faults.len(), 1);
        assert_eq!(
            faults[0].message,
            "on the reference engine `a/b` ends as fail: A saw a break to none, not to ii"
        );
        assert_eq!(verdicts(&case, &[testing::result(0, Verdict::Pass)]), []);
        let skipped = verdicts(&case, &[testing::result(0, Verdict::Skipped)]);
        assert_eq!(skipped[0].place, case.place);
    }

    #[test]
    fn what_one_product_does_the_engine_need_not_do() {
        let mut case = testing::case("a/b", &[]);
        case.obligation = Obligation::Product("one".into());
        assert_eq!(verdicts(&case, &[testing::result(0, Verdict::Fail)]), []);
    }

    #[test]
    fn a_rule_that_is_only_named_is_a_fault() {
        let mut case = testing::case("a/b", &[]);
        case.spec = vec![RuleId::FsaKeyNone, RuleId::FsaKeyEqual];
        let mut rules_of_cell = RuleSet::default();
        rules_of_cell.insert(RuleId::FsaKeyEqual);
        let mut result = testing::result(0, Verdict::Pass);
        result.played = Some(Played { rules: rules_of_cell, ..Played::default() });
        let found: Vec<_> =
            rules(&case, &[result]).into_iter().map(|fault| fault.message).collect();
        assert_eq!(found, ["`a/b` names the rule `fsa.key.none`, which no cell of it applies"]);
    }

    /// D9: an open for READ_CONTROL breaks RWH under one reading only, and an open for attributes under none.
    const CHOOSING: &str = r#"
suite: store/tried
about: What the tests of lint try.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}

cases:
  chooses:
    says: An open for READ_CONTROL breaks write caching.
    layer: store
    spec: [fsa.check_break.open.rwh_other_key]
    choices: {read_control: breaks}
    steps:
      - A opens: {file: f, as: a, access: full, share: rwd, want: RWH}
        given: {status: pending}
      - B opens: {file: f, as: b, access: [read_control], share: rwd}
        then:
          - A sees: {break: a, from: RWH, to: RH, ack: needed}
          - B waits: b
      - A acks: {break: a, to: RH}
        then:
          - B gets: {answer: b, status: success}
"#;

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let mut files: CorpusFiles = crate::embed::corpus();
        files.files.retain(|(name, _)| name.ends_with("capabilities.yaml"));
        files.files.push(("cases/store/tried.yaml".to_owned(), text.to_owned()));
        let loaded = load(&files);
        assert_eq!(
            loaded.diagnostics.len(),
            0,
            "{}",
            corpus::rendered(&files, &loaded.diagnostics)
        );
        faults(loaded.corpus).into_iter().map(|fault| (fault.code, fault.message)).collect()
    }

    #[test]
    fn a_choice_has_to_make_a_difference() {
        assert_eq!(found(CHOOSING), []);
        let both =
            CHOOSING.replace("read_control: breaks", "flush: unchecked, read_control: breaks");
        let message =
            "choice without effect: `store/tried/chooses` goes the same way whatever `flush` is";
        assert_eq!(found(&both), [("R003", message.to_owned())]);
        // Our own reading may be asked for by name: another would let B in.
        let ours = CHOOSING
            .replace("read_control: breaks", "read_control: exempt")
            .replace(
                "[fsa.check_break.open.rwh_other_key]",
                "[fsa.check_break.open.read_control_granular]",
            )
            .split("        then:\n          - A sees")
            .next()
            .map(|text| {
                format!("{text}        then: [{{B gets: {{answer: b, status: success}}}}]\n")
            });
        assert_eq!(found(&ours.unwrap_or_default()), []);
    }

    #[test]
    fn a_choice_has_to_be_one() {
        for (wrong, message) in [
            ("no_such: thing", "unknown choice `no_such`"),
            (
                "read_control: perhaps",
                "choice `read_control` has no value `perhaps`; it has exempt, breaks",
            ),
        ] {
            let found = found(&CHOOSING.replace("read_control: breaks", wrong));
            let told = format!("`store/tried/chooses` asks for a reading that is none: {message}");
            assert!(found.contains(&("R003", told)), "{found:?}");
        }
    }
}
