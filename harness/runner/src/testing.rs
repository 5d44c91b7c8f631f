//! Small cases and results for the tests of this crate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oplock_engine::{Choices, Reference};
use oplock_model::{CellId, Dialect, Facts, Layer};
use oplock_suite::load;
use oplock_suite::plan::{Case, Cell, Corpus, Obligation, Place};

use crate::bench::Bench;
use crate::deviations::Deviations;
use crate::embed;
use crate::exit::Standing;
use crate::hooks::{HookEnd, HookRan, Moment};
use crate::leg::Leg;
use crate::record::tell::{Around, case_line, cell_line};
use crate::record::{self, CaseLine, CellLine, Footer, Header, LegLine, Line, Record, Writer};
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

/// The cases of this text, beside the capabilities of the corpus.
pub(crate) fn loaded(cases: &str) -> Corpus {
    let mut files = embed::corpus();
    files.files.retain(|(name, _)| name.ends_with("capabilities.yaml"));
    files.files.push(("cases/lease/tried.yaml".to_owned(), cases.to_owned()));
    let loaded = load(&files);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.corpus
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
        deviation: None,
        attempts: Vec::new(),
        judgement,
        played: None,
        hooks: Vec::new(),
    }
}

/// The header of a run in these axes.
pub(crate) fn header(product: &str, version: &str, axes: &[&str]) -> Header {
    let leg = |axes: &&str| LegLine { axes: (*axes).to_owned(), ..LegLine::default() };
    Header {
        format: record::FORMAT,
        tool: "oplock-conformance 0.1.0".into(),
        began: "2026-05-04T10:11:12Z".into(),
        corpus: "0011".into(),
        target: Facts {
            product: product.into(),
            version: version.into(),
            axes: axes.first().copied().unwrap_or_default().into(),
            ..Facts::default()
        },
        legs: axes.iter().map(leg).collect(),
        seed: 7,
        repeat: 1,
        again: "run --seed 7".into(),
        ..Header::default()
    }
}

/// The lines of the first cell of each case, in the first axes; `results` are in the order of the cases.
pub(crate) fn lines(cases: &[Case], results: &[CellResult]) -> (Vec<CaseLine>, Vec<CellLine>) {
    let case_lines = (0..).zip(cases).map(|(number, case)| case_line(case, number)).collect();
    let line = |(number, result): (usize, &CellResult)| {
        let case = &cases[result.case];
        let standing = Standing::of(result.verdict, &case.obligation, false);
        let around = Around {
            case,
            cell: &case.cells[result.cell],
            number,
            axes: "",
            standing,
            core: true,
            lacks: BTreeSet::new(),
            grid: Vec::new(),
            screen: standing.is_wrong().then(|| format!("FAIL  screen of {number}\n")),
        };
        cell_line(around, result)
    };
    (case_lines, results.iter().enumerate().map(line).collect())
}

/// The record of these lines, read back from a file that is gone already.
pub(crate) fn record(
    header: Header,
    cases: Vec<CaseLine>,
    cells: Vec<CellLine>,
    footer: Option<Footer>,
) -> Record {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("results.jsonl");
    let axes = header.legs.first().map(|leg| leg.axes.clone()).unwrap_or_default();
    let header = Header { planned: cells.len(), whole_plan: cells.len(), ..header };
    let mut writer = Writer::begin(&path).expect("a file");
    let named = |cell: CellLine| match cell.axes.as_str() {
        "" => CellLine { axes: axes.clone(), ..cell },
        _ => cell,
    };
    let lines = [Line::Header(Box::new(header))]
        .into_iter()
        .chain(cases.into_iter().map(|case| Line::Case(Box::new(case))))
        .chain(cells.into_iter().map(|cell| Line::Cell(Box::new(named(cell)))));
    for line in lines {
        writer.line(&line).expect("a line");
    }
    // A footer that does not follow from the cells would be refused, and tests say what they like.
    let mut record = Record::open(&path).expect("a record");
    record.footer = footer;
    record
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
