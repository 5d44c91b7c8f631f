//! The JUnit report, for the CI systems that read it.
//!
//! The schema that Jenkins knows gives `skipped` no attributes and a test case no file; so a reason stands in `system-out`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use junit_report::{Duration, Report, TestCase, TestSuite};
use oplock_model::Facts;
use oplock_suite::plan::Corpus;
use thiserror::Error;

use crate::contradiction::{contradictions, has_claims};
use crate::exit::Standing;
use crate::verdict::CellResult;

/// Why a report could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}: {reason}", .path.display())]
pub struct JunitError {
    path: PathBuf,
    reason: String,
}

/// Writes the report, at once or not at all.
///
/// `legs` are the facts of the target in each of the axes. `screen` says what a person wants to read of a cell that is not as it should be.
///
/// # Errors
/// A [`JunitError`] where the file cannot be written or moved into place.
pub fn write(
    path: &Path,
    corpus: &Corpus,
    legs: &[&Facts],
    strict: bool,
    results: &[CellResult],
    screen: &dyn Fn(&CellResult) -> String,
) -> Result<(), JunitError> {
    let failed = |reason: String| JunitError { path: path.to_owned(), reason };
    let mut bytes = Vec::new();
    report(corpus, legs, strict, results, screen)
        .write_xml(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    replace(path, &bytes).map_err(|error| failed(error.to_string()))
}

/// Puts a file in the place of another one, so that a reader sees the old one or the new one, never a part.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut file = fs::File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// One test suite per axes and suite of the corpus; each names the target, its version and the axes.
fn report(
    corpus: &Corpus,
    legs: &[&Facts],
    strict: bool,
    results: &[CellResult],
    screen: &dyn Fn(&CellResult) -> String,
) -> Report {
    let mut suites: BTreeMap<(usize, &str), TestSuite> = BTreeMap::new();
    for result in results {
        let Some(case) = corpus.cases.get(result.case) else { continue };
        let Some(cell) = case.cells.get(result.cell) else { continue };
        let suite = suites.entry((result.leg, case.suite.as_str())).or_insert_with(|| {
            let target = legs.get(result.leg).map(|facts| target(facts)).unwrap_or_default();
            TestSuite::new(&clean(&format!("{} ({target})", case.suite)))
        });
        let standing = Standing::of(result.verdict, &case.obligation, strict);
        let name = clean(&cell.id.0);
        let micros = result.played.as_ref().map_or(0, |played| played.wall_micros);
        let time = Duration::microseconds(i64::try_from(micros).unwrap_or(i64::MAX));
        let mut test = match standing {
            Standing::Held => TestCase::success(&name, time),
            Standing::Skipped | Standing::Tolerated => TestCase::skipped(&name),
            Standing::Red | Standing::Outdated => {
                TestCase::failure(&name, time, &clean(&kind(result)), &clean(&message(result)))
            }
            Standing::Broken => {
                TestCase::error(&name, time, &clean(&kind(result)), &clean(&message(result)))
            }
        };
        test.set_classname(&clean(&case.id.replace('/', ".")));
        let out = match standing {
            Standing::Held => result.reason.clone().unwrap_or_default(),
            Standing::Skipped => message(result),
            Standing::Tolerated => {
                format!("recorded, not judged: {}\n{}", message(result), screen(result))
            }
            Standing::Red | Standing::Broken | Standing::Outdated => screen(result),
        };
        let hooks = result.hooks.iter().map(|ran| format!("\n{ran}"));
        let out = [out].into_iter().chain(hooks).collect::<String>();
        if !out.is_empty() {
            test.set_system_out(&clean(&out));
        }
        suite.add_testcase(test);
    }
    let mut report = Report::new();
    report.add_testsuites(profile(legs));
    report.add_testsuites(suites.into_values());
    report
}

/// A test of the claims of the target's profile, where it claims anything.
fn profile(legs: &[&Facts]) -> Option<TestSuite> {
    let first = legs.first().filter(|_| has_claims(legs))?;
    let contradicted: Vec<String> = contradictions(legs).iter().map(ToString::to_string).collect();
    let time = Duration::seconds(0);
    let mut test = match contradicted.first() {
        None => TestCase::success("profile/claims", time),
        Some(first) => TestCase::failure("profile/claims", time, "claim", &clean(first)),
    };
    test.set_classname("profile");
    if !contradicted.is_empty() {
        test.set_system_out(&clean(&contradicted.join("\n")));
    }
    let mut suite = TestSuite::new(&clean(&format!("profile ({})", target(first))));
    suite.add_testcase(test);
    Some(suite)
}

/// Product, version and axes.
fn target(facts: &Facts) -> String {
    let parts = [facts.product.as_str(), &facts.version, &facts.axes];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn kind(result: &CellResult) -> String {
    let first = result.judgement.as_ref().and_then(|judgement| judgement.divergences.first());
    first.map_or_else(|| result.verdict.words().to_owned(), |first| first.kind.to_string())
}

/// One line.
fn message(result: &CellResult) -> String {
    let first = result.judgement.as_ref().and_then(|judgement| judgement.divergences.first());
    let text = match (&result.reason, first) {
        (Some(reason), _) => reason.clone(),
        (None, Some(first)) => first.sentence.clone(),
        (None, None) => result.verdict.words().to_owned(),
    };
    text.lines().next().unwrap_or_default().to_owned()
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
