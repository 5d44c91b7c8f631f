//! The command as a shell sees it: exit codes, messages, what it writes, and how it dies.

#[path = "command/axes.rs"]
mod axes;
#[path = "command/comparing.rs"]
mod comparing;
#[path = "command/console.rs"]
mod console;
#[path = "command/flicker.rs"]
mod flicker;
#[path = "command/gate.rs"]
mod gate;
#[path = "command/integrity.rs"]
mod integrity;
#[path = "command/left_over.rs"]
mod left_over;
#[path = "command/logins.rs"]
mod logins;
#[path = "command/manifests.rs"]
mod manifests;
#[path = "command/merging.rs"]
mod merging;
#[path = "command/options.rs"]
mod options;
#[path = "command/outages.rs"]
mod outages;
#[path = "command/pipelines.rs"]
mod pipelines;
#[path = "command/policy.rs"]
mod policy;
#[path = "command/probe.rs"]
mod probe;
#[path = "command/profile.rs"]
mod profile;
#[path = "command/records.rs"]
mod records;
#[path = "command/secrets.rs"]
mod secrets;
#[path = "command/tried.rs"]
mod tried;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use oplock_runner::target::Choice;
use tried::{Tried, ended_within, expect_exit, files, line_of, pause, results, signal, whole};

/// A whole corpus of one file: what passes, what fails, and what nobody owes.
const CASES: &str = r#"
suite: oplock/tried
about: What the tests of the command try.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}

cases:
  passes:
    says: A batch oplock is granted on a file that nobody else has open.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: batch}}]
  fails:
    says: A batch oplock is granted as level II, which is wrong.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: ii}}]
  may-fail:
    says: A batch oplock is granted as level II, which nobody owes.
    obligation: may
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: ii}}]
"#;

/// Most trials wait for a server's timers more than they work.
const TRIALS_AT_A_TIME: usize = 6;

fn main() -> ExitCode {
    let needs_smbd = Choice::Samba.absent();
    let needs_xmllint = Command::new("xmllint").arg("--version").output().err();
    let needs_xmllint = needs_xmllint.map(|error| format!("xmllint: {error}"));
    let needs_script = Command::new("script").arg("--version").output().err();
    let needs_script = needs_script.map(|error| format!("script: {error}"));
    let needs_tshark = Command::new("tshark").arg("--version").output().err();
    let needs_tshark = needs_tshark.map(|error| format!("tshark: {error}"));
    let needs_shellcheck = Command::new("shellcheck").arg("--version").output().err();
    let needs_shellcheck = needs_shellcheck.map(|error| format!("shellcheck: {error}"));
    let needs_jq = Command::new("jq").arg("--version").output().err();
    let needs_jq = needs_jq.map(|error| format!("jq: {error}"));
    let trials = vec![
        trial("alone", None, it_runs_alone_and_writes_nothing_but_its_reports),
        trial("exit-1", None, a_failure_is_a_screen),
        trial("exit-2", None, a_bad_case_is_told_with_its_place),
        trial("exit-3", None, nothing_selected_is_an_error),
        trial("exit-4", None, a_closed_port_is_told_soon),
        trial("exit-4-strangers", None, logins::strangers_are_named),
        trial("exit-4-unresolved", None, logins::a_name_without_an_address_is_told),
        trial("exit-5", None, a_report_that_cannot_be_written_is_told),
        trial("exit-6", None, only_the_list_is_out_of_date),
        trial("max-fail", None, enough_failures_end_a_run),
        trial("snapshots", None, snapshots_are_blessed_and_compared),
        trial("telling", None, what_there_is_is_told),
        trial("coverage", None, coverage_is_told_for_people_and_tools),
        trial("lint", None, lint_tells_what_the_engine_says),
        trial("help", None, every_command_has_its_help),
        trial("console/json", None, console::a_tool_gets_one_document),
        trial("console/quiet", None, console::who_wants_quiet_gets_lines),
        trial("console/colour", None, console::colour_is_where_it_is_wanted),
        trial("console/terminal", needs_script, console::a_terminal_has_progress),
        trial("console/hostile", None, console::a_hostile_record_is_harmless),
        trial("junit-schema", needs_xmllint, console::junit_is_valid_whatever_came),
        trial("results-schema", None, records::every_line_is_as_the_schema_says),
        trial("samba/results-schema", needs_smbd.clone(), records::so_is_every_line_of_samba),
        trial("deadline", None, options::a_deadline_ends_a_run),
        trial("only-failed", None, options::only_the_failed_are_asked_again),
        trial("as-of", None, options::what_is_new_does_not_count_yet),
        trial("options", None, options::options_are_in_the_record),
        trial("package", None, options::a_package_has_pages_and_completions),
        trial("samba/flaky", needs_smbd.clone(), options::a_flickering_server_is_flaky),
        trial("in-the-way", None, integrity::what_is_in_the_way_is_told),
        trial("pipe", None, integrity::a_pipe_stays_a_pipe),
        trial("console-full", None, integrity::a_console_that_cannot_be_written),
        trial("disk-full", integrity::no_mounts(), integrity::a_full_disk_is_told),
        trial("one-at-a-time", None, integrity::a_folder_has_one_run_at_a_time),
        trial("whole-lines", None, integrity::who_looks_sees_whole_lines),
        trial("signals", None, integrity::signals_end_a_run),
        trial("nohup", None, integrity::a_run_under_nohup_goes_on),
        trial("folder-gone", None, integrity::a_folder_that_disappears_is_told),
        trial("gate/first", None, gate::the_first_green_run_is_kept),
        trial("gate/worse", None, gate::only_green_runs_move_the_baseline),
        trial("gate/vanished", None, gate::what_vanished_is_accepted_by_a_person),
        trial("gate/known", None, gate::the_deviation_list_has_a_say),
        trial("gate/no-result", None, gate::no_result_is_no_green),
        trial("gate/calls", None, gate::wrong_calls_are_told),
        trial("gate/ended", None, gate::an_ended_gate_keeps_the_last_good_run),
        trial("samba/gate", needs_smbd.clone(), gate::samba_is_gated),
        trial("pipelines/kubernetes", None, pipelines::the_pods_of_kubernetes_are_one_run),
        trial("pipelines/kubernetes-jobs", None, manifests::the_jobs_of_kubernetes_are_modest),
        trial("pipelines/gitlab", None, pipelines::the_jobs_of_gitlab_are_one_run),
        trial("pipelines/gitlab-comment", needs_jq, pipelines::the_comment_of_gitlab_is_renewed),
        trial("pipelines/github", None, pipelines::the_action_of_github_gates),
        trial("pipelines/github-inputs", None, manifests::the_workflow_of_github_fits_its_action),
        trial("pipelines/jenkins", None, pipelines::the_stages_of_jenkins_are_one_run),
        trial("pipelines/scripts", needs_shellcheck, manifests::every_script_is_sound),
        trial("pipelines/names", None, manifests::what_pipelines_name_is_there),
        trial("merge/eight-shards", None, merging::eight_shards_are_one_run),
        trial("merge/wrong-shards", None, merging::what_is_wrong_in_a_shard_is_wrong_in_the_run),
        trial("merge/whole", None, merging::a_whole_run_stays_as_it_is),
        trial("merge/refused", None, merging::what_is_no_whole_run_is_refused),
        trial("samba/merge", needs_smbd.clone(), merging::shards_of_samba_are_one_run),
        trial("report/again", None, merging::reports_are_made_again),
        trial("report/cut-off", None, merging::a_run_that_was_cut_off_is_reported_as_one),
        trial("compare/forms", None, comparing::what_changed_is_told_in_three_forms),
        trial("compare/back", None, comparing::what_was_new_may_not_vanish),
        trial("compare/same", None, comparing::the_same_is_no_regression),
        trial("compare/refused", None, comparing::what_cannot_be_compared_is_told),
        trial("policy/refused", None, policy::a_wrong_list_is_told_before_the_run),
        trial("policy/entries", None, policy::what_is_wrong_with_an_entry_is_told_once),
        trial("policy/proposed", None, policy::a_proposal_makes_the_run_green),
        trial("judge/same", None, policy::the_same_cases_say_the_same),
        trial("judge/moved", None, policy::other_cases_move_verdicts),
        trial("samba/judge", needs_smbd.clone(), policy::samba_is_listed_and_judged_again),
        trial("axes", None, axes::every_axes_of_the_reference),
        trial("probe", None, probe::of_the_reference),
        trial("samba/probe", needs_smbd.clone(), probe::of_samba),
        trial("samba/probe-by-profile", needs_smbd.clone(), probe::of_a_profile),
        trial("profile", None, profile::a_broken_profile_is_told_with_its_places),
        trial("samba/profile", needs_smbd.clone(), profile::a_profile_is_run_with_its_hooks),
        trial("samba/claims", needs_smbd.clone(), profile::a_claim_may_be_contradicted),
        trial(
            "samba/profile-interrupted",
            needs_smbd.clone(),
            profile::an_interrupted_run_leaves_nothing_on_the_share,
        ),
        trial("samba/nodes", needs_smbd.clone(), profile::clients_are_spread_over_nodes),
        trial(
            "samba/pcap",
            needs_smbd.clone().or(needs_tshark),
            axes::captures_are_read_by_wireshark,
        ),
        trial("samba/interrupted", needs_smbd.clone(), an_interrupted_run_still_tells),
        trial("samba/killed", needs_smbd.clone(), a_killed_run_does_not_look_whole),
        trial("samba/swept", needs_smbd.clone(), left_over::a_killed_run_is_swept),
        trial("samba/secrets", needs_smbd.clone(), secrets::no_secret_is_in_any_output),
        trial("samba/kept", needs_smbd.clone(), left_over::kept_files_stay_until_they_are_swept),
        trial(
            "samba/kept-beside",
            needs_smbd.clone(),
            left_over::files_of_the_private_server_are_kept_beside_the_reports,
        ),
        trial("samba/server-killed", needs_smbd.clone(), a_dead_server_leaves_no_cell_out),
        trial("samba/server-stopped-for-a-while", needs_smbd.clone(), outages::stopped_for_a_while),
        trial("samba/server-stopped", needs_smbd.clone(), outages::stopped_for_good),
        trial("samba/path-gone", needs_smbd.or_else(outages::no_network), outages::path_gone),
    ];
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(TRIALS_AT_A_TIME);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, absent: Option<String>, run: fn(&Tried) -> Result<(), Failed>) -> Trial {
    let ignored = absent.is_some() && std::env::var_os("NEXTEST").is_some();
    let trial = Trial::ignorable_test(format!("command/{name}"), move || match absent {
        Some(reason) => Ok(Completion::ignored_with(reason)),
        None => run(&Tried::new()?).map(|()| Completion::Completed),
    });
    trial.with_ignored_flag(ignored)
}

fn it_runs_alone_and_writes_nothing_but_its_reports(tried: &Tried) -> Result<(), Failed> {
    let elsewhere = tried.folder.path().join("copied");
    let empty = tried.folder.path().join("empty");
    fs::create_dir_all(&empty)?;
    fs::copy(env!("CARGO_BIN_EXE_oplock-conformance"), &elsewhere)?;
    let output = Command::new(&elsewhere).current_dir(&empty).env_clear().output()?;
    expect_exit(&output, 0)?;
    let out = empty.join("target/oplock-conformance/reference");
    if files(&empty)? != files(&out)? || files(&out)?.len() != 4 {
        return Err(format!("it wrote {:?}", files(&empty)?).into());
    }
    let lines = results(&out)?;
    let cells = lines.iter().filter(|line| line.starts_with("{\"line\":\"cell\"")).count();
    let footer = lines.last().ok_or("no line")?;
    let all = format!("{{\"line\":\"footer\",\"counts\":{{\"pass\":{cells}}}");
    if cells == 0 || !footer.starts_with(&all) {
        return Err(format!("{cells} cells, {footer}").into());
    }
    Ok(())
}

fn a_failure_is_a_screen(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let output = tried.run(&["run", "--seed", "1", "--cases", &cases])?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8_lossy(&output.stdout).replace(&cases, "CASES");
    let text = text.split(" in 0.").next().unwrap_or_default();
    let screen = "FAIL  oplock/tried/fails";
    let again = "again oplock-conformance run --cases CASES --seed 1 --exact oplock/tried/fails";
    for wanted in
        [screen, "   >>   ", again, "1 passed, 2 failed, 0 skipped (1 of them only recorded)"]
    {
        if !text.contains(wanted) {
            return Err(format!("no `{wanted}` in\n{text}").into());
        }
    }
    // The other failure is one that nobody owes.
    expect_exit(&tried.run(&["run", "--cases", &cases, "--skip", "tried/fails"])?, 0)
}

fn a_bad_case_is_told_with_its_place(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(&CASES.replace("granted: ii", "granted: iI"))?;
    let output = tried.run(&["run", "--cases", &cases])?;
    expect_exit(&output, 2)?;
    let text = String::from_utf8_lossy(&output.stderr);
    let place = format!("oplock/tried.yaml:{}:", 1 + line_of(CASES, "granted: ii")?);
    if !text.contains(&place) || !text.contains("did you mean `ii`?") {
        return Err(format!("no place or no help in\n{text}").into());
    }
    expect_exit(&tried.run(&["run", "--no-such-option"])?, 2)
}

fn nothing_selected_is_an_error(tried: &Tried) -> Result<(), Failed> {
    expect_exit(&tried.run(&["run", "no-such-case"])?, 3)?;
    // A part of an id is no whole one.
    expect_exit(&tried.run(&["run", "--exact", "oplock"])?, 3)?;
    expect_exit(&tried.run(&["list", "no-such-case"])?, 3)
}

fn a_closed_port_is_told_soon(tried: &Tried) -> Result<(), Failed> {
    // Nothing listens on a port that was given back just now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let target = format!("smb://me@127.0.0.1:{port}/share");
    let mut child = tried.start(&["run", "--target", &target])?;
    let code = ended_within(&mut child, Duration::from_secs(15))?;
    if code != Some(4) {
        return Err(format!("exit {code:?}").into());
    }
    let junit = fs::read_to_string(tried.out().join("junit.xml"))?;
    if junit.contains("errors=\"0\"") || !junit.contains("did not run: cannot reach") {
        return Err("junit.xml does not say that nothing ran".into());
    }
    Ok(())
}

fn a_report_that_cannot_be_written_is_told(tried: &Tried) -> Result<(), Failed> {
    fs::write(tried.out(), "a file, not a folder")?;
    expect_exit(&tried.run(&["run"])?, 5)
}

fn only_the_list_is_out_of_date(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let list = tried.folder.path().join("deviations.yaml");
    let entry = |pattern: &str, more: &str| {
        format!("- {{cases: {pattern}, expect: fails, because: It does., {more}}}\n")
    };
    let signature = "signature: \"wrong level at step 1: granted expected ii, observed batch\"";
    let known = entry("oplock/tried/fails", signature);
    let dated = entry("oplock/tried/fails", &format!("{signature}, review: 2020-01-01"));
    let stale = entry("oplock/tried/gone", signature);
    let passing = entry("oplock/tried/passes", signature);
    let other = entry("oplock/tried/fails", "signature: another");
    for (text, code) in [
        (known.clone(), 0),
        (dated, 6),
        (known.clone() + &stale, 6),
        (known + &passing, 6),
        (other, 1),
        ("- {cases: oplock/tried/fails, expect: fails, because: It does.}".to_owned(), 2),
    ] {
        fs::write(&list, &text)?;
        let list = list.to_string_lossy();
        let output = tried.run(&["run", "--cases", &cases, "--deviations", &list])?;
        expect_exit(&output, code).map_err(|failed| format!("{text}\n{failed:?}"))?;
    }
    Ok(())
}

fn snapshots_are_blessed_and_compared(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let kept = tried.folder.path().join("kept");
    let snapshots = kept.to_string_lossy();
    let bless = tried.run(&["bless", "--cases", &cases, "--snapshots", &snapshots])?;
    // One cell fails: what holds is kept, what does not is refused.
    expect_exit(&bless, 1)?;
    let [file] = &files(&kept)?[..] else { return Err(format!("{:?}", files(&kept)?).into()) };
    if !file.ends_with("reference/oplock/tried/passes.snap") {
        return Err(format!("{}", file.display()).into());
    }
    let run = ["run", "--cases", &cases, "--snapshots", &snapshots, "tried/passes"];
    let gated = [&run[..], &["--fail-on-change"]].concat();
    expect_exit(&tried.run(&gated)?, 0)?;
    fs::write(file, fs::read_to_string(file)?.replace("success batch", "success ii"))?;
    expect_exit(&tried.run(&run)?, 0)?;
    let output = tried.run(&gated)?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("changed: oplock/tried/passes") || !text.contains("  + A -> open f") {
        return Err(text.into());
    }
    Ok(())
}

/// The commands that only tell, each with its exit code and its text.
fn what_there_is_is_told(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let rule = "fsa.grant.none.legacy_exclusive";
    for (name, arguments, code) in [
        ("list", &["list"][..], 0),
        ("list-terse", &["list", "--format", "terse", "oplock/tried/passes"], 0),
        ("explain", &["explain", "oplock/tried/passes"], 0),
        ("explain-unknown", &["explain", "oplock/tried/no-such"], 3),
        ("rules", &["rules", rule], 0),
        ("rules-unknown", &["rules", "no.such.rule"], 3),
        ("status", &["status", "802"], 0),
        ("status-by-name", &["status", "ERROR_CANNOT_BREAK_OPLOCK"], 0),
        ("status-unknown", &["status", "STATUS_OPLOCK_BREAK_IN_PROGRES"], 2),
        ("coverage-rule", &["coverage", rule], 0),
        ("coverage-cell", &["coverage", "none x request batch"], 0),
        ("coverage-unknown", &["coverage", "no.such.rule"], 3),
    ] {
        let output = tried.run(&[arguments, &["--cases", &cases]].concat())?;
        expect_exit(&output, code).map_err(|failed| format!("{name}: {failed:?}"))?;
        let text = if code == 0 { &output.stdout } else { &output.stderr };
        same_as_kept(name, &String::from_utf8_lossy(text).replace(&cases, "CASES"));
    }
    let schema = tried.run(&["schema"])?;
    expect_exit(&schema, 0)?;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/case.schema.json");
    if String::from_utf8_lossy(&schema.stdout).trim() != fs::read_to_string(kept)?.trim() {
        return Err("the schema of the command is not the one beside the cases".into());
    }
    Ok(())
}

fn coverage_is_told_for_people_and_tools(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let output = tried.run(&["coverage", "--cases", &cases])?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    for wanted in [
        " reached by 3 cases\n",
        "\ncells of the store: ",
        "\ncells of the server: ",
        "\nimpossible because\n",
        "\nat unit level\n",
        "\nreached by no case: ",
    ] {
        if !text.contains(wanted) {
            return Err(format!("no `{wanted}` in\n{text}").into());
        }
    }
    let output = tried.run(&["coverage", "--format", "json", "--cases", &cases, "fsa.key.none"])?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("\"format\": 1") || !text.contains("\"rule\": \"fsa.key.none\"") {
        return Err(text.into());
    }
    expect_exit(&tried.run(&["coverage", "--rows"])?, 0)?;
    expect_exit(&tried.run(&["coverage", "--rows", "fsa.key"])?, 2)
}

fn lint_tells_what_the_engine_says(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let output = tried.run(&["lint", "--cases", &cases])?;
    // What nobody owes has to hold on the engine all the same.
    expect_exit(&output, 2)?;
    same_as_kept("lint", &String::from_utf8_lossy(&output.stderr).replace(&cases, "CASES"));
    let sound = CASES.split("  fails:").next().unwrap_or_default();
    let cases = tried.cases(sound)?;
    let output = tried.run(&["lint", "--cases", &cases])?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if text == "sound: 1 case\n" { Ok(()) } else { Err(text.into()) }
}

fn every_command_has_its_help(tried: &Tried) -> Result<(), Failed> {
    let output = tried.run(&["--help"])?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, commands) = text.split_once("\nCommands:\n").ok_or("no list of commands")?;
    let names: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    for name in &names {
        let output = tried.command_bare(&[name, "--help"])?;
        expect_exit(&output, 0)?;
    }
    for wanted in [
        "run", "list", "explain", "rules", "status", "coverage", "lint", "probe", "schema", "bless",
    ] {
        if !names.contains(&wanted) {
            return Err(format!("no `{wanted}` among {names:?}").into());
        }
    }
    Ok(())
}

/// Compares with what was kept under that name; `cargo insta review` keeps what changed.
fn same_as_kept(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/command"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn enough_failures_end_a_run(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = ["run", "--cases", &cases, "--strict", "--jobs", "1", "--max-fail", "1"];
    expect_exit(&tried.run(&run)?, 1)?;
    let lines = results(&tried.out())?.join("\n");
    if lines.matches("\"reason\":\"did not run: --max-fail was reached\"").count() != 1 {
        return Err(lines.into());
    }
    Ok(())
}

fn an_interrupted_run_still_tells(tried: &Tried) -> Result<(), Failed> {
    let mut child = tried.start(&["run", "--target", "samba"])?;
    tried.wait_for_cells()?;
    signal("INT", child.id())?;
    let code = ended_within(&mut child, Duration::from_secs(10))?;
    if code != Some(5) && code != Some(1) {
        return Err(format!("exit {code:?}").into());
    }
    tried.no_server_is_left()?;
    whole(&tried.out())?;
    let interrupted = results(&tried.out())?.join("\n").contains("did not run: interrupted");
    if interrupted { Ok(()) } else { Err("nothing was interrupted".into()) }
}

fn a_killed_run_does_not_look_whole(tried: &Tried) -> Result<(), Failed> {
    let mut child = tried.start(&["run", "--target", "samba"])?;
    tried.wait_for_cells()?;
    child.kill()?;
    child.wait()?;
    tried.no_server_is_left()?;
    let lines = results(&tried.out())?;
    if lines.len() < 2 || lines.iter().any(|line| line.starts_with("{\"line\":\"footer\"")) {
        return Err(format!("{} lines", lines.len()).into());
    }
    let junit = fs::read_to_string(tried.out().join("junit.xml"))?;
    let (cells, errors) =
        (junit.matches("<testcase ").count(), junit.matches("message=\"did not run\"").count());
    if cells == 0 || cells != errors {
        return Err(format!("{cells} cells, {errors} did not run").into());
    }
    Ok(())
}

fn a_dead_server_leaves_no_cell_out(tried: &Tried) -> Result<(), Failed> {
    // Without the cells that dropped their only connection themselves, and wait 120 s for what a durable handle does.
    let mut child = tried.start(&["run", "--target", "samba", "oplock/", "lease/"])?;
    tried.wait_for_cells()?;
    for server in tried.servers()? {
        // One may be gone before its turn comes.
        let _ = signal("KILL", server);
    }
    let code = ended_within(&mut child, Duration::from_secs(120))?;
    if code != Some(5) && code != Some(1) {
        return Err(format!("exit {code:?}").into());
    }
    tried.no_server_is_left()?;
    whole(&tried.out())
}
