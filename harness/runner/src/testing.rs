//! Small cases and results for the tests of this crate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oplock_engine::{Choices, Reference};
use oplock_model::{CellId, Dialect, Layer};
use oplock_suite::plan::{Case, Cell, Corpus, Obligation, Place};

use crate::bench::Bench;
use crate::deviations::Deviations;
use crate::hooks::{HookEnd, HookRan, Moment};
use crate::leg::Leg;
use crate::verdict::{CellResult, Divergence, Judgement, Kind, Verdict};
use crate::waits::Waits;

/// A case of one cell without steps.
pub(crate) fn case(id: &str, needs: &[&str]) -> Case {
    let (suite, _) = id.rsplit_once('/').unwrap_or_default();
    Case {
        id: id.into(),
        suite: suite.into(),
        says: "It holds.".into(),
        place: Place { file: format!("cases/{suite}.yaml"), line: 7, column: 3 },
        spec: Vec::new(),
        obligation: Obligation::Must,
        since: None,
        was: None,
        tags: Vec::new(),
        matrix: None,
        cells: vec![cell(id, needs)],
    }
}

/// A bench with these cases on the reference.
pub(crate) fn bench(cases: Vec<Case>) -> Bench {
    let target = Arc::new(Reference::new(Choices::default()));
    Bench {
        corpus: Arc::new(Corpus { cases, hash: "0011".into(), ..Corpus::default() }),
        legs: vec![Leg::new(target, Dialect::default(), Waits::reference())],
        live: false,
        deviations: Deviations::default(),
        seed: 7,
    }
}

/// A cell without steps.
pub(crate) fn cell(id: &str, needs: &[&str]) -> Cell {
    Cell {
        id: CellId(id.into()),
        axes: Vec::new(),
        written: None,
        footnote: None,
        layer: Layer::Smb2,
        needs: needs.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(),
        choices: BTreeMap::new(),
        dialect: None,
        share: oplock_model::ShareKind::default(),
        files: Vec::new(),
        actors: Vec::new(),
        allow: None,
        steps: Vec::new(),
    }
}

/// A result of the first cell of a case, without a record.
pub(crate) fn result(case: usize, verdict: Verdict) -> CellResult {
    let judgement = match verdict {
        Verdict::Skipped => None,
        Verdict::Pass | Verdict::UnexpectedPass => Some(passed()),
        _ => Some(wrong_level("none")),
    };
    CellResult {
        leg: 0,
        case,
        cell: 0,
        verdict,
        reason: None,
        judgement,
        played: None,
        hooks: Vec::new(),
    }
}

/// Everything held.
pub(crate) fn passed() -> Judgement {
    Judgement { verdict: Verdict::Pass, divergences: Vec::new(), readings: Vec::new() }
}

/// A break at the second step came to `observed` where `ii` was expected.
pub(crate) fn wrong_level(observed: &str) -> Judgement {
    Judgement {
        verdict: Verdict::Fail,
        divergences: vec![Divergence {
            kind: Kind::WrongLevel,
            step: 1,
            place: Place::default(),
            sentence: format!("A saw a break to {observed}, not to ii"),
            field: "to".into(),
            expected: "ii".into(),
            observed: observed.into(),
            entry: None,
        }],
        readings: Vec::new(),
    }
}

/// What a hook said of a cell.
pub(crate) fn hook() -> HookRan {
    HookRan {
        moment: Moment::OnFail,
        command: vec!["collect".into(), "--last".into(), "1min".into()],
        ended: HookEnd::Exit(0),
        output: "a line of a log\n".into(),
        duration_ms: 12.5,
    }
}
