//! The options of a run that decide which cells are played, how often, how long, and what of them counts.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_runner::exit::Standing;
use oplock_runner::record::Record;
use oplock_runner::verdict::Verdict;

use crate::profile::{Server, wanted, write};
use crate::{CASES, Tried, ended_within, expect_exit, files, flicker, whole};

/// A run that would take much longer: it ends soon after its deadline, and each cell says how far it came.
pub(crate) fn a_deadline_ends_a_run(tried: &Tried) -> Result<(), Failed> {
    let (head, passes) = CASES.split_once("  passes:").ok_or("no case that passes")?;
    let passes = passes.split("  fails:").next().unwrap_or_default();
    let many: String = (1..=20).map(|number| format!("  passes-{number}:{passes}")).collect();
    let cases = tried.cases(&format!("{head}{many}"))?;
    let long = ["run", "--cases", &cases, "--repeat", "10000", "--deadline", "1s", "--jobs", "1"];
    let mut child = tried.start(&long)?;
    let code = ended_within(&mut child, Duration::from_secs(60))?;
    if code != Some(5) {
        return Err(format!("exit {code:?}").into());
    }
    whole(&tried.out())?;
    let record = record(tried)?;
    let over = |reason: &Option<String>| {
        reason.as_ref().is_some_and(|reason| reason.starts_with("did not run: --deadline was over"))
    };
    let passed = record.cells.iter().filter(|brief| brief.verdict == Verdict::Pass).count();
    let cut = record.cells.iter().filter(|brief| over(&brief.reason)).count();
    if passed + cut != record.cells.len() || cut == 0 {
        return Err(format!("{passed} passed, {cut} did not run").into());
    }
    // A cell in the middle of its plays has not passed.
    let between = |brief: &&oplock_runner::record::Brief| brief.passed.1 > 1 && over(&brief.reason);
    let between: Vec<_> = record.cells.iter().filter(between).collect();
    if between.len() != 1 || between.iter().any(|brief| brief.standing != Standing::Broken) {
        return Err(format!("{between:?}").into());
    }
    let early = record.footer.and_then(|footer| footer.ended_early).unwrap_or_default();
    wanted(&early, "--deadline was over")?;
    // What failed before counts for more than what did not run.
    let cases = tried.cases(CASES)?;
    let red = ["--cases", &cases, "--max-fail", "1", "--jobs", "1", "--deadline", "1h"];
    expect_exit(&tried.run(&[&["run"][..], &red].concat())?, 1)?;
    expect_exit(&tried.run(&["run", "--deadline", "90"])?, 2)
}

/// `--only-failed` takes the cells that were not as they should be, in their axes, and says why it takes none.
pub(crate) fn only_the_failed_are_asked_again(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let kept = tried.folder.path().join("before.jsonl");
    let before = kept.to_string_lossy();
    let keep = || fs::copy(tried.out().join("results.jsonl"), &kept);
    let run = ["run", "--cases", &cases];
    let again = [&run[..], &["--only-failed", &before]].concat();

    expect_exit(&tried.run(&run)?, 1)?;
    keep()?;
    expect_exit(&tried.run(&again)?, 1)?;
    expect_cells(tried, &["oplock/tried/fails"])?;
    // What nobody owes is as it should be, but for who is strict; and the own record may be named, too.
    let own = tried.out().join("results.jsonl").to_string_lossy().into_owned();
    expect_exit(&tried.run(&[&run[..], &["--only-failed", &own]].concat())?, 1)?;
    expect_cells(tried, &["oplock/tried/fails"])?;
    expect_exit(&tried.run(&[&again[..], &["tried/passes"]].concat())?, 3)?;

    // In the axes in which it failed.
    expect_exit(&tried.run(&[&run[..], &["--axes", "smb3_0", "--axes", "smb2_1"]].concat())?, 1)?;
    keep()?;
    expect_exit(&tried.run(&again)?, 1)?;
    expect_cells(tried, &["oplock/tried/fails @smb3_0", "oplock/tried/fails @smb2_1"])?;
    expect_exit(&tried.run(&[&again[..], &["--axes", "smb2_1"]].concat())?, 1)?;
    expect_cells(tried, &["oplock/tried/fails"])?;
    let output = tried.run(&[&again[..], &["--axes", "smb2_0_2"]].concat())?;
    expect_exit(&output, 3)?;
    wanted(&said(&output), "the axes of this run has none of the 2 cells that ")?;

    // What did not run.
    let few = ["--max-fail", "1", "--jobs", "1", "--strict", "--skip", "may-fail"];
    let reversed = CASES.replace("  passes:", "  zzz-passes:");
    let order = tried.cases(&reversed)?;
    expect_exit(&tried.run(&[&["run", "--cases", &order][..], &few].concat())?, 1)?;
    keep()?;
    let left = record(tried)?.cells.iter().filter(|brief| brief.standing.is_wrong()).count();
    expect_exit(&tried.run(&again)?, 1)?;
    if record(tried)?.cells.len() != left {
        return Err(format!("not the {left} that failed or did not run").into());
    }

    // A run that was cut off: the cells without a line are known by their cases only.
    let text = fs::read_to_string(&kept)?;
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines.get(..lines.len().saturating_sub(2)).ok_or("too short")?.join("\n") + "\n";
    fs::write(&kept, cut)?;
    let output = tried.run(&again)?;
    expect_exit(&output, 1)?;
    wanted(&said(&output), "was cut off: 1 of its 2 cells have no line")?;

    // What is not there any more, and what cannot be read.
    let gone = text.replace("oplock/tried/fails", "oplock/tried/gone");
    fs::write(&kept, gone)?;
    let output = tried.run(&again)?;
    wanted(&said(&output), "that the cases do not have any more: oplock/tried/gone\n")?;
    fs::write(&kept, "no record\n")?;
    expect_exit(&tried.run(&again)?, 2)?;
    fs::remove_file(&kept)?;
    expect_exit(&tried.run(&again)?, 2)?;
    let sound = tried.cases(CASES.split("  fails:").next().unwrap_or_default())?;
    expect_exit(&tried.run(&["run", "--cases", &sound])?, 0)?;
    keep()?;
    let output = tried.run(&again)?;
    expect_exit(&output, 3)?;
    wanted(&said(&output), "nothing selected: none of the 1 cell of ")
}

/// New cases are recorded, and neither gate nor claim knows of them.
pub(crate) fn what_is_new_does_not_count_yet(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(&CASES.replace("  fails:\n", "  fails:\n    since: \"0.3\"\n"))?;
    for (as_of, code) in [("0.2", 0), ("0.3", 1), ("1", 1)] {
        let output = tried.run(&["run", "--cases", &cases, "--corpus-as-of", as_of])?;
        expect_exit(&output, code).map_err(|failed| format!("{as_of}: {failed:?}"))?;
        let new = code == 0;
        let text = String::from_utf8_lossy(&output.stdout);
        let claim = match new {
            true => "conforms: core (1 cell)",
            false => "no claim of core: of its 2 cells 1 did not pass",
        };
        wanted(&text, claim)?;
        let standing = standings(&record(tried)?).remove("oplock/tried/fails");
        let expected = if new { Standing::Tolerated } else { Standing::Red };
        if standing != Some(expected) {
            return Err(format!("as of {as_of}: {standing:?}").into());
        }
    }
    expect_exit(&tried.run(&["run", "--cases", &cases, "--corpus-as-of", "soon"])?, 2)
}

/// Tags choose, `--strict` weighs, a time factor stretches the latest bounds, and each of them is in the record.
pub(crate) fn options_are_in_the_record(tried: &Tried) -> Result<(), Failed> {
    let tagged = CASES.replace("  passes:\n", "  passes:\n    tags: [quick]\n");
    let should = tagged.replace("obligation: may", "obligation: should");
    let cases = tried.cases(&should)?;
    let run = |more: &[&str]| tried.run(&[&["run", "--cases", &cases], more].concat());
    expect_exit(&run(&["--tag", "quick"])?, 0)?;
    expect_cells(tried, &["oplock/tried/passes"])?;
    expect_exit(&run(&["--tag", "slow"])?, 3)?;
    expect_exit(&run(&["may-fail"])?, 0)?;
    expect_exit(&run(&["may-fail", "--strict"])?, 1)?;
    if !record(tried)?.header.strict {
        return Err("the record does not say that it was strict".into());
    }
    let latest = |factor: &str| -> Result<_, Failed> {
        expect_exit(&run(&["--tag", "quick", "--time-factor", factor])?, 0)?;
        let waits = record(tried)?.header.legs.first().ok_or("no leg")?.waits;
        Ok((waits.reply, waits.quiet, waits.ack_timeout.earliest, waits.ack_timeout.latest))
    };
    let (once, twice) = (latest("1")?, latest("2")?);
    if (once.0 * 2, once.1, once.2, once.3 * 2) != twice {
        return Err(format!("{once:?} and stretched {twice:?}").into());
    }
    Ok(())
}

/// Pages and completions for every command, as a package would install them.
pub(crate) fn a_package_has_pages_and_completions(tried: &Tried) -> Result<(), Failed> {
    let folder = tried.folder.path().join("man");
    let out = folder.to_string_lossy();
    expect_exit(&tried.command_bare(&["man", "--out", &out])?, 0)?;
    let pages = files(&folder)?;
    let page = |name: &str| pages.iter().find(|page| page.ends_with(name)).ok_or(name.to_owned());
    wanted(&fs::read_to_string(page("oplock-conformance-run.1")?)?, "\\-\\-deadline")?;
    wanted(&fs::read_to_string(page("oplock-conformance.1")?)?, "only the deviation list is out")?;
    let one = tried.command_bare(&["man", "run"])?;
    expect_exit(&one, 0)?;
    expect_exit(&tried.command_bare(&["man", "no-such"])?, 2)?;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = tried.command_bare(&["completions", shell])?;
        expect_exit(&output, 0)?;
        wanted(&String::from_utf8_lossy(&output.stdout), "only-failed")?;
    }
    let bash = tried.command_bare(&["completions", "bash"])?.stdout;
    let file = tried.folder.path().join("completions.bash");
    fs::write(&file, bash)?;
    let script = "source \"$1\" && complete -p oplock-conformance";
    let output = Command::new("bash").args(["-c", script, "bash"]).arg(&file).output()?;
    expect_exit(&output, 0)
}

/// A server whose grants come and go: one play in two passes. That is red, and says how often it passed.
pub(crate) fn a_flickering_server_is_flaky(tried: &Tried) -> Result<(), Failed> {
    let (_servers, server) = Server::start(tried)?;
    let proxy = flicker::Proxy::start(server.first_node())?;
    let server = server.at(&proxy.address);
    let profile = write(tried, "flickers", &server.profile(""))?;
    let cases = tried.cases(CASES.split("  fails:").next().unwrap_or_default())?;
    let list = tried.folder.path().join("list.yaml");
    let deviations = list.to_string_lossy();
    let run = |more: &[&str]| {
        let own = ["run", "--target", &profile, "--cases", &cases, "--axes", "smb2_1,unsigned"];
        server.run(tried, &[&own[..], &["--jobs", "1", "--deviations", &deviations], more].concat())
    };
    fs::write(&list, "")?;
    let flaky = |plays: usize| -> Result<(), Failed> {
        let record = record(tried)?;
        let brief = record.cells.first().ok_or("no cell")?;
        let (passed, of) = brief.passed;
        if brief.verdict != Verdict::Flaky || of != plays || passed == 0 || passed == of {
            return Err(format!("{brief:?}").into());
        }
        let rate = format!("passed {passed} of {plays} plays");
        let attempts = record.whole(brief)?.attempts.len();
        if attempts != plays {
            return Err(format!("{attempts} attempts in the record").into());
        }
        wanted(&fs::read_to_string(tried.out().join("junit.xml"))?, &rate)
    };
    let output = run(&["--repeat", "6"])?;
    expect_exit(&output, 1)?;
    flaky(6)?;
    wanted(&String::from_utf8_lossy(&output.stdout), "passed 3 of 6 plays (3 fail)")?;
    // One of two plays in a row is the bad one, and a retry never hides it.
    let mut seen = 0;
    for grants in 0..2 {
        proxy.grants.store(grants, Ordering::SeqCst);
        let output = run(&["--retries", "3"])?;
        if record(tried)?.cells.first().is_some_and(|brief| brief.verdict == Verdict::Flaky) {
            expect_exit(&output, 1)?;
            flaky(2)?;
            seen += 1;
        } else {
            expect_exit(&output, 0)?;
        }
    }
    if seen != 1 { Err(format!("{seen} of two runs were flaky").into()) } else { Ok(()) }
}

fn record(tried: &Tried) -> Result<Record, Failed> {
    Ok(Record::open(&tried.out().join("results.jsonl"))?)
}

fn standings(record: &Record) -> BTreeMap<String, Standing> {
    record.cells.iter().map(|brief| (record.name(brief), brief.standing)).collect()
}

/// The cells of the last run are these.
fn expect_cells(tried: &Tried, names: &[&str]) -> Result<(), Failed> {
    let record = record(tried)?;
    let found: Vec<_> = record.cells.iter().map(|brief| record.name(brief)).collect();
    if found == names { Ok(()) } else { Err(format!("{found:?}, not {names:?}").into()) }
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
