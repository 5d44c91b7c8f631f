//! A run: everything is checked first, then the cells are played side by side, then it is told what came.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, ColorSetting, Trial};
use oplock_live::Stopper;
use oplock_model::{Facts, TargetFault};
use oplock_suite::Selection;
use oplock_suite::plan::Corpus;

use crate::bench::{Bench, Planned};
use crate::cli::{Pcap, RunArgs, SelectArgs};
use crate::exit::{Exit, Standing};
use crate::fnv::Fnv;
use crate::hooks::{self, Hooks};
use crate::keep::Keep;
use crate::only_failed::OnlyFailed;
use crate::opening::Opening;
use crate::planning::Planning;
use crate::plays::Plays;
use crate::profile::HookPlan;
use crate::progress::{Progress, Way};
use crate::record::tell::Around;
use crate::record::{self, CaseLine, CellLine, Header, LegLine};
use crate::recorder::{Recorder, Stopping};
use crate::reports::{Reports, cannot_write};
use crate::samba::Servers;
use crate::signals::Listener;
use crate::snapshot::{Observed, Store};
use crate::spread::{Spread, over_nodes};
use crate::stop::Stop;
use crate::taken::{self, Taken};
use crate::target::Choice;
use crate::tell::{self, Tell};
use crate::trial_log::TrialLog;
use crate::verdict::CellResult;
use crate::{capture, claim, corpus, deviations, grid, keep, print, sweep, utc};

/// Threads at most for cells that wait for a timer of the server.
const MOST_WAITING: usize = 512;
/// How long cells may take to come to an end once somebody asked for it.
const GRACE: Duration = Duration::from_secs(3);

/// A run that is ready to play.
pub struct Run {
    stage: Arc<Stage>,
    /// Each with its number in the plan of the whole run.
    plan: Vec<(usize, Planned)>,
    jobs: usize,
    samba: Option<Servers>,
}

/// What the cells of a run share.
struct Stage {
    bench: Arc<Bench>,
    recorder: Recorder,
    tell: Tell,
    max_fail: Option<u32>,
    /// When the last cell may begin.
    until: Option<Instant>,
    stoppers: Vec<Stopper>,
    progress: Progress,
    pcap: Option<Pcap>,
    /// How the files of cells that are not as they should be are kept, where they are.
    keep: Option<Keep>,
    plays: Plays,
    /// Whether what snapshots are made of is kept.
    observes: bool,
    /// The folder of reports is ours.
    _taken: Taken,
}

/// What a run that came to its end leaves to its caller.
pub struct Ended {
    /// The exit.
    pub exit: Exit,
    /// The cases, the target and its deviations.
    pub bench: Arc<Bench>,
    /// The cases of which a cell was in the plan.
    pub cases: Vec<CaseLine>,
    /// What snapshots are made of: the index of the case, and what one of its cells showed.
    pub observed: Vec<(usize, Observed)>,
    /// The server behind the target, which goes last.
    pub samba: Option<Servers>,
}

/// Runs cases and tells about it.
///
/// # Errors
/// A [`Stop`] where the run cannot begin, or a report cannot be written.
pub fn run(args: &RunArgs) -> Result<Exit, Stop> {
    Run::prepare(args, false)?.play().map(|ended| ended.exit)
}

impl Run {
    /// Checks everything that can be checked before the first cell is played, and opens the target. `observes` keeps what
    /// snapshots are made of, also where there is nothing to compare it with.
    ///
    /// # Errors
    /// A [`Stop`] for each exit that comes before the run.
    pub fn prepare(args: &RunArgs, observes: bool) -> Result<Run, Stop> {
        let until = args.deadline.and_then(|deadline| now().checked_add(deadline.0));
        let usage = |error: &dyn std::fmt::Display| Stop::usage(error.to_string());
        let choice = Choice::parse(&args.target.who.target).map_err(|error| usage(&error))?;
        let (choice, password) =
            choice.with_passwords(args.target.who.password_file.as_deref()).map_err(Stop::usage)?;
        // Read before this run writes its own, perhaps in the same place.
        let only_failed = args.only_failed.as_deref().map(OnlyFailed::read).transpose()?;
        let mut args = args.clone();
        if let Some(only_failed) = &only_failed {
            args.target.axes = only_failed.axes(&args.target.axes)?;
        }
        let args = &args;
        keep::fits(args.keep_on_failure, &choice).map_err(Stop::usage)?;
        choice.takes(&args.target.axes).map_err(Stop::usage)?;
        args.target.who.samba.fit(&choice).map_err(Stop::usage)?;
        let mut corpus = corpus::read(args.corpus.cases.as_deref())?;
        let spread_over_nodes = spread(args, &choice, &mut corpus)?;
        let list = deviations::Source::find(args.deviations.as_deref(), &choice)?;
        // Whatever version answers: a list that cannot be read is told before a server is asked.
        list.decided(&corpus)?;
        let (mut selected, store_cells) = plan(&corpus, &args.select, &choice)?;
        if let Some(only_failed) = &only_failed {
            only_failed.told(&corpus).iter().for_each(|line| print::complain(line));
            selected = only_failed.among(&corpus, selected)?;
        }

        let default = || Path::new("target/oplock-conformance").join(choice.folder());
        let out = args.out.clone().unwrap_or_else(default);
        let reports = Reports::new(out, &args.tell);
        let taken = taken::take(&reports.out)?;
        let planned = |&(case, cell): &(usize, usize)| Planned { leg: 0, case, cell };
        let foreseen = Planning {
            corpus: &corpus,
            legs: vec![LegLine::default()],
            facts: Facts { product: choice.folder(), ..Facts::default() },
            plan: (0..).zip(selected.iter().map(planned)).collect(),
        };
        reports.nothing_ran(&foreseen.record("did not run")?)?;
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
            keeps: args.keep_on_failure,
            time_factor: args.target.time_factor,
            ..Opening::usual(&private)
        };
        let opened = choice.open(&opening).map_err(|fault| {
            let nothing = foreseen
                .record(&format!("did not run: {fault}"))
                .and_then(|record| reports.nothing_ran(&record));
            let stop = match nothing {
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
        let seed = match (args.target.seed, args.shard) {
            (Some(seed), _) => seed,
            // Shards know nothing of each other, and are parts of one run.
            (None, Some(_)) => seed_of(&corpus),
            (None, None) => any_seed(),
        };
        let bench = Arc::new(Bench {
            corpus: Arc::new(corpus),
            legs: opened.legs,
            live: choice.is_live(),
            deviations: list.read(&version)?,
            seed,
        });
        let whole = match &only_failed {
            Some(only_failed) => only_failed.part(&bench, bench.plan(&selected))?,
            None => bench.plan(&selected),
        };
        let whole: Vec<_> = (0..).zip(whole).collect();
        let whole_plan = whole.len();
        let plan = match args.shard {
            Some(shard) => shard.part(&bench, whole)?,
            None => whole,
        };
        let needed = plan.iter().filter_map(|(_, at)| bench.at(at.case, at.cell));
        let needed = needed.flat_map(|(_, cell)| cell.needs.iter().cloned()).collect();
        let planning = Planning {
            corpus: &bench.corpus,
            legs: bench.legs.iter().map(|leg| record::tell::leg_line(leg, &needed)).collect(),
            facts: bench.first().facts.clone(),
            plan,
        };
        let foreseen = planning.record("did not run")?;
        reports.nothing_ran(&foreseen)?;
        let snapshots = args.snapshots.clone().map_or(Store::Embedded, Store::Directory);
        let jsonl = reports.jsonl();
        let tell = Tell::new(args, &bench, reports, snapshots, hooks, now());
        let facts: Vec<_> = bench.legs.iter().map(|leg| &leg.facts).collect();
        let as_of = args.corpus_as_of.as_deref();
        let header = Header {
            format: record::FORMAT,
            tool: concat!("oplock-conformance ", env!("CARGO_PKG_VERSION")).to_owned(),
            began: utc::now(),
            corpus: bench.corpus.hash.clone(),
            live: bench.live,
            seed: bench.seed,
            spread_over_nodes,
            whole_plan,
            shard: args.shard.map(|shard| shard.0),
            repeat: args.repeat,
            retries: args.retries,
            strict: args.strict,
            fail_on_change: args.fail_on_change,
            corpus_as_of: args.corpus_as_of.clone(),
            again: tell.again().to_owned(),
            store_cells,
            left_out: claim::left_out(
                &bench.corpus,
                &facts,
                &selected.iter().copied().collect(),
                as_of,
                &|leg, cell| bench.plans(leg, cell),
            ),
            deviations: bench.deviations.listed(),
            ..foreseen.header
        };
        let plan = planning.plan;
        let recorder = Recorder::begin(&jsonl, header, foreseen.cases, foreseen.cells)
            .map_err(|error| Stop::harness(error.to_string()))?;
        let observes = observes || tell.compares();
        let keep =
            args.keep_on_failure.then(|| Keep::of_run(tell.reports(), opened.samba.as_ref()));
        let stage = Stage {
            bench,
            recorder,
            tell,
            max_fail: args.max_fail,
            until,
            stoppers: opened.samba.as_ref().map(Servers::stoppers).unwrap_or_default(),
            progress: Progress::new(plan.len(), Way::of_stderr(args.tell.console.quiet), now()),
            pcap: args.pcap,
            keep,
            plays: Plays { repeat: args.repeat, retries: args.retries },
            observes,
            _taken: taken,
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
            let (ends, hurries) = (Arc::clone(&stage), Arc::clone(&stage));
            Listener::start(move || ends.interrupted(), move |count| hurries.hurried(count))
                .map_err(|error| Stop::harness(format!("cannot listen to signals: {error}")))?
        };
        let log = stage.tell.reports().out.join("libtest.log");
        let log = TrialLog::begin(&log).map_err(|error| cannot_write(&log, &error))?;
        let threads = jobs + stage.waiting(&plan).min(MOST_WAITING);
        let arguments = Arguments {
            test_threads: Some(threads.min(plan.len())),
            logfile: Some(log.name().to_owned()),
            color: Some(ColorSetting::Never),
            ..Arguments::default()
        };
        let conclusion = libtest_mimic::run(&arguments, trials(&stage, &plan));
        drop((conclusion, log));
        stage.progress.over();
        let Some(mut closed) = stage.recorder.close() else {
            // The thread that listens to signals tells of this run, and ends the process when that is done.
            loop {
                std::thread::park();
            }
        };
        drop(listener);
        let exit = stage.tell.told(&stage.bench, &stage.recorder, &mut closed, now())?;
        // Who interrupts a run stops the server, and its log goes with it.
        let wanted = !matches!(exit, Exit::Ok | Exit::Outdated) && !stage.recorder.interrupted();
        if let Some(samba) = samba.as_ref().filter(|_| wanted)
            && let Err(fault) = samba.keep_logs(&stage.tell.reports().out)
        {
            print::complain(&fault.to_string());
        }
        Ok(Ended {
            exit,
            bench: Arc::clone(&stage.bench),
            cases: stage.recorder.cases().to_vec(),
            observed: closed.observed,
            samba,
        })
    }
}

impl Stage {
    /// How many cells of the plan wait for a timer of a server. That is no work, so each has a thread besides the jobs.
    fn waiting(&self, plan: &[(usize, Planned)]) -> usize {
        let cell = |(_, planned): &&(usize, Planned)| self.bench.at(planned.case, planned.cell);
        let slow = plan.iter().filter(|at| cell(at).is_some_and(|(_, cell)| cell.is_slow()));
        if self.bench.live { slow.count() } else { 0 }
    }

    /// Plays the cell at this place of the plan; `number` is its place in that of the whole run.
    fn trial(&self, index: usize, number: usize, planned: Planned) -> Result<(), String> {
        self.mind_the_deadline();
        if !self.recorder.starts() {
            return Err("did not run".to_owned());
        }
        let standing = |result: &CellResult| self.tell.standing(&self.bench, result);
        let stopped = || {
            self.mind_the_deadline();
            self.recorder.stopped()
        };
        let mut result = self.plays.play(&self.bench, planned, &standing, &stopped);
        let standing = standing(&result);
        self.keep_capture(&mut result, standing);
        if let Some(keep) = self.keep.as_ref().filter(|_| standing.is_wrong()) {
            keep.files(&self.bench, &mut result);
        }
        self.run_hooks(&mut result, standing);
        let told = result.reason.clone().unwrap_or_else(|| result.verdict.words().to_owned());
        let Some((line, observed)) = self.line(number, standing, &result) else {
            return Err("no such cell".to_owned());
        };
        let tally = self.recorder.ends(index, line, observed);
        if self.max_fail.is_some_and(|most| tally.wrong >= most as usize) {
            self.recorder.stop(Stopping::MaxFail);
        }
        self.progress.ended(tally, now());
        match standing {
            Standing::Held | Standing::Tolerated | Standing::Skipped => Ok(()),
            Standing::Red | Standing::Broken | Standing::Outdated => Err(told),
        }
    }

    /// Begins nothing more once the time of the run is over.
    fn mind_the_deadline(&self) {
        if self.until.is_some_and(|until| now() >= until) {
            self.recorder.stop(Stopping::Deadline);
        }
    }

    /// What is written of a result, and what snapshots are compared with.
    fn line(
        &self,
        number: usize,
        standing: Standing,
        result: &CellResult,
    ) -> Option<(CellLine, Option<(usize, Observed)>)> {
        let (case, cell) = self.bench.found(result)?;
        let leg = self.bench.legs.get(result.leg)?;
        let dressed = leg.dressed(cell);
        let grid = match &result.played {
            Some(played) if !self.bench.live => played.cells.clone(),
            _ => grid::on_the_reference(cell),
        };
        let tells = standing.is_wrong() || standing == Standing::Tolerated;
        let around = Around {
            case,
            cell: &dressed,
            number,
            axes: &leg.facts.axes,
            standing,
            core: claim::is_core(&self.bench.corpus, cell),
            lacks: claim::absent(cell, &leg.facts),
            grid: grid.iter().collect(),
            screen: tells.then(|| tell::screen(&self.bench, self.tell.again(), result)),
        };
        // Snapshots are those of the usual axes.
        let holds = || tell::holds(&self.bench, self.tell.strict(), case, result);
        let observed = (self.observes && result.leg == 0 && holds())
            .then(|| (result.case, Observed::of(case, cell, result)));
        Some((record::tell::cell_line(around, result), observed))
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
    fn interrupted(&self) {
        self.recorder.stop(Stopping::Interrupted);
        print::complain("interrupted: it ends in a few seconds; ask again to wait for nothing");
        self.tell.hooks().stop();
        for stopper in &self.stoppers {
            stopper.stop();
        }
        self.recorder.wait_for_the_running(GRACE);
        self.progress.over();
        let Some(mut closed) = self.recorder.close() else { return };
        let exit = match self.tell.told(&self.bench, &self.recorder, &mut closed, now()) {
            Ok(exit) => exit,
            Err(stop) => {
                print::complain(&stop.message);
                stop.exit
            }
        };
        // The process ends without dropping what its threads still use.
        if self.stoppers.is_empty() && !self.recorder.hurries() {
            self.bench.legs.iter().for_each(|leg| leg.target.leave(GRACE));
        }
        std::process::exit(i32::from(exit.code()));
    }

    /// Somebody asked again: nothing is waited for any more; and once more: not even for the reports, which then say that nothing
    /// ran.
    fn hurried(&self, count: u32) {
        if count > 2 {
            std::process::exit(i32::from(Exit::Harness.code()));
        }
        self.recorder.hurry();
        self.tell.hooks().stop();
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
fn trials(stage: &Arc<Stage>, plan: &[(usize, Planned)]) -> Vec<Trial> {
    let mut cells = Vec::new();
    for (index, (number, planned)) in plan.iter().copied().enumerate() {
        if let Some((_, cell)) = stage.bench.at(planned.case, planned.cell) {
            let name = stage.bench.name(planned.leg, cell);
            cells.push((!cell.is_slow(), index, number, planned, name));
        }
    }
    cells.sort();
    let trial = |(_, index, number, planned, name): (bool, usize, usize, Planned, String)| {
        let stage = Arc::clone(stage);
        Trial::test(name, move || Ok(stage.trial(index, number, planned)?))
    };
    cells.into_iter().map(trial).collect()
}

fn exit_of(fault: &TargetFault) -> Exit {
    match fault {
        TargetFault::Internal(_) => Exit::Harness,
        _ => Exit::Target,
    }
}

/// The seed that every shard of a run takes where nobody names one.
fn seed_of(corpus: &Corpus) -> u64 {
    let mut hash = Fnv::new();
    hash.take(&corpus.hash);
    hash.value() & 0xFFFF_FFFF
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
