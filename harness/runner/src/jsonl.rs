//! `results.jsonl`: a header, a line per cell as it comes, a footer. Without a footer the run was cut off.
//! Its JSON schema is `fixtures/results.schema.json`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use oplock_model::{Event, Facts, Tick, Trail};
use oplock_suite::plan::{Case, Cell};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::bench::Bench;
use crate::history::{History, What};
use crate::hooks::HookRan;
use crate::verdict::{self, CellResult, Kind, Verdict};

/// The version of the format; a reader refuses others.
pub const FORMAT: u32 = 1;

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "line")]
pub enum Line {
    /// The first.
    Header(Box<Header>),
    /// One for each cell that has ended.
    Cell(Box<CellLine>),
    /// The last.
    Footer(Footer),
}

/// What holds for the whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// The hash over names and bytes of the case files.
    pub corpus: String,
    /// Product, version, and the capabilities in the first of the axes.
    pub target: Facts,
    /// From which the lease keys were drawn.
    pub seed: u64,
    /// The transport axes of each leg of the run; empty names at the reference's own.
    pub axes: Vec<String>,
    /// Over how many nodes the clients of each cell were spread, where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_over_nodes: Option<usize>,
    /// How many cells were to run.
    pub planned: usize,
}

/// What one cell showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellLine {
    /// The cell's id.
    pub cell: String,
    /// The case's id.
    pub case: String,
    /// The transport axes of the run.
    pub axes: String,
    /// The verdict, deviations applied.
    pub verdict: Verdict,
    /// Why it was skipped, did not run, or which deviation applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The kind of the first divergence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Its step, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Its signature, as a deviation entry wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The rules that the case names, and those that the target says it applied.
    pub rules: Rules,
    /// Wall time.
    pub duration_ms: f64,
    /// How fast the target was.
    pub latencies: Latencies,
    /// What finds the cell in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<Trail>,
    /// What the vendor's own commands said about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRan>,
    /// The file name of its capture, below the folder `pcap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// The record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}

/// The rules of a cell, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Named by the case.
    pub named: Vec<String>,
    /// Applied by the target; a live server says none.
    pub fired: Vec<String>,
}

/// Microseconds on the scene's clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latencies {
    /// From the latest call to each break that followed it.
    pub break_us: Vec<u64>,
    /// From the latest call to the answer of a call that was sent before it: an acknowledgement lets somebody go on.
    pub release_us: Vec<u64>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// Cells by verdict.
    pub counts: BTreeMap<Verdict, usize>,
    /// Entries of the deviation list that are stale or overdue.
    pub outdated_entries: usize,
    /// Cases whose outcome is not that of their snapshot.
    pub changed: Vec<String>,
    /// The exit code.
    pub exit: u8,
}

/// Why the file could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}: {source}", .path.display())]
pub struct JsonlError {
    path: PathBuf,
    source: io::Error,
}

/// The file while it grows.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
}

impl Writer {
    /// Begins a new file with its header.
    ///
    /// # Errors
    /// A [`JsonlError`] where the file cannot be made.
    pub fn begin(path: &Path, header: Header) -> Result<Writer, JsonlError> {
        let failed = |source| JsonlError { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(path).map_err(failed)?;
        let mut writer = Writer { path: path.to_owned(), file };
        writer.line(&Line::Header(Box::new(header)))?;
        Ok(writer)
    }

    /// Appends one line, whole: it is on its way to the disk when this returns.
    ///
    /// # Errors
    /// A [`JsonlError`] where it cannot be written.
    pub fn line(&mut self, line: &Line) -> Result<(), JsonlError> {
        let failed = |source| JsonlError { path: self.path.clone(), source };
        let mut text = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(failed)
    }
}

impl CellLine {
    /// The line of a result.
    #[must_use]
    pub fn of(case: &Case, cell: &Cell, axes: &str, result: &CellResult) -> CellLine {
        let first = result.judgement.as_ref().and_then(|judgement| judgement.divergences.first());
        let played = result.played.as_ref();
        CellLine {
            cell: cell.id.0.clone(),
            case: case.id.clone(),
            axes: axes.to_owned(),
            verdict: result.verdict,
            reason: result.reason.clone(),
            kind: first.map(|first| first.kind),
            step: first.map(|first| first.step.saturating_add(1)),
            signature: first.map(|first| first.signature()),
            rules: Rules {
                named: case.spec.iter().map(ToString::to_string).collect(),
                fired: played
                    .map(|played| played.rules.iter().map(|rule| rule.to_string()).collect())
                    .unwrap_or_default(),
            },
            duration_ms: played.map_or(0.0, |played| played.wall_micros as f64 / 1000.0),
            latencies: played.map(|played| latencies(&played.history)).unwrap_or_default(),
            trail: played.and_then(|played| played.trail.clone()),
            hooks: result.hooks.clone(),
            capture: played.and_then(|played| {
                let name = played.capture.as_ref()?.file_name()?;
                Some(name.to_string_lossy().into_owned())
            }),
            history: played.map(|played| played.history.clone()),
        }
    }
}

/// The footer of a run.
#[must_use]
pub fn footer(
    results: &[CellResult],
    outdated_entries: usize,
    changed: Vec<String>,
    exit: u8,
) -> Footer {
    let counts = verdict::counts(results.iter());
    Footer { counts, outdated_entries, changed, exit }
}

/// The header of a run.
#[must_use]
pub fn header(bench: &Bench, planned: usize) -> Header {
    Header {
        format: FORMAT,
        tool: concat!("oplock-conformance ", env!("CARGO_PKG_VERSION")).to_owned(),
        corpus: bench.corpus.hash.clone(),
        target: bench.first().facts.clone(),
        seed: bench.seed,
        axes: bench.legs.iter().map(|leg| leg.facts.axes.clone()).collect(),
        spread_over_nodes: None,
        planned,
    }
}

fn latencies(history: &History) -> Latencies {
    let mut found = Latencies::default();
    let mut latest: Option<Tick> = None;
    let mut sent = BTreeMap::new();
    for entry in &history.entries {
        match &entry.what {
            What::Sent(calls) => {
                latest = Some(entry.at);
                sent.extend(calls.iter().map(|(_, id)| (*id, entry.at)));
            }
            What::SentAsTold(id) => {
                latest = Some(entry.at);
                sent.insert(*id, entry.at);
            }
            What::Event(event) => {
                let Some(latest) = latest else { continue };
                match event {
                    Event::Break(_) => found.break_us.push(entry.at.micros_since(latest)),
                    Event::Reply { call, .. } if sent.get(call).is_some_and(|at| *at < latest) => {
                        found.release_us.push(entry.at.micros_since(latest));
                    }
                    _ => {}
                }
            }
            What::Step(_) | What::NotPossible { .. } | What::Quiet | What::Fault(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use oplock_model::{BreakNotice, CallId, RuleSet, Status};
    use oplock_suite::plan::CallIndex;

    use super::*;
    use crate::history::{Entry, Played};
    use crate::testing;

    fn at(micros: u64, what: What) -> Entry {
        Entry { at: Tick(micros), what }
    }

    fn history() -> History {
        let reply = |call| Event::Reply {
            call: CallId(call),
            status: Status::SUCCESS,
            body: oplock_model::Body::Empty,
        };
        let notice = BreakNotice::Oplock {
            connection: oplock_model::ConnectionId(0),
            file: oplock_model::FileId::default(),
            level: oplock_model::OplockLevel::NONE,
        };
        History {
            entries: vec![
                at(0, What::Step(0)),
                at(0, What::Sent(vec![(CallIndex(0), CallId(0))])),
                at(50, What::Event(reply(0))),
                at(100, What::Sent(vec![(CallIndex(1), CallId(1))])),
                at(180, What::Event(Event::Break(notice))),
                at(200, What::Sent(vec![(CallIndex(2), CallId(2))])),
                at(320, What::Event(reply(2))),
                at(330, What::Event(reply(1))),
            ],
            ..History::default()
        }
    }

    #[test]
    fn latencies_are_those_of_breaks_and_of_released_waiters() {
        assert_eq!(latencies(&history()), Latencies { break_us: vec![80], release_us: vec![130] });
    }

    /// The schema that stands in `fixtures` names the fields that are written, all of them and no other.
    #[test]
    fn the_schema_knows_every_field() {
        let text = include_str!("../../../fixtures/results.schema.json");
        let schema: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let mut case = testing::case("a/b", &[]);
        case.spec = vec![oplock_model::RuleId::FsaKeyNone];
        let trail = Some(oplock_model::Trail::default());
        let capture = Some("pcap/a_b.pcapng".into());
        let played = Played { history: history(), trail, capture, ..Played::default() };
        let reason = Some("a reason".to_owned());
        let hooks = vec![testing::hook()];
        let whole =
            CellResult { reason, played: Some(played), hooks, ..testing::result(0, Verdict::Fail) };
        let bare = CellResult { judgement: None, ..testing::result(0, Verdict::Skipped) };
        let bench = testing::bench(vec![case.clone()]);
        let line = |result| Line::Cell(Box::new(CellLine::of(&case, &case.cells[0], "", result)));
        let head = Header { spread_over_nodes: Some(2), ..header(&bench, 1) };
        let lines = [
            ("header", Line::Header(Box::new(head))),
            ("cell", line(&whole)),
            ("cell", line(&bare)),
            ("footer", Line::Footer(footer(std::slice::from_ref(&whole), 0, Vec::new(), 1))),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for (name, line) in lines {
            let line = serde_json::to_value(line).expect("JSON");
            let definition = &schema["definitions"][name];
            let fields = line.as_object().expect("an object");
            let known = definition["properties"].as_object().expect("properties");
            for field in fields.keys() {
                assert!(known.contains_key(field), "{name}.{field}");
                seen.insert((name, field.clone()));
            }
            for required in definition["required"].as_array().expect("a list") {
                let required = required.as_str().expect("a name");
                assert!(fields.contains_key(required), "{name}.{required}");
            }
        }
        for name in ["header", "cell", "footer"] {
            for field in schema["definitions"][name]["properties"].as_object().expect("one").keys()
            {
                assert!(seen.contains(&(name, field.clone())), "{name}.{field} is never written");
            }
        }
        assert_eq!(schema["definitions"]["header"]["properties"]["format"]["const"], FORMAT);
    }

    #[test]
    fn every_line_reads_back_and_only_a_whole_run_has_a_footer() {
        let mut case = testing::case("a/b", &[]);
        case.spec = vec![oplock_model::RuleId::FsaKeyNone];
        let result = CellResult {
            leg: 0,
            case: 0,
            cell: 0,
            verdict: Verdict::Fail,
            reason: None,
            judgement: Some(testing::wrong_level("none")),
            played: Some(Played {
                history: history(),
                rules: RuleSet::default(),
                cells: oplock_model::GridSet::new(),
                wall_micros: 1500,
                ..Played::default()
            }),
            hooks: Vec::new(),
        };
        let bench = testing::bench(vec![case]);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below/results.jsonl");
        let mut writer = Writer::begin(&path, header(&bench, 1)).expect("a file");
        let case = &bench.corpus.cases[0];
        let line = CellLine::of(case, &case.cells[0], "smb3_1_1", &result);
        writer.line(&Line::Cell(Box::new(line.clone()))).expect("a line");
        let read = |path: &Path| -> Vec<Line> {
            let text = std::fs::read_to_string(path).expect("the file");
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        assert!(matches!(&read(&path)[..], [Line::Header(_), Line::Cell(_)]));
        writer.line(&Line::Footer(footer(&[result], 0, Vec::new(), 1))).expect("a line");
        let lines = read(&path);
        let [Line::Header(header), Line::Cell(cell), Line::Footer(footer)] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert_eq!((header.format, header.planned, header.corpus.as_str()), (1, 1, "0011"));
        assert_eq!(**cell, line);
        assert_eq!(cell.kind, Some(Kind::WrongLevel));
        assert_eq!(
            cell.signature.as_deref(),
            Some("wrong level at step 2: to expected ii, observed none")
        );
        assert_eq!(cell.duration_ms, 1.5);
        assert_eq!(footer.counts, BTreeMap::from([(Verdict::Fail, 1)]));
    }
}
