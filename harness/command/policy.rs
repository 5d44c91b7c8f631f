//! The deviation list as a release engineer meets it, and verdicts that are had again.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::Value;

use crate::{CASES, Tried, expect_exit, same_as_kept};

/// Cases that fail in two ways, a matrix among them of which one column fails.
const WRONG: &str = r#"
suite: oplock/wrong
about: What an entry of a deviation list is proposed for.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}

cases:
  holds:
    says: A batch oplock is granted on a file that nobody else has open.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: batch}}]
  level-of-one:
    says: A batch oplock is granted as level II, which is wrong.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: ii}}]
  level-of-another:
    says: A batch oplock is granted as level II, which is wrong.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: ii}}]
  never-asked:
    says: A batch oplock is given as level II, so the question is never asked.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        given: {granted: ii}
      - A closes: {handle: a, as: c}
        then: [{A gets: {answer: c, status: success}}]
"#;

/// A list that cannot be used is told whole, before anything runs.
pub(crate) fn a_wrong_list_is_told_before_the_run(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let everything =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/deviations/everything.yaml");
    let all = refused(tried, &cases, &everything)?;
    for wanted in
        ["everything.yaml:3:11\n", "did you mean `review`?", "13 errors in the deviation list"]
    {
        if !all.contains(wanted) {
            return Err(format!("no `{wanted}` in\n{all}").into());
        }
    }
    let entry = "- {cases: oplock/tried/fails, expect: fails, signature: s, because: It does.}\n";
    let twice = list(tried, &(entry.to_owned() + entry))?;
    let said = refused(tried, &cases, &twice)?;
    if !said.contains(
        "deviations.yaml:2: the entries of line 1 and line 2 both cover `oplock/tried/fails`",
    ) {
        return Err(said.into());
    }
    Ok(())
}

/// The edits that a list wants are told one for each entry, and each class has its exit.
pub(crate) fn what_is_wrong_with_an_entry_is_told_once(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(WRONG)?;
    let text = r#"
- cases: oplock/wrong/level-*
  expect: fails
  signature: "wrong level *"
  because: The engine grants more.
- cases: oplock/wrong/never-asked
  expect: inconclusive
  signature: "given *"
  because: The engine grants more.
"#;
    let run = |text: &str, code: i32| -> Result<String, Failed> {
        let list = list(tried, text)?;
        let list = list.to_string_lossy().into_owned();
        let output =
            tried.run(&["run", "--cases", &cases, "--deviations", &list, "--color", "never"])?;
        expect_exit(&output, code)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = text.split("\n\n").filter(|part| part.starts_with("deviation list"));
        Ok(told.map(str::trim_end).collect::<Vec<_>>().join("\n"))
    };
    let known = run(text, 0)?;
    let stale = run(
        &format!(
            "{text}- {{cases: oplock/wrong/hold, expect: fails, signature: s, because: It does.}}\n"
        ),
        6,
    )?;
    let passed = run(
        &format!(
            "{text}- {{cases: oplock/wrong/holds, expect: fails, signature: s, because: It does.}}\n"
        ),
        6,
    )?;
    let some_passed = run(&text.replace("level-*", "*"), 6)?;
    let differs = run(&text.replace("wrong level *", "wrong status *"), 1)?;
    let overdue = run(&text.replace("more.\n- cases", "more.\n  review: 2020-01-01\n- cases"), 6)?;
    let told = format!(
        "known: {known}\n\nstale: {stale}\n\npassed: {passed}\n\nsome passed: {some_passed}\n\ndiffers: {differs}\n\noverdue: {overdue}\n"
    );
    same_as_kept("policy-entries", &without_days_to_come(&told));
    Ok(())
}

/// Propose, say why, run again: green.
pub(crate) fn a_proposal_makes_the_run_green(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(WRONG)?;
    let run = ["run", "--cases", &cases];
    expect_exit(&tried.run(&run)?, 1)?;
    let proposal = proposed(tried, &[])?;
    same_as_kept("baseline-propose", &without_days_to_come(&proposal));
    // Nobody has said why yet.
    let with = |text: &str| -> Result<String, Failed> {
        Ok(list(tried, text)?.to_string_lossy().into_owned())
    };
    let unsaid = with(&proposal)?;
    expect_exit(&tried.run(&[&run[..], &["--deviations", &unsaid]].concat())?, 2)?;
    let said = with(&filled(&proposal))?;
    expect_exit(&tried.run(&[&run[..], &["--deviations", &said]].concat())?, 0)?;
    // All of it is listed now.
    let nothing = proposed(tried, &[])?;
    if !nothing.contains(": nothing failed that is not listed.\n") {
        return Err(nothing.into());
    }
    // A range that leaves the run out would not make it green.
    let output = tried.command_bare(&[
        "baseline",
        "propose",
        "out/results.jsonl",
        "--versions",
        "<0.0.1",
    ])?;
    expect_exit(&output, 2)?;
    expect_exit(&tried.command_bare(&["baseline", "propose", "no-such.jsonl"])?, 2)
}

/// The whole corpus on the reference: judged again, every line stays as it is.
pub(crate) fn the_same_cases_say_the_same(tried: &Tried) -> Result<(), Failed> {
    expect_exit(&tried.run(&["run", "--axes", "representative", "--axes", "smb2_1"])?, 0)?;
    judged(tried, &[], 0, " as before, 0 moved, 0 not comparable\n")?;
    same_cells(&tried.out(), &tried.folder.path().join("judged"))?;
    // What is red stays red, and what the list says of it is in the record.
    let cases = tried.cases(WRONG)?;
    expect_exit(&tried.run(&["run", "--cases", &cases])?, 1)?;
    judged(tried, &["--cases", &cases], 1, "4 as before, 0 moved, 0 not comparable\n")?;
    same_cells(&tried.out(), &tried.folder.path().join("judged"))
}

/// Expectations that were corrected move verdicts; steps that were changed leave nothing to be said.
pub(crate) fn other_cases_move_verdicts(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(WRONG)?;
    expect_exit(&tried.run(&["run", "--cases", &cases, "--skip", "never-asked"])?, 1)?;
    let right = WRONG.replace("granted: ii}", "granted: batch}");
    tried.cases(&right)?;
    let told = judged(tried, &["--cases", &cases], 0, "1 as before, 2 moved, 0 not comparable\n")?;
    if !told.contains("\nmoved, fail -> pass (2)\n  oplock/wrong/level-of-one\n") {
        return Err(told.into());
    }
    let other_steps =
        right.replacen("access: rw,", "access: r,", 1).replace("level-of-another", "renamed");
    tried.cases(&other_steps)?;
    let told = judged(tried, &["--cases", &cases], 5, "0 as before, 1 moved, 2 not comparable\n")?;
    for wanted in [
        "\nnot comparable (1): its steps are not those of the run; run them again\n  oplock/wrong/holds\n",
        "\nnot comparable (1): these cases do not have it; run them again\n  oplock/wrong/level-of-another\n",
        "\nerror (1): not comparable: its steps are not those of the run\n",
    ] {
        if !told.contains(wanted) {
            return Err(format!("no `{wanted}` in\n{told}").into());
        }
    }
    // Under the name that a case has now.
    tried.cases(
        &right.replace("  level-of-another:\n", "  renamed:\n    was: level-of-another\n"),
    )?;
    judged(tried, &["--cases", &cases], 0, "1 as before, 2 moved, 0 not comparable\n")?;
    let text = fs::read_to_string(tried.folder.path().join("judged/results.jsonl"))?;
    if !text.contains("\"cell\":\"oplock/wrong/renamed\"")
        || text.contains("level-of-another\",\"axes")
    {
        return Err("the renamed case has its old name".into());
    }
    // The record itself is not overwritten.
    expect_exit(&tried.command_bare(&["judge", "out/results.jsonl", "--out", "out"])?, 2)
}

/// A run of Samba without a list: proposed, filled in, green; and both are judged again alike.
pub(crate) fn samba_is_listed_and_judged_again(tried: &Tried) -> Result<(), Failed> {
    let none = list(tried, "# Nothing is known yet.\n")?;
    let none = none.to_string_lossy().into_owned();
    let run =
        ["run", "--target", "samba", "acknowledgement/oplock", "lease/delete", "operation/by-path"];
    expect_exit(&tried.run(&[&run[..], &["--deviations", &none]].concat())?, 1)?;
    judged(tried, &[], 1, " as before, 0 moved, 0 not comparable\n")?;
    same_cells(&tried.out(), &tried.folder.path().join("judged"))?;
    let said = list(tried, &filled(&proposed(tried, &[])?))?;
    let said = said.to_string_lossy().into_owned();
    // By its histories the run is green already.
    judged(tried, &["--deviations", &said], 0, " moved, 0 not comparable\n")?;
    expect_exit(&tried.run(&[&run[..], &["--deviations", &said]].concat())?, 0)?;
    judged(tried, &[], 0, " as before, 0 moved, 0 not comparable\n")?;
    same_cells(&tried.out(), &tried.folder.path().join("judged"))
}

/// Runs with a list that must be refused, and hands out what was said.
fn refused(tried: &Tried, cases: &str, list: &Path) -> Result<String, Failed> {
    let list = list.to_string_lossy();
    let output = tried.run(&["run", "--cases", cases, "--deviations", &list])?;
    expect_exit(&output, 2)?;
    if tried.out().join("results.jsonl").exists() {
        return Err("it ran all the same".into());
    }
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn list(tried: &Tried, text: &str) -> Result<PathBuf, Failed> {
    let path = tried.folder.path().join("deviations.yaml");
    fs::write(&path, text)?;
    Ok(path)
}

fn proposed(tried: &Tried, more: &[&str]) -> Result<String, Failed> {
    let output =
        tried.command_bare(&[&["baseline", "propose", "out/results.jsonl"], more].concat())?;
    expect_exit(&output, 0)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// As a person fills it in.
fn filled(proposal: &str) -> String {
    proposal.replace("because: TODO", "because: The server grants more than it was asked for.")
}

/// Judges the run again; what it says must contain `wanted`.
fn judged(tried: &Tried, more: &[&str], code: i32, wanted: &str) -> Result<String, Failed> {
    let judge = ["judge", "out/results.jsonl", "--out", "judged", "--color", "never"];
    let output = tried.command_bare(&[&judge[..], more].concat())?;
    expect_exit(&output, code)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !text.contains(wanted) {
        return Err(format!("no `{wanted}` in\n{text}").into());
    }
    for report in ["junit.xml", "report.html"] {
        if !tried.folder.path().join("judged").join(report).exists() {
            return Err(format!("no {report}").into());
        }
    }
    Ok(text)
}

/// Both records have the same cells, line for line.
fn same_cells(one: &Path, other: &Path) -> Result<(), Failed> {
    let [one, other] = [cells(one)?, cells(other)?];
    if one.len() != other.len() {
        return Err(format!("{} cells, and {}", one.len(), other.len()).into());
    }
    match one.iter().zip(&other).find(|(one, other)| one != other) {
        None => Ok(()),
        Some((one, other)) => Err(format!("{one}\nis now\n{other}").into()),
    }
}

fn cells(out: &Path) -> Result<Vec<Value>, Failed> {
    let mut cells = Vec::new();
    for line in fs::read_to_string(out.join("results.jsonl"))?.lines() {
        let line: Value = serde_json::from_str(line)?;
        if line["line"] == "cell" {
            cells.push(line);
        }
    }
    cells.sort_by_key(|line| line["number"].as_u64());
    Ok(cells)
}

/// A text whose days follow from today's.
fn without_days_to_come(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("20") {
        let (before, here) = rest.split_at(at);
        kept.push_str(before);
        let day = here.get(..10).filter(|day| {
            day.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
        });
        let known = day == Some("2020-01-01");
        match day.filter(|_| !known) {
            Some(day) => {
                kept.push_str("DAY");
                rest = here.get(day.len()..).unwrap_or_default();
            }
            None => {
                kept.push_str("20");
                rest = here.get(2..).unwrap_or_default();
            }
        }
    }
    kept + rest
}
