//! The JUnit report, for the CI systems that read it.
//!
//! The schema that Jenkins knows gives `skipped` no attributes and a test case no file; so a reason stands in `system-out`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use junit_report::{Duration, Report, TestCase, TestSuite};
use oplock_model::Facts;
use thiserror::Error;

use crate::exit::Standing;
use crate::record::{Brief, Record, RecordError};
use crate::reports;

/// Why a report could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}: {reason}", .path.display())]
pub struct JunitError {
    path: PathBuf,
    reason: String,
}

/// Writes the report, at once or not at all.
///
/// # Errors
/// A [`JunitError`] where the record cannot be read, or the file not be written or moved into place.
pub fn write(path: &Path, record: &Record) -> Result<(), JunitError> {
    let failed = |reason: String| JunitError { path: path.to_owned(), reason };
    let report = report(record).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    report.write_xml(&mut bytes).map_err(|error| failed(error.to_string()))?;
    reports::replace(path, |file| file.write_all(&bytes)).map_err(|error| failed(error.to_string()))
}

/// One test suite per axes and theme; each names the target, its version and the axes.
fn report(record: &Record) -> Result<Report, RecordError> {
    let mut suites: BTreeMap<(usize, &str), TestSuite> = BTreeMap::new();
    for brief in &record.cells {
        let Some(case) = record.case(brief) else { continue };
        let suite = suites.entry((brief.leg, case.suite.as_str())).or_insert_with(|| {
            let target = target(record, record.axes(brief));
            TestSuite::new(&clean(&format!("{} ({target})", case.suite)))
        });
        let name = clean(&brief.cell);
        let time = Duration::microseconds((brief.duration_ms * 1000.0) as i64);
        let mut test = match brief.standing {
            Standing::Held => TestCase::success(&name, time),
            Standing::Skipped | Standing::Tolerated => TestCase::skipped(&name),
            Standing::Red | Standing::Outdated => {
                TestCase::failure(&name, time, &clean(&kind(brief)), &clean(&message(brief)))
            }
            Standing::Broken => {
                TestCase::error(&name, time, &clean(&kind(brief)), &clean(&message(brief)))
            }
        };
        test.set_classname(&clean(&case.id.replace('/', ".")));
        let out = match brief.standing {
            Standing::Held => brief.reason.clone().unwrap_or_default(),
            Standing::Skipped => message(brief),
            standing => {
                let line = record.whole(brief)?;
                let screen = line.screen.or(line.reason).unwrap_or_default();
                let hooks = line.hooks.iter().map(|ran| format!("\n{ran}")).collect::<String>();
                match standing {
                    Standing::Tolerated => {
                        format!("recorded, not judged: {}\n{screen}{hooks}", message(brief))
                    }
                    _ => screen + &hooks,
                }
            }
        };
        if !out.is_empty() {
            test.set_system_out(&clean(&out));
        }
        suite.add_testcase(test);
    }
    let mut report = Report::new();
    report.add_testsuites(profile(record));
    report.add_testsuites(suites.into_values());
    Ok(report)
}

/// A test of the claims of the target's profile, where it claims anything.
fn profile(record: &Record) -> Option<TestSuite> {
    let claims = record.header.target.capabilities.values().any(|found| found.claimed.is_some());
    let footer = record.footer.as_ref().filter(|_| claims)?;
    let time = Duration::seconds(0);
    let mut test = match footer.contradicted.first() {
        None => TestCase::success("profile/claims", time),
        Some(first) => TestCase::failure("profile/claims", time, "claim", &clean(first)),
    };
    test.set_classname("profile");
    if !footer.contradicted.is_empty() {
        test.set_system_out(&clean(&footer.contradicted.join("\n")));
    }
    let target = target(record, record.header.legs.first().map_or("", |leg| &leg.axes));
    let mut suite = TestSuite::new(&clean(&format!("profile ({target})")));
    suite.add_testcase(test);
    Some(suite)
}

/// Product, version and axes.
fn target(record: &Record, axes: &str) -> String {
    let Facts { product, version, .. } = &record.header.target;
    let parts = [product.as_str(), version, axes];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn kind(brief: &Brief) -> String {
    brief.kind.map_or_else(|| brief.verdict.words().to_owned(), |kind| kind.to_string())
}

/// One line.
fn message(brief: &Brief) -> String {
    let text = brief.reason.as_deref().or(brief.sentence.as_deref());
    text.unwrap_or(brief.verdict.words()).lines().next().unwrap_or_default().to_owned()
}

/// Text that XML can carry, also inside CDATA: no control bytes, no end of CDATA.
fn clean(text: &str) -> String {
    let legal: String = text
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => '\u{FFFD}',
            c => c,
        })
        .collect();
    legal.replace("]]>", "]] >")
}

#[cfg(test)]
mod tests;
