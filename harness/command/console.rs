//! What a run prints, for a person, for a log, for a tool, and on a terminal; and its JUnit report for the CI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::{CASES, Tried, expect_exit};

/// A record with every verdict, and texts that no report may take for its own.
fn every_kind() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/results/every-kind.jsonl")
}

/// One JSON document and nothing else on standard output.
pub(crate) fn a_tool_gets_one_document(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let output = tried.run(&["run", "--seed", "1", "--cases", &cases, "--format", "json"])?;
    expect_exit(&output, 1)?;
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let [one] = told["unexpected"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(format!("{told:#}").into());
    };
    let again =
        format!("oplock-conformance run --cases {cases} --seed 1 --exact oplock/tried/fails");
    let out = tried.out();
    let path = |name: &str| out.join(name).display().to_string();
    for (found, expected) in [
        (&told["format"], json!(1)),
        (&told["verdict"], json!("fail")),
        (&told["exit"], json!(1)),
        (&told["whole"], json!(true)),
        (&told["planned"], json!(3)),
        (&told["counts"], json!({"pass": 1, "fail": 2})),
        (&told["recorded"], json!(1)),
        (&told["target"]["product"], json!("reference")),
        (&told["claims"][0]["given"], json!(false)),
        (&told["reports"]["results"], json!(path("results.jsonl"))),
        (&told["reports"]["junit"], json!([path("junit.xml")])),
        (&one["cell"], json!("oplock/tried/fails")),
        (&one["kind"], json!("wrong_level")),
        (&one["signature"], json!("wrong level at step 1: granted expected ii, observed batch")),
        (&one["again"], json!(again)),
    ] {
        if *found != expected {
            return Err(format!("{found}, not {expected}, in\n{told:#}").into());
        }
    }
    Ok(())
}

/// A line for each cell that is not as it should be, and the last line, which the long form has too.
pub(crate) fn who_wants_quiet_gets_lines(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = ["run", "--seed", "1", "--cases", &cases];
    let output = tried.run(&[&run[..], &["--quiet"]].concat())?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8(output.stdout)?;
    let [one, last] = text.lines().collect::<Vec<_>>()[..] else { return Err(text.into()) };
    if one != "FAIL  oplock/tried/fails  A was granted batch instead of ii" {
        return Err(text.into());
    }
    let head = "FAIL: 1 passed, 2 failed, 0 skipped (1 of them only recorded) in ";
    let tail = format!(" s; no claim; reports: {}", tried.out().display());
    if !last.starts_with(head) || !last.ends_with(&tail) || !output.stderr.is_empty() {
        return Err(text.into());
    }
    let long = String::from_utf8(tried.run(&run)?.stdout)?;
    let long = long.lines().last().unwrap_or_default();
    if long.starts_with(head) && long.ends_with(&tail) { Ok(()) } else { Err(long.into()) }
}

/// A pipe has no colour unless somebody wants it, and NO_COLOR counts for less than `--color always`.
pub(crate) fn colour_is_where_it_is_wanted(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    for (arguments, variable, colour) in [
        (&[][..], None, false),
        (&["--color", "always"], None, true),
        (&["--color", "always"], Some(("NO_COLOR", "1")), true),
        (&["--color", "never"], Some(("CLICOLOR_FORCE", "1")), false),
        (&[], Some(("CLICOLOR_FORCE", "1")), true),
    ] {
        let run = [&["run", "--cases", &cases], arguments].concat();
        let mut command = tried.command(&run);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.envs(variable).output()?;
        expect_exit(&output, 1)?;
        if output.stdout.contains(&0x1b) != colour || output.stderr.contains(&0x1b) {
            let text = String::from_utf8_lossy(&output.stdout);
            return Err(format!("{arguments:?} {variable:?}\n{text}").into());
        }
    }
    Ok(())
}

/// On a terminal, one line says how far the run is, and is taken back; it never goes on in the next line.
pub(crate) fn a_terminal_has_progress(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let taken_back = "\r\u{1b}[2K";
    let colour = "\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m: 1 passed";
    for (term, columns, more, progress, coloured) in [
        ("xterm", 100, "", "3/3 cells, 1 not as they should be", true),
        ("xterm", 12, "", "3/3 cells, ", true),
        ("xterm", 100, "--quiet", "", true),
        ("xterm", 100, "--color never", "3/3 cells, 1 not as they should be", false),
        ("dumb", 100, "", "", false),
    ] {
        let binary = env!("CARGO_BIN_EXE_oplock-conformance");
        let (cases, out) = (shell(&cases), shell(&tried.out().display().to_string()));
        let run = format!("{} run --cases {cases} --strict --out {out} {more}", shell(binary));
        let mut command = Command::new("script");
        command.args(["-qec", &format!("stty cols {columns}; {run}"), "/dev/null"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR").env_remove("CLICOLOR_FORCE");
        // Where a CI says that it is one, a dumb terminal has colours too.
        command.env_remove("CI");
        let output = command.env("TERM", term).current_dir(tried.folder.path()).output()?;
        expect_exit(&output, 1)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let case = format!("{term} {columns} {more}\n{text:?}");
        let lines: Vec<&str> = text.split(taken_back).skip(1).collect();
        let last = lines.iter().rev().nth(1).copied().unwrap_or_default();
        if last != progress || text.contains(colour) != coloured {
            return Err(format!("progress `{last}`, not `{progress}`, or colour: {case}").into());
        }
        // What follows the last of them is the summary.
        let narrow = |line: &&str| line.contains('\n') || line.chars().count() >= columns;
        let (_, shown) = lines.split_last().unwrap_or((&"", &[]));
        if shown.iter().any(narrow) {
            return Err(case.into());
        }
    }
    Ok(())
}

/// Nothing that a server or a hook said moves a cursor, in whatever form it is told.
pub(crate) fn a_hostile_record_is_harmless(tried: &Tried) -> Result<(), Failed> {
    let record = every_kind().display().to_string();
    for form in [&["--color", "never"][..], &["--quiet"], &["--format", "json"]] {
        let report = ["report", &record, "--out", "told"];
        let output = tried.command_bare(&[&report[..], form].concat())?;
        expect_exit(&output, 1)?;
        for (text, what) in [(&output.stdout, "stdout"), (&output.stderr, "stderr")] {
            let text = std::str::from_utf8(text)?;
            let bad =
                |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..'\u{202f}').contains(&c);
            if let Some(found) = text.chars().find(|c| bad(*c)) {
                return Err(format!("{what} of {form:?} has {found:?}").into());
            }
        }
    }
    Ok(())
}

/// The report of a run, that of every verdict, and one of 10,000 cells are valid by the schema that Jenkins knows.
pub(crate) fn junit_is_valid_whatever_came(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    expect_exit(&tried.run(&["run", "--cases", &cases])?, 1)?;
    expect_exit(&validated(&tried.out().join("junit.xml"))?, 0)?;
    let many = tried.folder.path().join("many.jsonl");
    fs::write(&many, ten_thousand()?)?;
    for (record, known, tests) in [
        (every_kind(), "pass", None),
        (every_kind(), "skipped", None),
        (many, "pass", Some(10_000)),
    ] {
        let record = record.display().to_string();
        let report =
            ["report", &record, "--out", "told", "--junit-known", known, "--junit", "copy.xml"];
        expect_exit(&tried.command_bare(&report)?, 1)?;
        let junit = tried.folder.path().join("told/junit.xml");
        expect_exit(&validated(&junit)?, 0)?;
        let text = fs::read_to_string(&junit)?;
        if text != fs::read_to_string(tried.folder.path().join("copy.xml"))? {
            return Err("the copy is another report".into());
        }
        let found = text.matches("<testcase name=\"oplock/").count()
            + text.matches("<testcase name=\"lease/").count();
        if tests.is_some_and(|tests| tests != found) {
            return Err(format!("{found} tests").into());
        }
    }
    Ok(())
}

/// A record of 10,000 cells: those of the kept one, again and again under other names.
fn ten_thousand() -> Result<String, Failed> {
    let kept = fs::read_to_string(every_kind())?;
    let lines: Vec<Value> =
        kept.lines().map(serde_json::from_str).collect::<Result<_, serde_json::Error>>()?;
    let of = |kind: &'static str| lines.iter().filter(move |line| line["line"] == kind);
    let mut text = String::new();
    let mut counts: serde_json::Map<String, Value> = serde_json::Map::new();
    for line in of("header") {
        let mut line = line.clone();
        line["planned"] = json!(10_000);
        line["whole_plan"] = json!(10_000);
        text.push_str(&format!("{line}\n"));
    }
    of("case").for_each(|line| text.push_str(&format!("{line}\n")));
    for (number, line) in of("cell").cycle().take(10_000).enumerate() {
        let mut line = line.clone();
        let cell = line["cell"].as_str().unwrap_or_default();
        line["cell"] = json!(format!("{cell}/n={number}"));
        line["number"] = json!(number);
        let verdict = line["verdict"].as_str().unwrap_or_default().to_owned();
        let count = counts.get(&verdict).and_then(Value::as_u64).unwrap_or(0);
        counts.insert(verdict, json!(count + 1));
        text.push_str(&format!("{line}\n"));
    }
    for line in of("footer") {
        let mut line = line.clone();
        line["counts"] = Value::Object(counts.clone());
        text.push_str(&format!("{line}\n"));
    }
    Ok(text)
}

/// What xmllint says of a report.
fn validated(junit: &Path) -> Result<Output, Failed> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/junit/jenkins-junit.xsd");
    // No system limit on how long a text may be: a screen is no attack.
    let options = ["--noout", "--nonet", "--huge", "--schema"];
    Ok(Command::new("xmllint").args(options).arg(schema).arg(junit).output()?)
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
