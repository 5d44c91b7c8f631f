//! Format 1, as the first release wrote it: no lines of cases, no charts, no numbers in the plan.

use std::collections::BTreeMap;

use oplock_model::{Facts, Trail};
use serde::Deserialize;

use super::line::{self, CaseLine, CellLine, Changed, Header, LegLine, Rules};
use super::speed::Latencies;
use crate::exit::Standing;
use crate::history::History;
use crate::hooks::HookRan;
use crate::verdict::{Kind, Verdict};
use crate::waits::Waits;

/// One line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "line")]
pub(super) enum Line {
    Header(Box<FirstHeader>),
    Cell(Box<FirstCell>),
    Footer(FirstFooter),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstHeader {
    format: u32,
    tool: String,
    corpus: String,
    target: Facts,
    seed: u64,
    axes: Vec<String>,
    #[serde(default)]
    spread_over_nodes: Option<usize>,
    planned: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCell {
    cell: String,
    case: String,
    axes: String,
    verdict: Verdict,
    reason: Option<String>,
    kind: Option<Kind>,
    step: Option<usize>,
    signature: Option<String>,
    rules: Rules,
    duration_ms: f64,
    latencies: Latencies,
    #[serde(default)]
    trail: Option<Trail>,
    #[serde(default)]
    hooks: Vec<HookRan>,
    #[serde(default)]
    capture: Option<String>,
    history: Option<History>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstFooter {
    counts: BTreeMap<Verdict, usize>,
    /// How many entries of the deviation list were out of date, which is in the exit code too.
    #[serde(rename = "outdated_entries")]
    _outdated_entries: usize,
    changed: Vec<String>,
    exit: u8,
}

impl Line {
    /// What the line says, in today's words.
    pub(super) fn into_line(self) -> line::Line {
        match self {
            Line::Header(header) => line::Line::Header(Box::new(header.into_header())),
            Line::Cell(cell) => line::Line::Cell(Box::new(cell.into_cell())),
            Line::Footer(footer) => {
                let changed = footer.changed.into_iter();
                let changed = changed.map(|case| Changed { case, ..Changed::default() }).collect();
                line::Line::Footer(Box::new(line::Footer {
                    counts: footer.counts,
                    changed,
                    exit: footer.exit,
                    ..line::Footer::default()
                }))
            }
        }
    }
}

impl FirstHeader {
    fn into_header(self) -> Header {
        let live = self.target.product != "reference";
        let leg = |axes| LegLine { axes, waits: Waits::live(), ..LegLine::default() };
        Header {
            format: self.format,
            tool: self.tool,
            corpus: self.corpus,
            target: self.target,
            legs: self.axes.into_iter().map(leg).collect(),
            live,
            seed: self.seed,
            spread_over_nodes: self.spread_over_nodes,
            planned: self.planned,
            whole_plan: self.planned,
            repeat: 1,
            again: format!("run --seed {}", self.seed),
            ..Header::default()
        }
    }
}

impl FirstCell {
    fn into_cell(self) -> CellLine {
        CellLine {
            cell: self.cell,
            case: self.case,
            axes: self.axes,
            verdict: self.verdict,
            // The obligation of the case was not written: what is known is that it could be owed.
            standing: Standing::of(self.verdict, &oplock_suite::plan::Obligation::Must, false),
            reason: self.reason,
            kind: self.kind,
            step: self.step,
            signature: self.signature,
            rules: self.rules,
            duration_ms: self.duration_ms,
            latencies: self.latencies,
            trail: self.trail,
            hooks: self.hooks,
            capture: self.capture,
            history: self.history,
            ..CellLine::default()
        }
    }
}

/// What such a file says of a case.
pub(super) fn case(cell: &CellLine, number: usize) -> CaseLine {
    let suite = cell.case.rsplit_once('/').map_or("", |(suite, _)| suite);
    CaseLine {
        number,
        id: cell.case.clone(),
        suite: suite.to_owned(),
        obligation: "must".to_owned(),
        spec: cell.rules.named.clone(),
        ..CaseLine::default()
    }
}
