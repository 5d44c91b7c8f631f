//! Plays one cell on a target and writes down what happens; paces by the plan, judges nothing.

mod pace;
mod resolve;

use std::collections::BTreeMap;
use std::time::Instant;

use oplock_model::{
    Actor, ActorSpec, CallId, Event, Layer, Load, Op, Scene, Setup, Stamped, Target, TargetFault,
    Tick,
};
use oplock_suite::plan::{Action, Call, Cell, Operation};

use crate::history::{Entry, History, Played, What};
use crate::names::{self, KeySource};
use crate::trace::Trace;
use crate::waits::{Waits, micros};

/// Plays `cell` on `target`, each wait up to its bound, with lease keys from `keys`. Whatever
/// goes wrong on the way is part of the record.
pub fn play(cell: &Cell, target: &dyn Target, waits: &Waits, keys: &mut KeySource) -> Played {
    let began = wall();
    let history = History {
        entries: Vec::new(),
        keys: names::draw_keys(cell, keys),
        guids: names::draw_guids(cell, keys),
        connections: names::connections(&cell.actors),
    };
    let played = match target.scene(&setup(cell)) {
        // Its deadline begins here: how long it waited for room on the server is not its fault.
        Ok(scene) => Player::new(cell, waits, scene, history, wall()).play(),
        Err(fault) => {
            let mut history = history;
            let what = What::Fault(fault.to_string());
            history.entries.push(Entry { at: Tick::default(), what });
            Played { history, ..Played::default() }
        }
    };
    let wall_micros = micros(wall().saturating_duration_since(began));
    Played { wall_micros, ..played }
}

/// Plays one cell in its scene.
struct Player<'a> {
    cell: &'a Cell,
    waits: &'a Waits,
    scene: Box<dyn Scene>,
    history: History,
    /// The fences that were sent, and whether they came back.
    fences: BTreeMap<CallId, bool>,
    began: Instant,
}

/// Why a cell ends before its last step.
enum Stop {
    /// The harness, or the way to the server, failed.
    Fault(String),
    /// A connection is gone: what follows would say nothing of the server's promises.
    Gone,
    /// A connection answers nothing at all, and that something is missing is told already: each further step would only
    /// wait for all that it expects.
    Silent,
}

impl From<TargetFault> for Stop {
    fn from(fault: TargetFault) -> Stop {
        Stop::Fault(fault.to_string())
    }
}

impl<'a> Player<'a> {
    fn new(
        cell: &'a Cell,
        waits: &'a Waits,
        scene: Box<dyn Scene>,
        history: History,
        began: Instant,
    ) -> Player<'a> {
        Player { cell, waits, scene, history, fences: BTreeMap::new(), began }
    }

    fn play(mut self) -> Played {
        let mut fault = None;
        for index in 0..self.cell.steps.len() {
            match self.step(index) {
                Ok(()) => {}
                Err(Stop::Gone | Stop::Silent) => break,
                Err(Stop::Fault(reason)) => {
                    fault = Some(reason);
                    break;
                }
            }
        }
        let rules = self.scene.rules();
        let cells = self.scene.cells();
        let frames = self.scene.frames();
        let trail = self.scene.trail();
        let folder = self.scene.folder();
        let now = self.scene.now();
        let Player { scene, mut history, fences, .. } = self;
        match scene.end() {
            Ok(late) => {
                let own = |event: &Stamped<Event>| is_fence(&fences, &event.value);
                let late = late.into_iter().filter(|event| !own(event));
                let entry =
                    |event: Stamped<Event>| Entry { at: event.at, what: What::Event(event.value) };
                history.entries.extend(late.map(entry));
            }
            Err(reason) => fault = fault.or_else(|| Some(reason.to_string())),
        }
        if let Some(reason) = fault {
            history.entries.push(Entry { at: now, what: What::Fault(reason) });
        }
        let frames = frames.take();
        Played { history, rules, cells, frames, trail, folder, ..Played::default() }
    }

    fn step(&mut self, index: usize) -> Result<(), Stop> {
        self.note(What::Step(index));
        let Some(step) = self.cell.steps.get(index) else { return Ok(()) };
        if let Action::Calls(calls) = &step.action {
            self.send(calls)?;
        }
        if step.record_only { self.pace_recorded(index) } else { self.pace(index) }
    }

    /// Sends one call, or a compound whole: where one member is not possible, none is sent.
    fn send(&mut self, calls: &[Call]) -> Result<(), Stop> {
        let trace = Trace::new(self.cell, &self.history);
        let ops = match resolve::operations(&trace, calls) {
            Ok(ops) => ops,
            Err(reason) => {
                for call in calls {
                    self.note(What::NotPossible { call: call.index, reason: reason.clone() });
                }
                return Ok(());
            }
        };
        let Some(first) = calls.first() else { return Ok(()) };
        // The entry's time is that of the sending, not of the return.
        let at = self.scene.now();
        let ids = self.scene.submit(actor(first.actor), &ops)?;
        if ids.len() != calls.len() {
            return Err(Stop::Fault(format!(
                "the target gave {} call ids for {} operations",
                ids.len(),
                calls.len()
            )));
        }
        let sent = calls.iter().map(|call| call.index).zip(ids).collect();
        self.history.entries.push(Entry { at, what: What::Sent(sent) });
        Ok(())
    }

    /// Records the next event; `false` where `until` came first. The answers of fences are
    /// taken in silence.
    fn receive(&mut self, until: Tick) -> Result<bool, Stop> {
        loop {
            let spent = wall().saturating_duration_since(self.began);
            let left = self.waits.cell.saturating_sub(spent);
            if left.is_zero() {
                let bound = self.waits.cell.as_millis();
                return Err(Stop::Fault(format!("the cell took longer than {bound} ms")));
            }
            // A live scene must not outlast the cell's deadline; a virtual one only takes a turn more.
            let bound = until.min(self.scene.now().plus_micros(micros(left)));
            match self.scene.next_event(bound)? {
                Some(event) => return self.take(event).map(|()| true),
                None if bound < until => {}
                None => return Ok(false),
            }
        }
    }

    fn take(&mut self, event: Stamped<Event>) -> Result<(), Stop> {
        if is_fence(&self.fences, &event.value) {
            if let Event::Reply { call, .. } = event.value {
                self.fences.insert(call, true);
            }
            return Ok(());
        }
        let gone = match &event.value {
            Event::Gone { connection } => Some(*connection),
            _ => None,
        };
        self.history.entries.push(Entry { at: event.at, what: What::Event(event.value) });
        let trace = || Trace::new(self.cell, &self.history);
        let lost = gone.is_some_and(|connection| !trace().is_dropped(connection));
        if lost { Err(Stop::Gone) } else { Ok(()) }
    }

    /// A fence on every connection, then the quiet wait; `false` where a fence did not come back.
    fn quiet(&mut self) -> Result<bool, Stop> {
        if self.cell.layer == Layer::Smb2 && !self.fence()? {
            return Ok(false);
        }
        let until = self.scene.now().plus_micros(micros(self.waits.quiet));
        while self.receive(until)? {}
        self.note(What::Quiet);
        Ok(true)
    }

    fn fence(&mut self) -> Result<bool, Stop> {
        let mut open = Vec::new();
        for speaker in self.speakers() {
            let ids = self.scene.submit(speaker, &[Op::Fence])?;
            self.fences.extend(ids.iter().map(|id| (*id, false)));
            open.extend(ids);
        }
        let until = self.scene.now().plus_micros(micros(self.waits.reply));
        let back = |fences: &BTreeMap<CallId, bool>| {
            open.iter().all(|id| fences.get(id).copied().unwrap_or_default())
        };
        while !back(&self.fences) {
            if !self.receive(until)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One actor for each connection that the cell has not dropped.
    fn speakers(&self) -> Vec<Actor> {
        let trace = Trace::new(self.cell, &self.history);
        let speakers = names::speakers(&self.history.connections).into_iter();
        let alive = |speaker: &Actor| !trace.is_dropped(trace.connection(usize::from(speaker.0)));
        speakers.filter(alive).collect()
    }

    fn note(&mut self, what: What) {
        self.history.entries.push(Entry { at: self.scene.now(), what });
    }
}

fn is_fence(fences: &BTreeMap<CallId, bool>, event: &Event) -> bool {
    match event {
        Event::Reply { call, .. } | Event::Interim { call } | Event::Completed { call, .. } => {
            fences.contains_key(call)
        }
        Event::Break(_) | Event::Gone { .. } | Event::Finding(_) => false,
    }
}

fn setup(cell: &Cell) -> Setup {
    let actor = |plan: &oplock_suite::plan::ActorPlan| ActorSpec {
        name: plan.name.clone(),
        client: plan.client,
        connection: plan.connection,
        account: plan.account,
        node: plan.node,
    };
    Setup {
        cell: cell.id.clone(),
        layer: cell.layer,
        files: cell.files.clone(),
        actors: cell.actors.iter().map(actor).collect(),
        choices: cell.choices.clone(),
        dialect: cell.dialect,
        share: cell.share,
        load: load(cell),
    }
}

/// What the cell costs a server: it may have every file open that it ever opens, and a timer is no work.
fn load(cell: &Cell) -> Load {
    let calls = cell.steps.iter().flat_map(|step| match &step.action {
        Action::Calls(calls) => calls.as_slice(),
        Action::TimePasses(_) => &[],
    });
    let opens = calls.filter(|call| matches!(call.operation, Operation::Open(_))).count();
    Load { files: u32::try_from(opens).unwrap_or(u32::MAX), waits: cell.is_slow() }
}

fn actor(index: usize) -> Actor {
    Actor(u16::try_from(index).unwrap_or(u16::MAX))
}

/// The wall clock, for the deadline of a cell and for how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "the deadline of a cell must hold where a scene's own clock stands still"
)]
fn wall() -> Instant {
    Instant::now()
}
