//! The corpus behind `cargo test` and nextest: one trial per case, on the reference engine and on a private smbd.
//!
//! `OPLOCK_CONFORMANCE_TARGET` names another target: `samba`, or smb://USER@HOST[:PORT]/SHARE.
//! `OPLOCK_CONFORMANCE_SMBD` names another smbd, or the root of a system that has one.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};
use std::{env, fs};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use oplock_runner::cases::Court;
use oplock_runner::corpus::{self, Corpus};
use oplock_runner::target::Choice;
use oplock_runner::{lint, snapshot};

/// The target of the trials that carry the names of their cases.
const TARGET: &str = "OPLOCK_CONFORMANCE_TARGET";
/// Snapshots from another directory than that of the repository.
const SNAPSHOTS: &str = "OPLOCK_CONFORMANCE_SNAPSHOTS";
/// Cells wait more than they work.
const TRIALS_AT_A_TIME: usize = 16;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(TRIALS_AT_A_TIME);
    let trials = match trials() {
        Ok(trials) => trials,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::FAILURE;
        }
    };
    // The trials own their target, so a managed smbd is stopped when the last of them is through.
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials() -> Result<Vec<Trial>, String> {
    let corpus = corpus::read(Some(Path::new("cases"))).map_err(|stop| stop.message)?;
    let corpus = Arc::new(corpus);
    let target = env::var(TARGET).unwrap_or_else(|_| "reference".to_owned());
    let choice = Choice::parse(&target).map_err(|error| format!("{TARGET}: {error}"))?;
    let mut trials = Vec::new();
    if choice == Choice::Reference {
        let without = Choice::Samba.absent();
        trials.extend(of_target(&Choice::Samba, "samba/", &corpus, without));
        trials.push(sound(&corpus));
        trials.push(every_snapshot_has_its_case(&corpus));
        trials.push(bless_writes_what_insta_writes(&corpus));
    }
    trials.extend(of_target(&choice, "", &corpus, None));
    Ok(trials)
}

/// A trial for each case of which the target has a cell; those that wait for a timer come first.
fn of_target(
    choice: &Choice,
    prefix: &str,
    corpus: &Arc<Corpus>,
    absent: Option<String>,
) -> Vec<Trial> {
    let court = Arc::new(Lazy::new(choice.clone(), Arc::clone(corpus)));
    let mut trials = Vec::new();
    for (index, case) in corpus.cases.iter().enumerate() {
        if !case.cells.iter().any(|cell| choice.plans(cell)) {
            continue;
        }
        let slow = case.cells.iter().any(|cell| cell.is_slow());
        let (court, reason) = (Arc::clone(&court), absent.clone());
        let trial = Trial::ignorable_test(format!("{prefix}{}", case.id), move || match reason {
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => play(&court, index).map(|()| Completion::Completed),
        });
        // nextest knows no reason at run time; there a trial that cannot run is ignored beforehand.
        let ignored = absent.is_some() && env::var_os("NEXTEST").is_some();
        trials.push((!slow, trial.with_ignored_flag(ignored)));
    }
    trials.sort_by_key(|(quick, _)| *quick);
    trials.into_iter().map(|(_, trial)| trial).collect()
}

/// A target that is opened by the first trial that asks.
struct Lazy {
    choice: Choice,
    corpus: Arc<Corpus>,
    court: OnceLock<Result<Court, String>>,
}

impl Lazy {
    fn new(choice: Choice, corpus: Arc<Corpus>) -> Lazy {
        Lazy { choice, corpus, court: OnceLock::new() }
    }

    fn court(&self) -> Result<&Court, String> {
        let open = || {
            let out = Path::new("target/oplock-conformance/tests");
            Court::open(&self.choice, Arc::clone(&self.corpus), out)
        };
        self.court.get_or_init(open).as_ref().map_err(Clone::clone)
    }
}

/// Plays a case and compares what it showed with its snapshot.
fn play(lazy: &Lazy, case: usize) -> Result<(), Failed> {
    let court = lazy.court()?;
    let shown = court.play(case);
    if !shown.wrong.is_empty() {
        return Err(shown.wrong.into());
    }
    let Some((folder, text)) = shown.snapshot else { return Ok(()) };
    let folder = snapshots().join(folder);
    // A live target is compared where somebody has kept what its version showed.
    if lazy.choice.is_live() && !folder.is_dir() {
        return Ok(());
    }
    let found = lazy.corpus.cases.get(case).ok_or("no such case")?;
    let (suite, name) = found.id.rsplit_once('/').ok_or("a case id without a suite")?;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder.join(suite));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
    Ok(())
}

/// The engine passes every case, and applies every rule that a case names.
fn sound(corpus: &Arc<Corpus>) -> Trial {
    let corpus = Arc::clone(corpus);
    Trial::test("corpus/sound", move || {
        let faults = lint::faults(Corpus::clone(&corpus));
        let told: Vec<_> =
            faults.iter().map(|fault| format!("{}: {}", fault.place, fault.message)).collect();
        if told.is_empty() { Ok(()) } else { Err(told.join("\n").into()) }
    })
}

/// A case that was renamed or removed takes its snapshots along.
fn every_snapshot_has_its_case(corpus: &Arc<Corpus>) -> Trial {
    let corpus = Arc::clone(corpus);
    Trial::test("corpus/snapshots", move || {
        let mut files = Vec::new();
        for folder in fs::read_dir(snapshots())? {
            let folder = folder?.path();
            collect(&folder, &folder, &mut files)?;
        }
        let known: Vec<PathBuf> = corpus.cases.iter().map(snapshot::file).collect();
        files.retain(|(_, below)| !known.contains(below));
        let orphans: Vec<_> = files.iter().map(|(file, _)| file.display().to_string()).collect();
        if orphans.is_empty() {
            Ok(())
        } else {
            Err(format!("snapshots without a case, remove them:\n{}", orphans.join("\n")).into())
        }
    })
}

/// `bless` and `cargo insta` keep each other's files: for one case with a chart and one with a table.
fn bless_writes_what_insta_writes(corpus: &Arc<Corpus>) -> Trial {
    let corpus = Arc::clone(corpus);
    Trial::test("corpus/bless-writes-what-insta-writes", move || {
        let with_matrix =
            |wanted| corpus.cases.iter().position(|case| case.matrix.is_some() == wanted);
        let indices = [with_matrix(false), with_matrix(true)];
        for index in indices.into_iter().flatten() {
            let case = corpus.cases.get(index).ok_or("no such case")?;
            let (by_insta, by_bless) = (tempfile::tempdir()?, tempfile::tempdir()?);
            let output = Command::new(env::current_exe()?)
                .args(["--exact", &case.id])
                .env("INSTA_UPDATE", "always")
                .env(SNAPSHOTS, by_insta.path())
                .env(TARGET, "reference")
                .output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
            let lazy = Lazy::new(Choice::Reference, Arc::clone(&corpus));
            let shown = lazy.court()?.play(index);
            let (folder, text) = shown.snapshot.ok_or(shown.wrong)?;
            snapshot::write(by_bless.path(), &folder, case, &text)?;
            let below = Path::new(&folder).join(snapshot::file(case));
            let ours = fs::read_to_string(by_bless.path().join(&below))?;
            let theirs = fs::read_to_string(by_insta.path().join(&below))?;
            if ours != theirs {
                return Err(format!("bless wrote\n{ours}\ninsta wrote\n{theirs}").into());
            }
        }
        Ok(())
    })
}

/// The snapshot files below a folder, each with its path below `root`.
fn collect(
    root: &Path,
    folder: &Path,
    files: &mut Vec<(PathBuf, PathBuf)>,
) -> Result<(), std::io::Error> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "snap") {
            let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.push((path, below));
        }
    }
    Ok(())
}

fn snapshots() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    env::var_os(SNAPSHOTS).map_or_else(own, PathBuf::from)
}
