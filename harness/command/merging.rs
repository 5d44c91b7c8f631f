//! Shards that become one run again, and reports that are made again.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::Value;

use crate::{CASES, Tried, expect_exit, same_as_kept};

/// What differs from run to run, and from machine to machine.
const TIMES: [&str; 3] = ["began", "seconds", "duration_ms"];

/// An entry for what fails in some axes, one for what passes, and one for nothing.
const DEVIATIONS: &str = r#"
- cases: oplock/tried/fails
  axes: smb2_*
  expect: fails
  signature: "wrong level at step 1: granted expected ii, observed batch"
  because: It does.
- cases: oplock/tried/passes
  expect: fails
  signature: "wrong level at step 1: granted expected ii, observed batch"
  because: It does not.
- cases: oplock/tried/gone
  expect: fails
  signature: "wrong level at step 1: granted expected ii, observed batch"
  because: It is gone.
"#;

/// The whole corpus in one piece and in eight: every line, the exit, the claims, the JUnit report.
pub(crate) fn eight_shards_are_one_run(tried: &Tried) -> Result<(), Failed> {
    let told = run(tried, "whole", &["--seed", "7"], 0)?;
    if !told.contains("conforms: core (") {
        return Err(format!("no claim in\n{told}").into());
    }
    let shards = shards(tried, 8, &["--seed", "7"], &[0])?;
    // In any order.
    let files: Vec<_> = shards.iter().rev().map(String::as_str).collect();
    same_text(&told, &merged(tried, &files, 0)?)?;
    same_record(&tried.path("whole/results.jsonl"), &tried.path("merged/results.jsonl"))?;
    same_junit(&tried.path("whole"), &tried.path("merged"))
}

/// Shards in which something is wrong, in several axes: the merged run is as wrong, and its failures have their screens.
pub(crate) fn what_is_wrong_in_a_shard_is_wrong_in_the_run(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    fs::write(tried.path("deviations.yaml"), DEVIATIONS)?;
    let options = ["--cases", &cases, "--axes", "full", "--seed", "1", "--strict"];
    let options = [&options[..], &["--deviations", "deviations.yaml"]].concat();
    let told = run(tried, "whole", &options, 1)?;
    // A shard of nothing but passes is green, or only its list is out of date.
    let shards = shards(tried, 3, &options, &[0, 1, 6])?;
    let files: Vec<_> = shards.iter().map(String::as_str).collect();
    same_text(&told, &merged(tried, &files, 1)?)?;
    same_record(&tried.path("whole/results.jsonl"), &tried.path("merged/results.jsonl"))?;
    same_junit(&tried.path("whole"), &tried.path("merged"))
}

/// A whole run is all its shards.
pub(crate) fn a_whole_run_stays_as_it_is(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    run(tried, "whole", &["--cases", &cases], 1)?;
    merged(tried, &["whole/results.jsonl"], 1)?;
    same_record(&tried.path("whole/results.jsonl"), &tried.path("merged/results.jsonl"))?;
    // Whose record it is cannot be overwritten.
    let output = tried.command_bare(&["merge", "whole/results.jsonl", "--out", "whole"])?;
    expect_exit(&output, 2)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if said != "--out whole would overwrite whole/results.jsonl; name another folder\n" {
        return Err(said.into_owned().into());
    }
    Ok(())
}

/// What is no whole run is refused with its files and what to do, and leaves older reports alone.
pub(crate) fn what_is_no_whole_run_is_refused(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let options = ["--cases", &cases, "--axes", "full"];
    let shards = shards(tried, 2, &options, &[0, 1])?;
    let [one, two] = &shards[..] else { return Err("not two shards".into()) };
    let killed = tried.path("killed.jsonl");
    let text = fs::read_to_string(tried.path(two))?;
    let kept: Vec<_> = text.lines().collect();
    fs::write(&killed, kept[..kept.len() - 3].join("\n"))?;
    run(tried, "other", &[&options[..], &["--shard", "2/2", "--seed", "5"]].concat(), 1)?;
    fs::create_dir_all(tried.path("merged"))?;
    fs::write(tried.path("merged/junit.xml"), "older")?;
    for (name, files) in [
        ("merge-missing", &[one.as_str()][..]),
        ("merge-twice", &[one, two, two]),
        ("merge-killed", &[one, "killed.jsonl"]),
        ("merge-other-seed", &[one, "other/results.jsonl"]),
        ("merge-no-file", &[one, "no/results.jsonl"]),
        ("merge-no-record", &[one, "cases/capabilities.yaml"]),
    ] {
        let arguments = [&["merge"], files, &["--out", "merged"]].concat();
        let output = tried.command_bare(&arguments)?;
        expect_exit(&output, 2).map_err(|failed| format!("{name}: {failed:?}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        // The seed of shards is that of their corpus.
        let seed = seed(&tried.path(one))?;
        same_as_kept(name, &said.replace(&seed, "SEED"));
    }
    let left = fs::read_to_string(tried.path("merged/junit.xml"))?;
    if left != "older" || tried.path("merged/results.jsonl").exists() {
        return Err("a refusal touched the folder".into());
    }
    Ok(())
}

/// Every report again: the same bytes, the same exit.
pub(crate) fn reports_are_made_again(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let told = run(tried, "whole", &["--cases", &cases], 1)?;
    let whole = tried.path("whole/junit.xml");
    let junit = fs::read(&whole)?;
    fs::remove_file(&whole)?;
    // Beside the record, and elsewhere.
    let elsewhere = ["--out", "elsewhere", "--junit", "copy.xml"];
    for (out, options) in [("whole", &[][..]), ("elsewhere", &elsewhere)] {
        let output = tried.command_bare(&[&["report", "whole/results.jsonl"], options].concat())?;
        expect_exit(&output, 1)?;
        same_text(&told, &String::from_utf8_lossy(&output.stdout))?;
        if fs::read(tried.path(out).join("junit.xml"))? != junit {
            return Err(format!("{out}/junit.xml is not that of the run").into());
        }
    }
    if fs::read(tried.path("copy.xml"))? != junit || !tried.path("elsewhere/report.html").exists() {
        return Err("not every report was made".into());
    }
    run(tried, "other", &["--cases", &cases], 1)?;
    let output = tried.command_bare(&["report", "whole/results.jsonl", "--out", "other"])?;
    expect_exit(&output, 2)?;
    same_as_kept("report-elsewhere", &String::from_utf8_lossy(&output.stderr));
    let onto_itself = ["report", "whole/results.jsonl", "--junit", "whole/results.jsonl"];
    let output = tried.command_bare(&onto_itself)?;
    expect_exit(&output, 2)?;
    same_as_kept("report-onto-itself", &String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// A run that was cut off has its reports too: they say so, and it does not end well.
pub(crate) fn a_run_that_was_cut_off_is_reported_as_one(tried: &Tried) -> Result<(), Failed> {
    run(tried, "whole", &["oplock/"], 0)?;
    let text = fs::read_to_string(tried.path("whole/results.jsonl"))?;
    let lines: Vec<_> = text.lines().collect();
    let cells = lines.iter().filter(|line| line.contains("\"line\":\"cell\"")).count();
    // Without its last ten cells and its footer, in the middle of a line.
    let kept = lines[..lines.len() - 11].join("\n") + "\n{\"line\":\"cell\",\"numb";
    fs::create_dir(tried.path("cut"))?;
    fs::write(tried.path("cut/results.jsonl"), kept)?;
    let output = tried.command_bare(&["report", "cut/results.jsonl"])?;
    expect_exit(&output, 5)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = format!(
        "cut/results.jsonl was cut off: 10 cells of {cells} planned have no line, and nothing is claimed; run it again"
    );
    if !said.contains(&expected) {
        return Err(said.into_owned().into());
    }
    let junit = fs::read_to_string(tried.path("cut/junit.xml"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    if !junit.contains("10 cells of ") || told.contains("conforms:") {
        return Err(format!("it looks whole\n{told}").into());
    }
    let output = tried.command_bare(&["compare", "whole/results.jsonl", "cut/results.jsonl"])?;
    expect_exit(&output, 2)
}

/// Two halves of a run against a real server, with what went over its wire.
pub(crate) fn shards_of_samba_are_one_run(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let options = ["--target", "samba", "--cases", &cases, "--axes", "full", "--pcap=all"];
    let shards = shards(tried, 2, &options, &[0, 1])?;
    let files: Vec<_> = shards.iter().map(String::as_str).collect();
    merged(tried, &files, 1)?;
    let captures = |folder: &str| -> Result<usize, Failed> {
        Ok(fs::read_dir(tried.path(folder).join("pcap"))?.count())
    };
    let (one, two, both) = (captures("shard-1")?, captures("shard-2")?, captures("merged")?);
    if one == 0 || two == 0 || one + two != both {
        return Err(format!("{one} and {two} captures became {both}").into());
    }
    run(tried, "whole", &options, 1)?;
    let compared = ["compare", "whole/results.jsonl", "merged/results.jsonl"];
    expect_exit(&tried.command_bare(&compared)?, 0)
}

/// Runs into this folder, and expects this exit; what it prints.
fn run(tried: &Tried, out: &str, options: &[&str], code: i32) -> Result<String, Failed> {
    let arguments = [&["run", "--out", out], options].concat();
    let output = tried.command_bare(&arguments)?;
    expect_exit(&output, code)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs all shards, each with one of these exits; where their records are.
fn shards(tried: &Tried, of: u32, options: &[&str], codes: &[i32]) -> Result<Vec<String>, Failed> {
    let mut files = Vec::new();
    for number in 1..=of {
        let (shard, out) = (format!("{number}/{of}"), format!("shard-{number}"));
        let arguments = [&["run", "--out", &out, "--shard", &shard], options].concat();
        let output = tried.command_bare(&arguments)?;
        if !output.status.code().is_some_and(|code| codes.contains(&code)) {
            expect_exit(&output, 0)?;
        }
        files.push(format!("{out}/results.jsonl"));
    }
    Ok(files)
}

/// What `merge` prints of these records.
fn merged(tried: &Tried, files: &[&str], code: i32) -> Result<String, Failed> {
    let output = tried.command_bare(&[&["merge"], files, &["--out", "merged"]].concat())?;
    expect_exit(&output, code)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Compares what two commands printed, but for how long the run took and where its reports are, which the last line says.
fn same_text(one: &str, other: &str) -> Result<(), Failed> {
    let timeless = |text: &str| -> Option<String> {
        let (before, last) = text.trim_end().rsplit_once('\n')?;
        let (counts, rest) = last.split_once(" in ")?;
        let (claim, _) = rest.split_once(" s; ")?.1.split_once("; reports: ")?;
        Some(format!("{before}\n{counts}; {claim}"))
    };
    match (timeless(one), timeless(other)) {
        (Some(one), Some(other)) if one == other => Ok(()),
        _ => Err(format!("not the same:\n{one}\n{other}").into()),
    }
}

/// Compares two records line by line: the cells in the order of the plan, everything without its times.
fn same_record(one: &Path, other: &Path) -> Result<(), Failed> {
    let (one, other) = (lines(one)?, lines(other)?);
    if let Some((one, other)) = one.iter().zip(&other).find(|(one, other)| one != other) {
        return Err(format!("not the same line\n{one}\n{other}").into());
    }
    if one.len() != other.len() {
        return Err(format!("{} lines, {} merged", one.len(), other.len()).into());
    }
    Ok(())
}

fn lines(path: &Path) -> Result<Vec<Value>, Failed> {
    let mut lines = Vec::new();
    for line in fs::read_to_string(path)?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        if let Some(fields) = line.as_object_mut() {
            TIMES.iter().for_each(|time| drop(fields.remove(*time)));
        }
        lines.push(line);
    }
    // Only cells come in an order of chance.
    let place = |line: &Value| match line["line"].as_str() {
        Some("cell") => line["number"].as_u64(),
        _ => None,
    };
    let begin = lines.iter().position(|line| place(line).is_some()).unwrap_or_default();
    let end = lines.len() - 1;
    lines[begin..end].sort_by_key(place);
    Ok(lines)
}

/// Compares two JUnit reports but for their times.
fn same_junit(one: &Path, other: &Path) -> Result<(), Failed> {
    let text = |out: &Path| -> Result<String, Failed> {
        let text = fs::read_to_string(out.join("junit.xml"))?;
        let parts = text.split(' ');
        let timeless =
            parts.filter(|part| !part.starts_with("time=") && !part.starts_with("timestamp="));
        Ok(timeless.collect::<Vec<_>>().join(" "))
    };
    if text(one)? == text(other)? { Ok(()) } else { Err("another junit.xml".into()) }
}

fn seed(path: &Path) -> Result<String, Failed> {
    let lines = lines(path)?;
    let seed = lines.first().and_then(|header| header["seed"].as_u64()).ok_or("no seed")?;
    Ok(seed.to_string())
}
