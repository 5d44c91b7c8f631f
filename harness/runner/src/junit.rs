//! The JUnit report, for the CI systems that read it.
//!
//! The schema that Jenkins knows gives `skipped` no attributes and a test case no file; so a reason stands in `system-out`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use junit_report::{Duration, Report, TestCase, TestSuite};
use oplock_model::Facts;
use thiserror::Error;

use crate::cli::JunitKnown;
use crate::console::counted;
use crate::deviations::{Outdated, Trouble};
use crate::exit::Standing;
use crate::record::{Brief, CaseLine, Record, RecordError};
use crate::verdict::Verdict;
use crate::visible::{on_one_line, visible};
use crate::{reports, utc};

/// How a report begins.
const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?><testsuites>"#;
/// How it ends.
const TAIL: &str = "</testsuites>";
/// How the only suite of a report begins.
const FIRST: &str = r#"<testsuite id="0""#;
/// The longest time of a test that is written, so that a sum of them is a number too: a year.
const LONGEST: Duration = Duration::days(365);

/// Why a report could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}: {reason}", .path.display())]
pub struct JunitError {
    path: PathBuf,
    reason: String,
}

/// Writes the report, at once or not at all; `known` is what a known deviation is there.
///
/// # Errors
/// A [`JunitError`] where the record cannot be read, or the file not be written or moved into place.
pub fn write(path: &Path, record: &Record, known: JunitKnown) -> Result<(), JunitError> {
    let file = Junit { record, known };
    reports::replace(path, |out| file.write(out))
        .map_err(|error| JunitError { path: path.to_owned(), reason: error.to_string() })
}

/// What a report is made of.
struct Junit<'a> {
    record: &'a Record,
    known: JunitKnown,
}

impl Junit<'_> {
    /// One test suite per axes and theme; each names the target, its version and the axes.
    ///
    /// The library holds a report in memory until it is whole. A long run fails in many screens, so each suite is a report of its
    /// own there, and the file is what stands in them.
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut suites: BTreeMap<(usize, &str), Vec<&Brief>> = BTreeMap::new();
        for brief in &self.record.cells {
            let Some(case) = self.record.case(brief) else { continue };
            suites.entry((brief.leg, case.suite.as_str())).or_default().push(brief);
        }
        out.write_all(HEAD.as_bytes())?;
        let mut number = 0;
        let mut put = |suite: TestSuite| {
            let inside = alone(suite)?;
            write!(out, "<testsuite id=\"{number}\"{inside}")?;
            number += 1;
            Ok::<_, io::Error>(())
        };
        for suite in [self.profile(), self.run()].into_iter().flatten() {
            put(suite)?;
        }
        for ((leg, theme), briefs) in suites {
            let axes = self.record.header.legs.get(leg).map_or("", |leg| leg.axes.as_str());
            let mut suite = self.suite(theme, axes);
            for brief in briefs {
                suite.add_testcase(self.test(brief).map_err(io::Error::other)?);
            }
            put(suite)?;
        }
        out.write_all(TAIL.as_bytes())
    }

    /// A suite of that name, with the target and the time of the run.
    fn suite(&self, name: &str, axes: &str) -> TestSuite {
        let Facts { product, version, .. } = &self.record.header.target;
        let parts = [product.as_str(), version, axes];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mut suite = TestSuite::new(&on_one_line(&format!("{name} ({})", parts.join(" "))));
        // The same record makes the same report, whenever that is; a plan in which nothing has run is of now.
        if let Some(began) = utc::read(&self.record.header.began) {
            suite.set_timestamp(began);
        }
        suite
    }

    fn test(&self, brief: &Brief) -> Result<TestCase, RecordError> {
        let name = on_one_line(&self.record.name(brief));
        let time = time(brief);
        let mut test = match brief.standing {
            Standing::Held if self.is_skipped(brief) => TestCase::skipped(&name),
            Standing::Held => TestCase::success(&name, time),
            Standing::Skipped | Standing::Tolerated => TestCase::skipped(&name),
            Standing::Red | Standing::Outdated => {
                TestCase::failure(&name, time, &kind(brief), &message(brief))
            }
            Standing::Broken => TestCase::error(&name, time, &kind(brief), &message(brief)),
        };
        let case = self.record.case(brief).map(|case: &CaseLine| case.id.replace('/', "."));
        test.set_classname(&on_one_line(&case.unwrap_or_default()));
        let out = self.out(brief)?;
        if !out.is_empty() {
            test.set_system_out(&clean(&out));
        }
        Ok(test)
    }

    /// Whether somebody wants to see this deviation as a skipped test.
    fn is_skipped(&self, brief: &Brief) -> bool {
        brief.verdict == Verdict::KnownDeviation && self.known == JunitKnown::Skipped
    }

    /// What there is to read of a cell.
    fn out(&self, brief: &Brief) -> Result<String, RecordError> {
        match brief.standing {
            Standing::Held => match &brief.reason {
                Some(reason) => Ok(format!("{}: {reason}", brief.verdict.words())),
                None => Ok(String::new()),
            },
            Standing::Skipped => Ok(message(brief)),
            Standing::Tolerated => {
                Ok(format!("recorded, not judged: {}\n{}", message(brief), self.traces(brief)?))
            }
            Standing::Red | Standing::Broken | Standing::Outdated => self.traces(brief),
        }
    }

    /// The screen of a cell, its plays, and what the vendor's own commands said.
    fn traces(&self, brief: &Brief) -> Result<String, RecordError> {
        let line = self.record.whole(brief)?;
        let mut text = line.screen.or(line.reason).unwrap_or_default();
        if let (passed, plays @ 2..) = brief.passed {
            text.push_str(&format!("\nplays passed {passed} of {plays}"));
        }
        for ran in &line.hooks {
            text.push_str(&format!("\n{ran}"));
        }
        Ok(text)
    }

    /// A test of the claims of the target's profile, where it claims anything.
    fn profile(&self) -> Option<TestSuite> {
        let header = &self.record.header;
        let claims = header.target.capabilities.values().any(|found| found.claimed.is_some());
        let footer = self.record.footer.as_ref().filter(|_| claims)?;
        let mut test = match footer.contradicted.first() {
            None => TestCase::success("profile/claims", Duration::ZERO),
            Some(first) => {
                let first = on_one_line(first);
                TestCase::failure("profile/claims", Duration::ZERO, "claim", &first)
            }
        };
        test.set_classname("profile");
        if !footer.contradicted.is_empty() {
            test.set_system_out(&clean(&footer.contradicted.join("\n")));
        }
        let mut suite = self.suite("profile", header.legs.first().map_or("", |leg| &leg.axes));
        suite.add_testcase(test);
        Some(suite)
    }

    /// What makes the run as a whole red, and no cell of it: who reads nothing but this file must not take it for green.
    fn run(&self) -> Option<TestSuite> {
        let Record { header, footer, .. } = self.record;
        let mut suite = self.suite("run", "");
        let mut add = |mut test: TestCase, out: String| {
            test.set_classname("run");
            test.set_system_out(&clean(&out));
            suite.add_testcase(test);
        };
        if let Some(missing) = self.record.cut_off() {
            let cells = counted(missing, "cell");
            let message = format!("cut off: {cells} of {} planned did not run", header.planned);
            let test = TestCase::error("run/whole", Duration::ZERO, "did not run", &message);
            add(test, message);
        }
        // What a cell shows of an entry is with the cell.
        let alone = |found: &&Outdated| matches!(found.what, Trouble::Stale | Trouble::Overdue);
        let outdated = footer.iter().flat_map(|footer| &footer.outdated).filter(alone);
        let outdated: Vec<_> =
            outdated.map(|found| format!("line {}: {}", found.line, found.message)).collect();
        if let Some(first) = outdated.first() {
            let (name, first) = ("run/deviation-list", on_one_line(first));
            let test = TestCase::failure(name, Duration::ZERO, "deviation list", &first);
            add(test, outdated.join("\n"));
        }
        let changed = footer.iter().filter(|_| header.fail_on_change);
        let changed: Vec<_> = changed.flat_map(|footer| &footer.changed).collect();
        if let Some(first) = changed.first() {
            let message = format!("changed: {}", on_one_line(&first.case));
            let test = TestCase::failure("run/snapshots", Duration::ZERO, "changed", &message);
            let told = changed.iter().map(|of| format!("{}\n{}\n", of.case, of.difference));
            add(test, told.collect());
        }
        (!suite.testcases.is_empty()).then_some(suite)
    }
}

/// The element of a suite without its name and number.
fn alone(suite: TestSuite) -> io::Result<String> {
    let mut report = Report::new();
    report.add_testsuite(suite);
    let mut bytes = Vec::new();
    report.write_xml(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(io::Error::other)?;
    let inside = text
        .strip_prefix(HEAD)
        .and_then(|text| text.strip_prefix(FIRST))
        .and_then(|text| text.strip_suffix(TAIL));
    inside.map(str::to_owned).ok_or_else(|| io::Error::other("the report has another form"))
}

fn time(brief: &Brief) -> Duration {
    let micros = brief.duration_ms.max(0.0) * 1000.0;
    // What is no number, or too big for one, is the nearest.
    Duration::microseconds(micros as i64).min(LONGEST)
}

fn kind(brief: &Brief) -> String {
    brief.kind.map_or_else(|| brief.verdict.words().to_owned(), |kind| kind.to_string())
}

/// One line.
fn message(brief: &Brief) -> String {
    let text = brief.reason.as_deref().or(brief.sentence.as_deref());
    let first = text.and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
    on_one_line(first.unwrap_or(brief.verdict.words()))
}

/// Text that XML can carry, also inside CDATA: no control bytes, no end of CDATA.
fn clean(text: &str) -> String {
    visible(text).replace("]]>", "]] >")
}

#[cfg(test)]
mod tests;
