//! Records of runs, and their pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use oplock_runner::deviations::{Listed, ListedEntry};
use oplock_runner::exit::Standing;
use oplock_runner::hooks::{HookEnd, HookRan, Moment};
use oplock_runner::html;
use oplock_runner::record::{
    Attempt, CaseLine, CellLine, Changed, ChartLine, ClaimLine, FORMAT, Footer, Header, LegLine,
    Line, Record, Rules, Writer,
};
use oplock_runner::verdict::{Kind, Verdict};

/// Texts that a page must not take for its own.
pub const HOSTILE: &str = "</script><script>document.title='taken'</script>\"'><img src=x onerror=\"document.title='taken'\">\
    <!--]]>&lt;\u{2028}\u{1b}[31m\u{202e}\u{0}`${document.title='taken'}`{{7*7}}<style>*{display:none}</style>";

/// The page of a record.
pub fn of(record: &Path, folder: &Path) -> Result<PathBuf, Failed> {
    let page = folder.join("report.html");
    html::write(&Record::open(record)?, &mut std::io::BufWriter::new(fs::File::create(&page)?))?;
    Ok(page)
}

/// That of the record of every kind.
pub fn every_kind(folder: &Path) -> Result<PathBuf, Failed> {
    of(&kept(), folder)
}

/// The record of every kind.
pub fn record_of_every_kind() -> Result<Record, Failed> {
    Ok(Record::open(&kept())?)
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results/every-kind.jsonl")
}

/// That of the whole corpus on the reference engine, as the command writes it.
pub fn corpus(folder: &Path) -> Result<PathBuf, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oplock-conformance"));
    let output = command.arg("run").arg("--out").arg(folder).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(folder.join("report.html"))
}

/// That of so many cells which show alike; each `every`th failed.
pub fn many(folder: &Path, count: usize, every: usize) -> Result<PathBuf, Failed> {
    let cells = (0..count).map(|number| {
        let mut cell = cell(number, "matrix");
        cell.cell = format!("oplock/batch/matrix/held=batch,op=op-{number}");
        if number % every == 0 {
            cell.verdict = Verdict::Fail;
            cell.standing = Standing::Red;
            cell.kind = Some(Kind::MissingBreak);
            cell.sentence = Some("A saw no break of `a`".to_owned());
            cell.screen = Some("FAIL\n".repeat(10));
        }
        cell
    });
    written(folder, header(count), case("matrix"), cells, footer())
}

/// That of a run in which every text that may come from elsewhere is [`HOSTILE`].
pub fn hostile(folder: &Path) -> Result<PathBuf, Failed> {
    let text = || HOSTILE.to_owned();
    let mut header = header(4);
    header.target.product = text();
    header.target.version = text();
    header.tool = text();
    header.began = text();
    header.corpus = text();
    header.again = text();
    header.corpus_as_of = Some(text());
    header.legs = vec![LegLine { axes: text(), ..LegLine::default() }, LegLine::default()];
    let entry = ListedEntry {
        cases: text(),
        because: text(),
        reference: Some(text()),
        review: Some(text()),
        ..ListedEntry::default()
    };
    header.deviations = Some(Listed { file: text(), entries: vec![entry] });
    let case = CaseLine {
        number: 0,
        id: text(),
        suite: text(),
        says: text(),
        file: text(),
        at_line: 1,
        obligation: text(),
        since: Some(text()),
        was: Some(text()),
        tags: vec![text()],
        spec: vec![text()],
    };
    let mut cells: Vec<_> = (0..4).map(|number| cell(number, "x")).collect();
    for cell in &mut cells {
        cell.case = text();
        cell.cell = format!("{HOSTILE}/{}", cell.number);
        cell.axes = text();
        cell.reason = Some(text());
        cell.sentence = Some(text());
        cell.signature = Some(text());
        cell.expected = Some(text());
        cell.observed = Some(text());
        cell.needs = [text()].into();
        cell.rules = Rules { named: vec![text()], fired: vec![text()] };
        cell.screen = Some(text());
        cell.then = vec![text()];
        cell.why = Some(text());
        cell.at = Some(text());
        cell.capture = Some(text());
        cell.kept = Some(text());
        cell.attempts =
            vec![Attempt { verdict: Verdict::Fail, signature: Some(text()), duration_ms: 1.5 }];
        cell.hooks = vec![HookRan {
            moment: Moment::OnFail,
            command: vec![text()],
            ended: HookEnd::NotStarted(text()),
            output: text(),
            duration_ms: 1.5,
        }];
        for line in &mut cell.chart {
            line.actor = Some(text());
            line.text = format!("{} {HOSTILE}", line.text);
            line.answer = text();
        }
        cell.grid = vec![1, 2];
    }
    for (cell, (verdict, standing)) in cells.iter_mut().zip([
        (Verdict::Fail, Standing::Red),
        (Verdict::Error, Standing::Broken),
        (Verdict::Skipped, Standing::Skipped),
    ]) {
        cell.verdict = verdict;
        cell.standing = standing;
    }
    let mut footer = footer();
    footer.changed = vec![Changed { case: text(), difference: format!("-{HOSTILE}\n+{HOSTILE}") }];
    footer.contradicted = vec![text()];
    footer.claims = vec![ClaimLine { profile: text(), given: false, text: text() }];
    footer.grid = [
        (1, format!("{HOSTILE} x {HOSTILE} by a stranger")),
        (2, format!("{HOSTILE} x {HOSTILE}")),
    ]
    .into();
    footer.hooks = vec![text()];
    footer.ended_early = Some(text());
    let speed = oplock_runner::record::Spread { count: 1, p50: 1, p99: 1, max: u64::MAX };
    let speeds = oplock_runner::record::Speeds { break_: Some(speed), release: None };
    footer.speeds = [(text(), speeds)].into();
    written(folder, header, case, cells.into_iter(), footer)
}

fn written(
    folder: &Path,
    header: Header,
    case: CaseLine,
    cells: impl Iterator<Item = CellLine>,
    mut footer: Footer,
) -> Result<PathBuf, Failed> {
    let record = folder.join("results.jsonl");
    let mut writer = Writer::begin(&record)?;
    writer.line(&Line::Header(Box::new(header)))?;
    writer.line(&Line::Case(Box::new(case)))?;
    for cell in cells {
        *footer.counts.entry(cell.verdict).or_default() += 1;
        writer.line(&Line::Cell(Box::new(cell)))?;
    }
    writer.line(&Line::Footer(Box::new(footer)))?;
    of(&record, folder)
}

fn header(planned: usize) -> Header {
    let mut header = Header {
        format: FORMAT,
        tool: "oplock-conformance 0.1.0".to_owned(),
        began: "2026-05-04T10:11:12Z".to_owned(),
        corpus: "0011".to_owned(),
        legs: vec![LegLine::default()],
        planned,
        whole_plan: planned,
        repeat: 1,
        again: "run --seed 7".to_owned(),
        ..Header::default()
    };
    header.target.product = "scripted".to_owned();
    header.target.version = "1.2.3".to_owned();
    header
}

fn case(name: &str) -> CaseLine {
    CaseLine {
        id: format!("oplock/batch/{name}"),
        suite: "oplock/batch".to_owned(),
        says: "The holder of a batch oplock is told before another open goes on.".to_owned(),
        file: "cases/oplock/batch.yaml".to_owned(),
        at_line: 21,
        obligation: "must".to_owned(),
        spec: vec!["fsa.grant.none.legacy_exclusive".to_owned()],
        ..CaseLine::default()
    }
}

fn cell(number: usize, case: &str) -> CellLine {
    let line = |step, actor: &str, text: &str, answer: &str, at_us| ChartLine {
        step,
        actor: Some(actor.to_owned()),
        text: text.to_owned(),
        answer: answer.to_owned(),
        at_us,
        open: text.starts_with("<- "),
        breaks: text.starts_with("<- break "),
        marked: false,
    };
    CellLine {
        number,
        cell: format!("oplock/batch/{case}"),
        case: format!("oplock/batch/{case}"),
        verdict: Verdict::Pass,
        standing: Standing::Held,
        core: true,
        needs: ["lease_v1".to_owned()].into(),
        grid: vec![11, 128, 200, 317],
        duration_ms: 12.5,
        chart: vec![
            line(1, "A", "-> open f as a rw/rwd batch", "<- success batch", 0),
            line(2, "B", "-> open f as b rw/rwd", ".. pending", 2_000),
            line(2, "A", "<- break a batch>ii ack", "", 3_000),
            line(3, "A", "-> ack a ii", "<- success ii", 5_000),
            line(3, "B", "<- open b success ii", "", 6_000),
        ],
        ..CellLine::default()
    }
}

fn footer() -> Footer {
    Footer { seconds: 1.5, exit: 1, ..Footer::default() }
}
