//! Real small commands, and what is kept of them.

use rstest::rstest;

use super::*;

fn hooks(folder: &Path, plan: HookPlan) -> Hooks {
    let told = vec![("RUN".to_owned(), "0011".to_owned())];
    let secret = BTreeSet::from(["HOME".to_owned()]);
    Hooks::new(plan, folder, &folder.join("out"), told, secret)
}

fn shell(script: &str) -> Vec<Vec<String>> {
    vec![vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()]]
}

fn before(script: &str) -> (tempfile::TempDir, Hooks) {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = HookPlan { before_run: shell(script), ..HookPlan::default() };
    let hooks = hooks(folder.path(), plan);
    (folder, hooks)
}

#[rstest]
#[case("echo out; echo err >&2", HookEnd::Exit(0), "out\nerr\n")]
#[case("printf no-end; exit 3", HookEnd::Exit(3), "no-end")]
#[case("kill -TERM $$", HookEnd::Signal(15), "")]
#[case(
    "echo $OPLOCK_CONFORMANCE_RUN $OPLOCK_CONFORMANCE_HOOK",
    HookEnd::Exit(0),
    "0011 before_run\n"
)]
#[case("echo \"[$HOME][$OPLOCK_CONFORMANCE_PASSWORD]\"", HookEnd::Exit(0), "[][]\n")]
#[case("read line || echo nothing to read", HookEnd::Exit(0), "nothing to read\n")]
fn a_command_is_told_and_heard(#[case] script: &str, #[case] ended: HookEnd, #[case] output: &str) {
    let (_folder, hooks) = before(script);
    let ran = hooks.first();
    assert_eq!((&ran[0].ended, ran[0].output.as_str()), (&ended, output));
    assert_eq!(hooks.summary().is_empty(), ended == HookEnd::Exit(0));
}

#[test]
fn a_command_that_hangs_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let within = Duration::from_millis(300);
    let script = "sleep 60 & echo $!; echo begun; sleep 60";
    let plan = HookPlan { after_run: shell(script), within, ..HookPlan::default() };
    let hooks = hooks(folder.path(), plan);
    let ran = hooks.last(&[], HookPlan::LONGEST);
    assert_eq!(ran[0].ended, HookEnd::TimedOut(300));
    assert!(ran[0].duration_ms < 10_000.0, "{}", ran[0].duration_ms);
    let (child, rest) = ran[0].output.split_once('\n').expect("a line");
    assert_eq!(rest, "begun\n");
    // One that was killed dies a moment later, and one whose parent is gone may wait for somebody to reap it.
    within_five_seconds(|| {
        let state = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    });
    let summary = hooks.summary();
    assert_eq!(summary.len(), 1);
    assert!(summary[0].ends_with("was ended after 0.3 s (`within` of `hooks` in the profile)"));
}

#[test]
fn what_stays_in_the_background_is_not_waited_for() {
    let (_folder, hooks) = before("sleep 5 & echo $!");
    let ran = hooks.first();
    assert_eq!(ran[0].ended, HookEnd::Exit(0));
    assert!(ran[0].duration_ms < 4_000.0, "{}", ran[0].duration_ms);
    let child = ran[0].output.trim().to_owned();
    assert!(Path::new("/proc").join(&child).exists());
    let killed = std::process::Command::new("kill").arg(child).status();
    assert!(killed.expect("kill").success());
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan =
        HookPlan { before_run: vec![vec!["./no-such-program".to_owned()]], ..HookPlan::default() };
    let hooks = hooks(folder.path(), plan);
    let ran = hooks.first();
    assert!(matches!(ran[0].ended, HookEnd::NotStarted(_)), "{:?}", ran[0].ended);
    let summary = hooks.summary();
    assert!(summary[0].starts_with("hook before_run: `./no-such-program` could not be started: "));
}

#[test]
fn a_relative_program_begins_at_the_profile() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("collect.sh");
    fs::write(&script, "#!/bin/sh\necho \"$1\"\n").expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
    let command = ["./collect.sh", "a b;c"].map(str::to_owned).to_vec();
    let plan = HookPlan { before_run: vec![command], ..HookPlan::default() };
    let ran = hooks(folder.path(), plan).first();
    assert_eq!((&ran[0].ended, ran[0].output.as_str()), (&HookEnd::Exit(0), "a b;c\n"));
}

#[test]
fn much_is_cut_and_that_is_said() {
    let (_folder, hooks) = before("head -c 200000 /dev/zero | tr '\\0' x");
    let ran = hooks.first();
    assert_eq!(ran[0].ended, HookEnd::Exit(0));
    let (kept, last) = ran[0].output.split_once('\n').expect("a line");
    assert_eq!(kept.len(), KEPT);
    assert_eq!(last, format!("... cut after {KEPT} bytes; {} more were said\n", 200_000 - KEPT));
}

#[test]
fn only_so_many_cells_are_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let on_fail = shell("echo $OPLOCK_CONFORMANCE_CELL $OPLOCK_CONFORMANCE_VERDICT");
    let hooks = hooks(folder.path(), HookPlan { on_fail, cells: 2, ..HookPlan::default() });
    let told = [("VERDICT", "fail".to_owned())];
    let ran: Vec<_> = ["a/b/held=RW", "a/c", "a/d"].map(|cell| hooks.on_fail(cell, &told)).into();
    assert_eq!(ran[0][0].output, "a/b/held=RW fail\n");
    assert_eq!((ran[1].len(), ran[2].len()), (1, 0));
    assert_eq!(
        hooks.summary(),
        ["hook on_fail: not run for 1 cell after the first 2 (`cells` of `hooks` in the profile)"]
    );
    let kept = folder.path().join("out/hooks/on_fail-0001-a_b_held=RW-1.txt");
    let text = fs::read_to_string(kept).expect("a file");
    assert!(text.ends_with("` ended with exit 0\na/b/held=RW fail\n"), "{text}");
}

#[test]
fn a_stopped_run_runs_no_hook() {
    let (_folder, hooks) = before("echo here");
    hooks.stop();
    assert_eq!(hooks.first()[0].ended, HookEnd::Stopped);
}

#[test]
fn the_last_hook_runs_after_a_stop_and_in_less_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let after_run = [shell("echo $OPLOCK_CONFORMANCE_EXIT"), shell("sleep 60")].concat();
    let on_fail = shell("echo late");
    let hooks = hooks(folder.path(), HookPlan { after_run, on_fail, ..HookPlan::default() });
    hooks.stop();
    let ran = hooks.last(&[("EXIT", "5".to_owned())], Duration::from_millis(200));
    assert_eq!((&ran[0].ended, ran[0].output.as_str()), (&HookEnd::Exit(0), "5\n"));
    assert_eq!(ran[1].ended, HookEnd::TimedOut(200));
    assert!(hooks.on_fail("a/b", &[]).is_empty());
}

#[test]
fn a_stop_ends_the_hook_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let begun = folder.path().join("begun");
    let script = format!("echo > '{}'; exec sleep 60", begun.display());
    let plan = HookPlan { before_run: shell(&script), ..HookPlan::default() };
    let hooks = hooks(folder.path(), plan);
    let ran = std::thread::scope(|scope| {
        let running = scope.spawn(|| hooks.first());
        within_five_seconds(|| begun.exists());
        hooks.stop();
        running.join().expect("a thread")
    });
    assert_eq!(ran[0].ended, HookEnd::Stopped);
}

/// Waits until something is so.
fn within_five_seconds(is_so: impl Fn() -> bool) {
    let (_kept, nothing) = std::sync::mpsc::channel::<()>();
    for _ in 0..500 {
        if is_so() {
            return;
        }
        let _ = nothing.recv_timeout(Duration::from_millis(10));
    }
    panic!("it is not so after 5 s");
}
