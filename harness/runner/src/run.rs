//! A run: everything is checked first, then the cells are played side by side, then it is told what came.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, ColorSetting, Trial};
use oplock_live::{ManagedSamba, Stopper};
use oplock_model::{Facts, TargetFault};
use oplock_suite::Selection;
use oplock_suite::plan::Corpus;

use crate::bench::Bench;
use crate::cli::{RunArgs, SelectArgs};
use crate::deviations::Deviations;
use crate::exit::{Exit, Standing};
use crate::recorder::{Recorder, Stopping, did_not_run};
use crate::signals::Listener;
use crate::snapshot::Store;
use crate::stop::Stop;
use crate::target::Choice;
use crate::tell::Tell;
use crate::verdict::CellResult;
use crate::{corpus, embed, jsonl, junit, print, target};

/// How long cells may take to come to an end once somebody asked for it.
const GRACE: Duration = Duration::from_secs(3);

/// A run that is ready to play.
pub struct Run {
    stage: Arc<Stage>,
    plan: Vec<(usize, usize)>,
    jobs: usize,
    samba: Option<ManagedSamba>,
}

/// What the cells of a run share.
struct Stage {
    bench: Arc<Bench>,
    recorder: Recorder,
    tell: Tell,
    max_fail: Option<u32>,
    stopper: Option<Stopper>,
    planned: usize,
}

/// What a run that came to its end leaves to its caller.
pub struct Ended {
    /// The exit.
    pub exit: Exit,
    /// The cases, the target and its deviations.
    pub bench: Arc<Bench>,
    /// The results, in the order of the plan.
    pub results: Vec<CellResult>,
    /// The server behind the target, which goes last.
    pub samba: Option<ManagedSamba>,
}

/// Runs cases and tells about it.
///
/// # Errors
/// A [`Stop`] where the run cannot begin, or a report cannot be written.
pub fn run(args: &RunArgs) -> Result<Exit, Stop> {
    Run::prepare(args)?.play().map(|ended| ended.exit)
}

impl Run {
    /// Checks everything that can be checked before the first cell is played, and opens the target.
    ///
    /// # Errors
    /// A [`Stop`] for each exit that comes before the run.
    pub fn prepare(args: &RunArgs) -> Result<Run, Stop> {
        let usage = |error: &dyn std::fmt::Display| Stop::usage(error.to_string());
        let choice = Choice::parse(&args.target.target).map_err(|error| usage(&error))?;
        let password = target::password(args.target.password_file.as_deref())
            .map_err(|error| usage(&error))?;
        let corpus = corpus::read(args.corpus.cases.as_deref())?;
        let list = DeviationList::find(args.deviations.as_deref(), &choice)?;
        // Whatever version answers: a list that cannot be read is told before a server is asked.
        list.read("0")?;
        let (plan, store_cells) = plan(&corpus, &args.select, &choice)?;

        let default = || Path::new("target/oplock-conformance").join(choice.folder());
        let out = args.out.clone().unwrap_or_else(default);
        let reports = Reports { out, junit_copy: args.junit.clone() };
        let unknown = Facts { product: choice.folder(), ..Facts::default() };
        reports.nothing_ran(&corpus, &unknown, &did_not_run(&plan))?;
        let opened = choice.open(args.target.axes, password, &reports.out.join("smbd")).map_err(
            |fault| {
                let mut results = did_not_run(&plan);
                for result in &mut results {
                    result.reason = Some(format!("did not run: {fault}"));
                }
                match reports.nothing_ran(&corpus, &unknown, &results) {
                    Ok(()) => Stop { exit: exit_of(&fault), message: fault.to_string() },
                    Err(stop) => stop,
                }
            },
        )?;

        let facts = opened.target.facts().clone();
        reports.nothing_ran(&corpus, &facts, &did_not_run(&plan))?;
        let seed = args.target.seed.unwrap_or_else(any_seed);
        let header = jsonl::header(&corpus, &facts, seed, plan.len());
        let recorder = Recorder::begin(&reports.jsonl(), header, &plan)
            .map_err(|error| Stop::harness(error.to_string()))?;
        let bench = Arc::new(Bench {
            corpus: Arc::new(corpus),
            target: opened.target,
            live: choice.is_live(),
            waits: choice.waits(args.target.time_factor),
            deviations: list.read(&facts.version)?,
            seed,
        });
        let snapshots = args.snapshots.clone().map_or(Store::Embedded, Store::Directory);
        let tell = Tell::new(args, &bench, reports, snapshots, store_cells, now());
        let stage = Stage {
            bench,
            recorder,
            tell,
            max_fail: args.max_fail,
            stopper: opened.samba.as_ref().map(ManagedSamba::stopper),
            planned: plan.len(),
        };
        let jobs = args.target.jobs.map_or_else(|| choice.jobs(), usize::from);
        Ok(Run { stage: Arc::new(stage), plan, jobs, samba: opened.samba })
    }

    /// Plays all cells and tells what came.
    ///
    /// # Errors
    /// A [`Stop`] where a report cannot be written.
    pub fn play(self) -> Result<Ended, Stop> {
        let Run { stage, plan, jobs, samba } = self;
        let listener = {
            let stage = Arc::clone(&stage);
            Listener::start(move |count| stage.interrupted(count))
                .map_err(|error| Stop::harness(format!("cannot listen to signals: {error}")))?
        };
        let log = stage.tell.reports().out.join("libtest.log");
        // The printer panics where it cannot make its file.
        fs::write(&log, "").map_err(|error| cannot_write(&log, &error))?;
        let arguments = Arguments {
            test_threads: Some(jobs),
            logfile: Some(log.to_string_lossy().into_owned()),
            color: Some(ColorSetting::Never),
            ..Arguments::default()
        };
        let conclusion = libtest_mimic::run(&arguments, trials(&stage, &plan));
        drop(conclusion);
        clear_progress();
        let Some(results) = stage.close() else {
            // The thread that listens to signals tells of this run, and ends the process when that is done.
            loop {
                std::thread::park();
            }
        };
        drop(listener);
        let exit = stage.tell.told(&stage.bench, &stage.recorder, &results, now())?;
        // Who interrupts a run stops the server, and its log goes with it.
        let wanted = !matches!(exit, Exit::Ok | Exit::Outdated) && !stage.recorder.interrupted();
        if let Some(samba) = samba.as_ref().filter(|_| wanted) {
            let log = stage.tell.reports().out.join("smbd.log");
            if let Err(fault) = samba.keep_log(&log) {
                print::complain(&fault.to_string());
            }
        }
        Ok(Ended { exit, bench: Arc::clone(&stage.bench), results, samba })
    }
}

impl Stage {
    /// Plays the cell at this place of the plan.
    fn trial(&self, index: usize, case: usize, cell: usize) -> Result<(), String> {
        if !self.recorder.starts() {
            return Err("did not run".to_owned());
        }
        let result = self.bench.play(case, cell);
        let standing = self.tell.standing(&self.bench, &result);
        let told = result.reason.clone().unwrap_or_else(|| result.verdict.words().to_owned());
        let (corpus, facts) = (&self.bench.corpus, self.bench.target.facts());
        let tally = self.recorder.ends(index, result, standing, corpus, facts);
        if self.max_fail.is_some_and(|most| tally.wrong >= most as usize) {
            self.recorder.stop(Stopping::MaxFail);
        }
        progress(tally.ended, self.planned, tally.wrong);
        match standing {
            Standing::Held | Standing::Tolerated | Standing::Skipped => Ok(()),
            Standing::Red | Standing::Broken | Standing::Outdated => Err(told),
        }
    }

    /// Somebody asked the run to end: cells that run get a little time, and then it ends with whole reports.
    fn interrupted(&self, count: u32) {
        self.recorder.stop(Stopping::Interrupted);
        if let Some(stopper) = &self.stopper {
            stopper.stop();
        }
        if count == 1 {
            self.recorder.wait_for_the_running(GRACE);
        }
        clear_progress();
        let Some(results) = self.close() else { return };
        let exit = match self.tell.told(&self.bench, &self.recorder, &results, now()) {
            Ok(exit) => exit,
            Err(stop) => {
                print::complain(&stop.message);
                stop.exit
            }
        };
        std::process::exit(i32::from(exit.code()));
    }

    fn close(&self) -> Option<Vec<CellResult>> {
        self.recorder.close(&self.bench.corpus, self.bench.target.facts())
    }
}

/// Where the reports of a run go.
#[derive(Clone, Debug)]
pub struct Reports {
    /// The folder.
    pub out: PathBuf,
    /// A second copy of the JUnit report.
    pub junit_copy: Option<PathBuf>,
}

impl Reports {
    /// The JUnit reports.
    pub fn junit(&self) -> impl Iterator<Item = PathBuf> {
        [self.out.join("junit.xml")].into_iter().chain(self.junit_copy.clone())
    }

    /// The results, a line each.
    #[must_use]
    pub fn jsonl(&self) -> PathBuf {
        self.out.join("results.jsonl")
    }

    /// Takes older reports away: neither they nor a killed run may look whole.
    fn nothing_ran(
        &self,
        corpus: &Corpus,
        facts: &Facts,
        results: &[CellResult],
    ) -> Result<(), Stop> {
        fs::create_dir_all(&self.out).map_err(|error| cannot_write(&self.out, &error))?;
        match fs::remove_file(self.jsonl()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(cannot_write(&self.jsonl(), &error));
            }
            _ => {}
        }
        for path in self.junit() {
            junit::write(&path, corpus, facts, false, results, &|_| String::new())
                .map_err(|error| Stop::harness(error.to_string()))?;
        }
        Ok(())
    }
}

/// A deviation list before the version of the target is known.
struct DeviationList {
    file: String,
    text: String,
}

impl DeviationList {
    fn find(file: Option<&Path>, choice: &Choice) -> Result<DeviationList, Stop> {
        let (file, text) = match file {
            Some(file) => {
                let name = file.display().to_string();
                let text = fs::read_to_string(file).map_err(|error| {
                    Stop::usage(format!("cannot read --deviations {name}: {error}"))
                })?;
                (name, text)
            }
            None => {
                let shipped = embed::deviations(&choice.folder()).unwrap_or_default();
                (shipped.0.to_owned(), shipped.1.to_owned())
            }
        };
        Ok(DeviationList { file, text })
    }

    fn read(&self, version: &str) -> Result<Deviations, Stop> {
        Deviations::read(&self.file, &self.text, version)
            .map_err(|error| Stop::usage(error.to_string()))
    }
}

/// The cells that a run takes, and how many of the selected belong to a layer that the target has not.
///
/// # Errors
/// A [`Stop`] where nothing is left.
pub fn plan(
    corpus: &Corpus,
    select: &SelectArgs,
    choice: &Choice,
) -> Result<(Vec<(usize, usize)>, usize), Stop> {
    let nothing = |message: String| Stop { exit: Exit::NothingSelected, message };
    let selected = selection(select).select(corpus);
    if selected.is_empty() {
        return Err(nothing(
            "nothing selected: no cell matches the filter; `oplock-conformance list` shows what there is".to_owned(),
        ));
    }
    let cell = |&(case, cell): &(usize, usize)| corpus.cases.get(case)?.cells.get(cell);
    let (plan, store): (Vec<_>, Vec<_>) =
        selected.into_iter().partition(|at| cell(at).is_some_and(|cell| choice.plans(cell)));
    if plan.is_empty() {
        return Err(nothing(format!(
            "nothing selected: all {} cells are of the store layer, which a live target has not",
            store.len()
        )));
    }
    Ok((plan, store.len()))
}

fn selection(select: &SelectArgs) -> Selection {
    Selection {
        patterns: select.patterns.clone(),
        exact: select.exact,
        skip: select.skip.clone(),
        tags: select.tag.clone(),
    }
}

/// One trial per cell; those that wait for a timer start first, so that the others fill their time.
fn trials(stage: &Arc<Stage>, plan: &[(usize, usize)]) -> Vec<Trial> {
    let mut cells = Vec::new();
    for (index, (case, cell)) in plan.iter().copied().enumerate() {
        let corpus = &stage.bench.corpus;
        let Some(found) = corpus.cases.get(case).and_then(|case| case.cells.get(cell)) else {
            continue;
        };
        cells.push((!found.is_slow(), index, case, cell, found.id.0.clone()));
    }
    cells.sort();
    let trial = |(_, index, case, cell, id)| {
        let stage = Arc::clone(stage);
        Trial::test(id, move || Ok(stage.trial(index, case, cell)?))
    };
    cells.into_iter().map(trial).collect()
}

fn exit_of(fault: &TargetFault) -> Exit {
    match fault {
        TargetFault::Internal(_) => Exit::Harness,
        _ => Exit::Target,
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Stop {
    Stop::harness(format!("cannot write {}: {error}", path.display()))
}

/// Says on a terminal how far the run is.
fn progress(ended: usize, planned: usize, wrong: usize) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r{ended}/{planned} cells, {wrong} not as they should be ");
    }
}

fn clear_progress() {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[2K");
    }
}

fn any_seed() -> u64 {
    // 32 bits are enough to be another number each time, and short enough to be typed again.
    RandomState::new().build_hasher().finish() & 0xFFFF_FFFF
}

#[expect(clippy::disallowed_methods, reason = "the duration of the whole run")]
fn now() -> Instant {
    Instant::now()
}
