//! What changed between two runs, as a gate sees it.

use std::fs;

use libtest_mimic::Failed;
use serde_json::Value;

use crate::{CASES, Tried, expect_exit, same_as_kept};

/// The next version of the server and of the corpus: what passed fails, what failed passes, a case is gone, one is renamed,
/// one is new and fails.
fn changed() -> String {
    let (head, cases) = CASES.split_once("cases:\n").unwrap_or_default();
    let (passes, rest) = cases.split_once("  fails:\n").unwrap_or_default();
    let (fails, _) = rest.split_once("  may-fail:\n").unwrap_or_default();
    let passes_no_more = passes.replace("granted: batch", "granted: ii");
    let renamed = passes.replace("  passes:\n", "  has-a-new-name:\n    was: had-an-old-name\n");
    let new = passes_no_more.replace("  passes:\n", "  is-new:\n    since: 0.2\n");
    let fixed = format!("  fails:\n{}", fails.replace("granted: ii", "granted: batch"));
    format!("{head}cases:\n{passes_no_more}{fixed}{renamed}{new}")
}

fn unchanged() -> String {
    let (head, cases) = CASES.split_once("cases:\n").unwrap_or_default();
    let (passes, rest) = cases.split_once("  fails:\n").unwrap_or_default();
    let old = passes.replace("  passes:\n", "  had-an-old-name:\n");
    format!("{head}cases:\n{passes}{old}  fails:\n{rest}")
}

/// Runs the old and the new cases, into `before` and `now`.
fn two_runs(tried: &Tried) -> Result<(), Failed> {
    for (out, cases) in [("before", unchanged()), ("now", changed())] {
        let cases = tried.cases(&cases)?;
        let run = ["run", "--seed", "1", "--cases", &cases, "--out", out];
        expect_exit(&tried.command_bare(&run)?, 1)?;
    }
    Ok(())
}

/// One regression, one fixed, one vanished, one renamed, one new: in each form, and each with exit 1.
pub(crate) fn what_changed_is_told_in_three_forms(tried: &Tried) -> Result<(), Failed> {
    two_runs(tried)?;
    let compare = ["compare", "before/results.jsonl", "now/results.jsonl"];
    for (name, format) in [("compare-text", "text"), ("compare-markdown", "markdown")] {
        let output = tried.command_bare(&[&compare[..], &["--format", format]].concat())?;
        expect_exit(&output, 1)?;
        same_as_kept(name, &timeless(tried, &String::from_utf8_lossy(&output.stdout))?);
    }
    let output = tried.command_bare(&[&compare[..], &["--format", "json"]].concat())?;
    expect_exit(&output, 1)?;
    let found: Value = serde_json::from_slice(&output.stdout)?;
    let count = &found["count"];
    let counts = ["regressed", "vanished", "slower", "fixed", "new", "unmoved"]
        .map(|name| count[name].as_u64().unwrap_or(u64::MAX));
    if found["format"] != 1 || found["regression"] != true || counts != [1, 1, 0, 1, 1, 1] {
        return Err(format!("{found:#}").into());
    }
    Ok(())
}

/// The way back: what was new is gone, which counts as well.
pub(crate) fn what_was_new_may_not_vanish(tried: &Tried) -> Result<(), Failed> {
    two_runs(tried)?;
    let output = tried.command_bare(&["compare", "now/results.jsonl", "before/results.jsonl"])?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("vanished (2)") { Ok(()) } else { Err(text.into()) }
}

/// A filter, a capability: a cell that is not asked any more is missed, whatever the reason.
pub(crate) fn the_same_is_no_regression(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = |out, more: &[&str]| {
        tried.command_bare(&[&["run", "--cases", &cases, "--out", out], more].concat())
    };
    expect_exit(&run("one", &[])?, 1)?;
    expect_exit(&run("two", &["--repeat", "3"])?, 1)?;
    expect_exit(&run("less", &["--skip", "passes"])?, 1)?;
    let compare =
        |other| tried.command_bare(&["compare", "one/results.jsonl", other, "--slower", "2x"]);
    expect_exit(&compare("two/results.jsonl")?, 0)?;
    let output = compare("less/results.jsonl")?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("pass; left out by the filter of the later run") {
        Ok(())
    } else {
        Err(text.into())
    }
}

/// What cannot be compared, and what is no factor: exit 2, and what to do.
pub(crate) fn what_cannot_be_compared_is_told(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = |out, more: &[&str]| {
        tried.command_bare(&[&["run", "--cases", &cases, "--out", out], more].concat())
    };
    expect_exit(&run("one", &[])?, 1)?;
    expect_exit(&run("old", &["--axes", "smb2_1"])?, 1)?;
    fs::write(tried.path("page.html"), "<html>")?;
    let one = "one/results.jsonl";
    for (name, arguments) in [
        ("compare-axes", &["compare", one, "old/results.jsonl"][..]),
        ("compare-no-record", &["compare", one, "page.html"]),
        ("compare-no-file", &["compare", one, "none.jsonl"]),
    ] {
        let output = tried.command_bare(arguments)?;
        expect_exit(&output, 2)?;
        same_as_kept(name, &String::from_utf8_lossy(&output.stderr));
    }
    for factor in ["0.5", "x", "NaN", "-2x"] {
        let slower = format!("--slower={factor}");
        expect_exit(&tried.command_bare(&["compare", one, one, &slower])?, 2)?;
    }
    Ok(())
}

/// The text without what differs from run to run.
fn timeless(tried: &Tried, text: &str) -> Result<String, Failed> {
    let mut text = text.to_owned();
    for out in ["before", "now"] {
        let record = fs::read_to_string(tried.path(out).join("results.jsonl"))?;
        let header: Value = serde_json::from_str(record.lines().next().unwrap_or_default())?;
        for (field, name) in [("began", "BEGAN"), ("corpus", "CORPUS")] {
            text = text.replace(header[field].as_str().unwrap_or_default(), name);
        }
    }
    Ok(text.replace(&tried.path("cases").to_string_lossy().into_owned(), "CASES"))
}
