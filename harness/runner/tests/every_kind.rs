//! `fixtures/results/every-kind.jsonl`: a record that has every verdict, every standing, and texts that no report may take for its
//! own. It is made from plays on a server with a script; `INSTA_UPDATE=always cargo test -p oplock-runner --test every_kind` renews it.

#[path = "every_kind/lies.rs"]
mod lies;
#[path = "liars/server.rs"]
#[expect(dead_code, reason = "the tests of liars say more")]
mod server;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lies::Shop;
use oplock_model::{Capability, Claimed, Dialect, Facts, Latencies, Spread};
use oplock_runner::bench::{Bench, Planned};
use oplock_runner::claim::{self, Claim};
use oplock_runner::contradiction::contradictions;
use oplock_runner::deviations::{Deviations, Known};
use oplock_runner::exit::{self, Standing};
use oplock_runner::hooks::{HookEnd, HookRan, Moment};
use oplock_runner::leg::Leg;
use oplock_runner::plays::Plays;
use oplock_runner::record::tell::{Around, case_line, cell_line, leg_line};
use oplock_runner::record::{self, Brief, CellLine, Changed, Footer, Header, Record, speed};
use oplock_runner::recorder::{Recorder, Stopping};
use oplock_runner::verdict::{self, CellResult, Verdict};
use oplock_runner::waits::Waits;
use oplock_runner::{grid, tell};
use oplock_suite::plan::{Corpus, Obligation};
use oplock_suite::{CorpusFiles, load};
use time::{Date, Month};

const AGAIN: &str = "run --target filer.yaml --seed 7";
const HOSTILE: &str = "<script>alert(1)</script> \"quoted\" 'too' & ]]> </script> \u{1b}[31mred\u{1b}[0m \u{2028}\u{202e}txt.exe\u{7}";

/// The kept record is the one that is made now.
#[test]
fn the_kept_record_is_that_of_today() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = folder.path().join("results.jsonl");
    make(&made);
    let made = std::fs::read_to_string(&made).expect("the record");
    let kept = kept();
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(&kept, &made).expect("the fixture");
    }
    let text = std::fs::read_to_string(&kept).unwrap_or_default();
    for (number, (made, kept)) in made.lines().zip(text.lines()).enumerate() {
        assert_eq!(made, kept, "line {}: renew it as the head of this file says", number + 1);
    }
    assert_eq!(made.lines().count(), text.lines().count());
}

/// Everything that a report can be asked to show is there.
#[test]
fn it_has_every_kind() {
    let record = Record::open(&kept()).expect("the record");
    let verdicts: BTreeSet<Verdict> = record.cells.iter().map(|brief| brief.verdict).collect();
    assert_eq!(verdicts.len(), 9, "{verdicts:?}");
    let standings: BTreeSet<Standing> = record.cells.iter().map(|brief| brief.standing).collect();
    assert_eq!(standings.len(), 6, "{standings:?}");
    let kinds: BTreeSet<_> = record.cells.iter().filter_map(|brief| brief.kind).collect();
    assert_eq!(kinds.len(), 11, "{kinds:?}");
    assert_eq!(record.header.legs.len(), 2);
    assert!(record.cells.iter().any(|brief| brief.passed.1 > 1 && brief.passed.0 == 1));
    let whole = |brief| record.whole(brief).expect("the cell");
    let lines: Vec<CellLine> = record.cells.iter().map(whole).collect();
    assert!(lines.iter().any(|line| !line.hooks.is_empty()));
    assert!(lines.iter().any(|line| line.capture.is_some() && line.kept.is_some()));
    assert!(lines.iter().any(|line| line.trail.is_some()));
    let footer = record.footer.expect("a footer");
    assert!(footer.outdated.len() >= 2, "{:?}", footer.outdated);
    assert!(!footer.changed.is_empty() && !footer.contradicted.is_empty());
    assert!(!footer.claims.is_empty() && !footer.speeds.is_empty() && !footer.grid.is_empty());
    assert!(footer.ended_early.is_some());
    assert_eq!(footer.exit, 1);
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/results/every-kind.jsonl")
}

/// Plays everything and writes the record.
fn make(path: &Path) {
    let bench = bench();
    let selected: Vec<(usize, usize)> = (0..)
        .zip(&bench.corpus.cases)
        .flat_map(|(at, case)| (0..case.cells.len()).map(move |cell| (at, cell)))
        .collect();
    let plan = bench.plan(&selected);
    let briefs = plan.iter().enumerate().map(|(number, at)| planned(&bench, number, *at)).collect();
    let cases = (0..).zip(&bench.corpus.cases).map(|(at, case)| case_line(case, at)).collect();
    let recorder =
        Recorder::begin(path, header(&bench, plan.len()), cases, briefs).expect("a file to write");
    for (index, at) in plan.iter().enumerate() {
        if bench.corpus.cases[at.case].id.ends_with("/late") {
            recorder.stop(Stopping::Deadline);
            continue;
        }
        let line = line(&bench, index, *at);
        recorder.ends(index, line, None);
    }
    let closed = recorder.close().expect("a run that is still open");
    let header = recorder.header();
    let cases = recorder.cases();
    let themes =
        closed.cells.iter().map(|brief| (cases[brief.case].suite.as_str(), &brief.latencies));
    let legs: Vec<&Facts> = bench.legs.iter().map(|leg| &leg.facts).collect();
    let known: Vec<Known<'_>> = bench
        .corpus
        .cases
        .iter()
        .flat_map(|case| case.cells.iter().map(|cell| (case.id.as_str(), cell.id.0.as_str())))
        .map(|(case, cell)| Known { case, was: None, cell })
        .collect();
    let today = Date::from_calendar_date(2026, Month::November, 21).expect("a day");
    let mut footer = Footer {
        counts: verdict::counts(closed.cells.iter().map(|brief| brief.verdict)),
        outdated: bench.deviations.outdated(&known, today),
        due_soon: bench.deviations.due_soon(today),
        changed: vec![Changed {
            case: "oplock/batch/second-open-breaks-to-ii".to_owned(),
            difference: format!(
                "-B -> open f  <- success ii\n+B -> open f  <- success none {HOSTILE}\n"
            ),
        }],
        without_snapshot: 3,
        contradicted: contradictions(&legs).iter().map(ToString::to_string).collect(),
        claims: claim::claims(header, cases, &closed.cells).iter().map(Claim::line).collect(),
        speeds: speed::by_theme(themes),
        grid: grid::names(&closed.grid),
        hooks: vec![
            "on_fail: `collect <b>` ended with exit 3 after 2 cells; see hooks/ for what it said"
                .to_owned(),
        ],
        ended_early: closed.stopping.map(|why| why.words().to_owned()),
        seconds: 212.4,
        exit: 0,
    };
    footer.exit = exit::of_record(header, &closed.cells, &footer).code();
    recorder.footer(footer).expect("a footer that is written");
}

fn bench() -> Bench {
    let files = [
        ("cases/capabilities.yaml", include_str!("../../../cases/capabilities.yaml")),
        ("cases/oplock/<b>batch & \"co\".yaml", include_str!("every_kind/cases.yaml")),
        ("cases/lease/upgrade.yaml", include_str!("every_kind/lease.yaml")),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let files = CorpusFiles { files: files.to_vec() };
    let loaded = load(&files);
    let told: Vec<String> = loaded.diagnostics.iter().map(|it| it.render(&files)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    let leg = |axes: &str, leases: bool| {
        let dialect = axes.split(',').find_map(Dialect::from_word).unwrap_or_default();
        Leg::new(Arc::new(Shop::new(facts(axes, leases))), dialect, Waits::live())
    };
    let list = include_str!("every_kind/deviations.yaml");
    let deviations = Deviations::read("deviations.yaml", list, "9.5P3");
    Bench {
        corpus: Arc::new(Corpus { hash: "00000000e7e71d00".to_owned(), ..loaded.corpus }),
        legs: vec![leg("smb3_1_1,signed", true), leg("smb2_1,unsigned", false)],
        live: true,
        deviations: deviations.expect("a list that can be read"),
        seed: 7,
    }
}

/// A server whose name, version and answers hold what is markup somewhere.
fn facts(axes: &str, leases: bool) -> Facts {
    let answer = |present, source: &str, claimed: Option<bool>| Capability {
        present,
        source: source.to_owned(),
        claimed: claimed
            .map(|has| Claimed { has, because: Some("the <i>data sheet</i> says so".to_owned()) }),
    };
    let spread = |p50, p95, p99, max| Spread { rounds: 24, p50, p95, p99, max };
    Facts {
        product: "filer <b>&amp;</b> \"nine\"".to_owned(),
        version: "9.5P3".to_owned(),
        axes: axes.to_owned(),
        capabilities: [
            ("lease_v1", answer(true, "negotiate response", None)),
            ("lease_v2", answer(leases, "negotiate <response>", None)),
            (
                "directory_lease",
                answer(
                    false,
                    "negotiate response: no SMB2_GLOBAL_CAP_DIRECTORY_LEASING",
                    Some(true),
                ),
            ),
            ("smb2_1", answer(true, "negotiate response", None)),
            ("smb3_1_1", answer(true, "negotiate response", None)),
        ]
        .into_iter()
        .map(|(name, answer)| (name.to_owned(), answer))
        .collect(),
        latencies: Some(Latencies {
            open: spread(410, 800, 1_300, 2_100),
            break_: Some(spread(620, 1_500, 2_400, 3_900)),
            release: Some(spread(380, 700, 990, 1_250)),
            loss: None,
        }),
    }
}

fn header(bench: &Bench, planned: usize) -> Header {
    let needed = bench.corpus.cases.iter().flat_map(|case| &case.cells);
    let needed: BTreeSet<String> = needed.flat_map(|cell| cell.needs.iter().cloned()).collect();
    Header {
        format: record::FORMAT,
        tool: "oplock-conformance 0.1.0".to_owned(),
        began: "2026-11-20T10:11:12Z".to_owned(),
        corpus: bench.corpus.hash.clone(),
        target: bench.first().facts.clone(),
        legs: bench.legs.iter().map(|leg| leg_line(leg, &needed)).collect(),
        live: true,
        seed: bench.seed,
        planned,
        whole_plan: planned,
        repeat: 1,
        retries: 2,
        again: AGAIN.to_owned(),
        store_cells: 12,
        deviations: bench.deviations.listed(),
        ..Header::default()
    }
}

fn planned(bench: &Bench, number: usize, at: Planned) -> Brief {
    let (_, cell) = bench.at(at.case, at.cell).expect("a cell of the plan");
    let lacks = claim::absent(cell, &bench.legs[at.leg].facts);
    let (cell, core) = (cell.id.0.clone(), claim::is_core(&bench.corpus, cell));
    let line = CellLine { number, cell, core, lacks, ..CellLine::default() };
    Brief::of(&line, at.case, at.leg, None)
}

/// Plays one cell as a run does, with durations that are the same every time.
fn line(bench: &Bench, number: usize, at: Planned) -> CellLine {
    let obligation = |result: &CellResult| bench.corpus.cases[result.case].obligation.clone();
    let standing = |result: &CellResult| Standing::of(result.verdict, &obligation(result), false);
    let plays = Plays { repeat: 1, retries: 2 };
    let mut result = plays.play(bench, at, &standing, &|| None);
    let standing = standing(&result);
    if let Some(played) = &mut result.played {
        let last = played.history.entries.last().map_or(0, |entry| entry.at.0);
        played.wall_micros = last + 1_250;
        for attempt in &mut result.attempts {
            attempt.duration_ms = played.wall_micros as f64 / 1000.0;
        }
    }
    let (case, cell) = bench.at(at.case, at.cell).expect("a cell of the plan");
    with_traces(&case.id, &mut result);
    let tells = standing.is_wrong() || standing == Standing::Tolerated;
    let leg = &bench.legs[at.leg];
    let around = Around {
        case,
        cell,
        number,
        axes: &leg.facts.axes,
        standing,
        core: claim::is_core(&bench.corpus, cell),
        lacks: claim::absent(cell, &leg.facts),
        grid: grid::on_the_reference(cell).iter().collect(),
        screen: tells.then(|| tell::screen(bench, AGAIN, &result)),
    };
    assert!(!matches!(case.obligation, Obligation::Product(_)));
    cell_line(around, &result)
}

/// What hooks, captures and kept files leave of some cells.
fn with_traces(case: &str, result: &mut CellResult) {
    if case.ends_with("/broken-too-far") {
        result.hooks = vec![HookRan {
            moment: Moment::OnFail,
            command: vec!["collect".to_owned(), "--last".to_owned(), "1 min <b>".to_owned()],
            ended: HookEnd::Exit(3),
            output: format!("smbd: break of 0x11 sent\n{HOSTILE}\n"),
            duration_ms: 212.5,
        }];
    }
    if let Some(played) = result.played.as_mut().filter(|_| case.ends_with("/answered-early")) {
        played.capture = Some("pcap/oplock-batch-answered-early.pcapng".into());
        played.kept = Some("oplock-conformance-00c0ffee/oplock.batch.answered-early".to_owned());
    }
}
