//! A run: everything is checked first, then the cells are played side by side, then it is told what came.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, ColorSetting, Trial};
use oplock_live::Stopper;
use oplock_model::{Facts, TargetFault};
use oplock_suite::Selection;
use oplock_suite::plan::Corpus;

use crate::bench::{Bench, Planned};
use crate::cli::{Pcap, RunArgs, SelectArgs};
use crate::deviations::Deviations;
use crate::exit::{Exit, Standing};
use crate::hooks::{self, Hooks};
use crate::opening::Opening;
use crate::profile::HookPlan;
use crate::recorder::{Recorder, Stopping, did_not_run};
use crate::samba::Servers;
use crate::signals::Listener;
use crate::snapshot::Store;
use crate::spread::{Spread, over_nodes};
use crate::stop::Stop;
use crate::target::Choice;
use crate::tell::Tell;
use crate::verdict::CellResult;
use crate::{capture, corpus, jsonl, junit, print, sweep};

/// Threads at most for cells that wait for a timer of the server.
const MOST_WAITING: usize = 512;
/// How long cells may take to come to an end once somebody asked for it.
const GRACE: Duration = Duration::from_secs(3);

/// A run that is ready to play.
pub struct Run {
    stage: Arc<Stage>,
    plan: Vec<Planned>,
    jobs: usize,
    samba: Option<Servers>,
}

/// What the cells of a run share.
struct Stage {
    bench: Arc<Bench>,
    recorder: Recorder,
    tell: Tell,
    max_fail: Option<u32>,
    stoppers: Vec<Stopper>,
    planned: usize,
    pcap: Option<Pcap>,
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
    pub samba: Option<Servers>,
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
        let choice = Choice::parse(&args.target.who.target).map_err(|error| usage(&error))?;
        let (choice, password) =
            choice.with_passwords(args.target.who.password_file.as_deref()).map_err(Stop::usage)?;
        choice.takes(&args.target.axes).map_err(Stop::usage)?;
        args.target.who.samba.fit(&choice).map_err(Stop::usage)?;
        let mut corpus = corpus::read(args.corpus.cases.as_deref())?;
        let spread_over_nodes = spread(args, &choice, &mut corpus)?;
        let list = DeviationList::find(args.deviations.as_deref(), &choice)?;
        // Whatever version answers: a list that cannot be read is told before a server is asked.
        list.read("0")?;
        let (selected, store_cells) = plan(&corpus, &args.select, &choice)?;
        let planned = |&(case, cell): &(usize, usize)| Planned { leg: 0, case, cell };
        let plan: Vec<Planned> = selected.iter().map(planned).collect();

        let default = || Path::new("target/oplock-conformance").join(choice.folder());
        let out = args.out.clone().unwrap_or_else(default);
        let reports = Reports { out, junit_copy: args.junit.clone() };
        let unknown = Facts { product: choice.folder(), ..Facts::default() };
        reports.nothing_ran(&corpus, &[&unknown], &did_not_run(&plan))?;
        let private = reports.out.join("smbd");
        let run_id = format!("{:012x}", any_number() & 0xFFFF_FFFF_FFFF);
        let hooks = Hooks::of_target(&choice, &reports.out, &run_id);
        hooks.clear();
        let _ = hooks.first();
        let opening = Opening {
            axes: &args.target.axes,
            password,
            logins: args.target.who.logins,
            samba: args.target.who.samba.clone(),
            run_id: Some(run_id),
            sweep: args.sweep,
            captures: args.pcap.is_some(),
            time_factor: args.target.time_factor,
            ..Opening::usual(&private)
        };
        let opened = choice.open(&opening).map_err(|fault| {
            let mut results = did_not_run(&plan);
            for result in &mut results {
                result.reason = Some(format!("did not run: {fault}"));
            }
            let stop = match reports.nothing_ran(&corpus, &[&unknown], &results) {
                Ok(()) => Stop { exit: exit_of(&fault), message: fault.to_string() },
                Err(stop) => stop,
            };
            let exit = ("EXIT", stop.exit.code().to_string());
            let _ = hooks.last(&[exit], HookPlan::LONGEST);
            hooks.summary().iter().for_each(|line| print::complain(line));
            stop
        })?;

        sweep::told(&opened.left_overs, args.sweep).iter().for_each(|line| print::complain(line));
        let facts = opened.legs.first().map(|leg| &leg.facts);
        if let Some(why) = facts.filter(|_| spread_over_nodes.is_some()).and_then(no_second_node) {
            return Err(Stop { exit: Exit::Target, message: format!("--spread nodes: {why}") });
        }
        let version = opened.version();
        let bench = Arc::new(Bench {
            corpus: Arc::new(corpus),
            legs: opened.legs,
            live: choice.is_live(),
            deviations: list.read(&version)?,
            seed: args.target.seed.unwrap_or_else(any_seed),
        });
        let plan = bench.plan(&selected);
        let legs: Vec<_> = bench.legs.iter().map(|leg| &leg.facts).collect();
        reports.nothing_ran(&bench.corpus, &legs, &did_not_run(&plan))?;
        let header = jsonl::header(&bench, plan.len());
        let header = jsonl::Header { spread_over_nodes, ..header };
        let recorder = Recorder::begin(&reports.jsonl(), header, &plan)
            .map_err(|error| Stop::harness(error.to_string()))?;
        let snapshots = args.snapshots.clone().map_or(Store::Embedded, Store::Directory);
        let tell = Tell::new(args, &bench, reports, snapshots, store_cells, hooks, now())
            .spread_over(spread_over_nodes);
        let stage = Stage {
            bench,
            recorder,
            tell,
            max_fail: args.max_fail,
            stoppers: opened.samba.as_ref().map(Servers::stoppers).unwrap_or_default(),
            planned: plan.len(),
            pcap: args.pcap,
        };
        let waits = &stage.bench.first().waits;
        let jobs = args.target.jobs.map_or_else(|| choice.jobs(waits), usize::from);
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
            test_threads: Some(jobs + stage.waiting(&plan).min(MOST_WAITING)),
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
        if let Some(samba) = samba.as_ref().filter(|_| wanted)
            && let Err(fault) = samba.keep_logs(&stage.tell.reports().out)
        {
            print::complain(&fault.to_string());
        }
        Ok(Ended { exit, bench: Arc::clone(&stage.bench), results, samba })
    }
}

impl Stage {
    /// How many cells of the plan wait for a timer of a server. That is no work, so each has a thread besides the jobs.
    fn waiting(&self, plan: &[Planned]) -> usize {
        let cell = |planned: &&Planned| self.bench.at(planned.case, planned.cell);
        let slow = plan.iter().filter(|at| cell(at).is_some_and(|(_, cell)| cell.is_slow()));
        if self.bench.live { slow.count() } else { 0 }
    }

    /// Plays the cell at this place of the plan.
    fn trial(&self, index: usize, planned: Planned) -> Result<(), String> {
        if !self.recorder.starts() {
            return Err("did not run".to_owned());
        }
        let mut result = self.bench.play(planned);
        let standing = self.tell.standing(&self.bench, &result);
        self.keep_capture(&mut result, standing);
        self.run_hooks(&mut result, standing);
        let told = result.reason.clone().unwrap_or_else(|| result.verdict.words().to_owned());
        let tally = self.recorder.ends(index, result, standing, &self.bench);
        if self.max_fail.is_some_and(|most| tally.wrong >= most as usize) {
            self.recorder.stop(Stopping::MaxFail);
        }
        progress(tally.ended, self.planned, tally.wrong);
        match standing {
            Standing::Held | Standing::Tolerated | Standing::Skipped => Ok(()),
            Standing::Red | Standing::Broken | Standing::Outdated => Err(told),
        }
    }

    /// Writes what went over the wire, where the run keeps it of such a cell.
    fn keep_capture(&self, result: &mut CellResult, standing: Standing) {
        let Some(played) = &mut result.played else { return };
        let frames = std::mem::take(&mut played.frames);
        let wanted = match self.pcap {
            Some(Pcap::All) => true,
            Some(Pcap::Failed) => standing.is_wrong(),
            None => false,
        };
        if !wanted || frames.is_empty() {
            return;
        }
        let trail = played.trail.clone().unwrap_or_default();
        let Some((_, cell)) = self.bench.found(result) else { return };
        let axes = self.bench.axes_to_name(result.leg).unwrap_or_default();
        let folder = self.tell.reports().out.join(capture::FOLDER);
        match capture::keep(&folder, cell, axes, &frames, &trail) {
            Ok(path) => {
                if let Some(played) = &mut result.played {
                    played.capture = Some(path);
                }
            }
            Err(reason) => print::complain(&reason),
        }
    }

    /// Lets the vendor's own commands look at a cell that is not as it should be, while its traces are fresh.
    fn run_hooks(&self, result: &mut CellResult, standing: Standing) {
        let hooks = self.tell.hooks();
        if !hooks.wants_cells() || !matches!(standing, Standing::Red | Standing::Broken) {
            return;
        }
        let Some((_, cell)) = self.bench.found(result) else { return };
        result.hooks = hooks.on_fail(&cell.id.0, &hooks::of_cell(&self.bench, result));
    }

    /// Somebody asked the run to end: cells that run get a little time, and then it ends with whole reports.
    fn interrupted(&self, count: u32) {
        self.recorder.stop(Stopping::Interrupted);
        self.tell.hooks().stop();
        for stopper in &self.stoppers {
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
        // The process ends without dropping what its threads still use.
        if self.stoppers.is_empty() {
            self.bench.legs.iter().for_each(|leg| leg.target.leave(GRACE));
        }
        std::process::exit(i32::from(exit.code()));
    }

    fn close(&self) -> Option<Vec<CellResult>> {
        self.recorder.close(&self.bench)
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
        legs: &[&Facts],
        results: &[CellResult],
    ) -> Result<(), Stop> {
        fs::create_dir_all(&self.out).map_err(|error| cannot_write(&self.out, &error))?;
        match fs::remove_file(self.jsonl()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(cannot_write(&self.jsonl(), &error));
            }
            _ => {}
        }
        capture::clear(&self.out.join(capture::FOLDER)).map_err(Stop::harness)?;
        for path in self.junit() {
            junit::write(&path, corpus, legs, false, results, &|_| String::new())
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
            None => choice.deviations().map_err(Stop::usage)?,
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

/// Spreads the clients of each cell, where that is asked for; over how many nodes.
///
/// # Errors
/// A [`Stop`] where the target has one node only.
fn spread(args: &RunArgs, choice: &Choice, corpus: &mut Corpus) -> Result<Option<usize>, Stop> {
    let Some(Spread::Nodes) = args.spread else { return Ok(None) };
    let nodes = choice.profile().map_or(1, |profile| profile.nodes.len());
    if nodes < 2 {
        return Err(Stop::usage(
            "--spread nodes needs a target with two nodes or more: name them under `nodes` of its profile".to_owned(),
        ));
    }
    over_nodes(corpus, nodes);
    Ok(Some(nodes))
}

/// Why clients cannot go to the second node, where the target was found not to let them.
fn no_second_node(facts: &Facts) -> Option<String> {
    let found = facts.capabilities.get("second_node").filter(|found| !found.present)?;
    Some(format!("the second node cannot be used ({})", found.source))
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
fn trials(stage: &Arc<Stage>, plan: &[Planned]) -> Vec<Trial> {
    let mut cells = Vec::new();
    for (index, planned) in plan.iter().copied().enumerate() {
        if let Some((_, cell)) = stage.bench.at(planned.case, planned.cell) {
            let name = stage.bench.name(planned.leg, cell);
            cells.push((!cell.is_slow(), index, planned, name));
        }
    }
    cells.sort();
    let trial = |(_, index, planned, name): (bool, usize, Planned, String)| {
        let stage = Arc::clone(stage);
        Trial::test(name, move || Ok(stage.trial(index, planned)?))
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
    any_number() & 0xFFFF_FFFF
}

fn any_number() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[expect(clippy::disallowed_methods, reason = "the duration of the whole run")]
fn now() -> Instant {
    Instant::now()
}
