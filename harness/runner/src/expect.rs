//! What one step expects, spelled out: each combination of its `one of` branches is one reading.

use std::collections::BTreeSet;

use oplock_suite::plan::{
    Action, BreakTarget, Call, CallIndex, Cell, Expect, Gets, Operation, Place, Sees, Waits, Who,
};

use crate::trace::{Subject, Trace};

/// One reading of a step: events that come, and silences that hold.
#[derive(Clone, Debug, Default)]
pub struct Reading<'a> {
    /// The events, in the order of the case.
    pub items: Vec<Item<'a>>,
    /// The silences.
    pub silences: Vec<Silence<'a>>,
    /// Who reads it so: one sentence for each `one of`, outermost first.
    pub because: Vec<&'a str>,
    ranks: usize,
}

/// One event that is expected.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// What it is about.
    pub subject: Subject,
    /// Its place in the order of its lane: equal ranks are free among themselves; nothing is
    /// free altogether.
    pub rank: Option<usize>,
    /// Whether it is a precondition.
    pub given: bool,
    /// What it says.
    pub wanted: Wanted<'a>,
}

/// What an expected event says.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// A break.
    Sees(&'a Sees),
    /// An answer.
    Gets(&'a Gets),
    /// The success of a call that no expectation names.
    Success(&'a Call),
}

/// One thing that must not come.
#[derive(Clone, Copy, Debug)]
pub struct Silence<'a> {
    /// Whether it is a precondition.
    pub given: bool,
    /// What must not come.
    pub of: SilenceOf<'a>,
}

/// What must not come.
#[derive(Clone, Copy, Debug)]
pub enum SilenceOf<'a> {
    /// The answer to a call.
    Answer(&'a Waits),
    /// A break: of this, or of anything.
    Break(&'a Place, Option<&'a BreakTarget>),
}

impl Item<'_> {
    /// Where the expectation is written.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self.wanted {
            Wanted::Sees(sees) => &sees.place,
            Wanted::Gets(gets) => &gets.place,
            Wanted::Success(call) => &call.place,
        }
    }

    /// The actor it speaks to; nothing where any connection of a client will do.
    #[must_use]
    pub fn actor(&self) -> Option<usize> {
        match self.wanted {
            Wanted::Sees(sees) => match sees.who {
                Who::Actor(actor) => Some(actor),
                Who::Client(_) => None,
            },
            Wanted::Gets(gets) => Some(gets.actor),
            Wanted::Success(call) => Some(call.actor),
        }
    }
}

/// Every reading of a step, in the order of the branches; a step that only records has one, and it is empty.
#[must_use]
pub fn readings(cell: &Cell, step: usize) -> Vec<Reading<'_>> {
    let Some(plan) = cell.steps.get(step) else { return Vec::new() };
    if plan.record_only {
        return vec![Reading::default()];
    }
    // The step's own calls go first: what follows from them follows from their answers too.
    let mut first = Reading::default();
    let named = named(cell);
    if let Action::Calls(calls) = &plan.action {
        let answered = |call: &&Call| {
            !named.contains(&call.index) && !matches!(call.operation, Operation::Cancel { .. })
        };
        for call in calls.iter().filter(answered) {
            let (subject, wanted) = (Subject::Call(call.index), Wanted::Success(call));
            first.items.push(Item { subject, rank: None, given: false, wanted });
        }
    }
    let mut readings = vec![first];
    for (given, list) in [(true, &plan.given), (false, &plan.then)] {
        for expect in list {
            readings = add(cell, readings, expect, given, None);
        }
    }
    readings
}

/// The entry that answers each item, first come first served among equal subjects. A
/// precondition and a promise may speak of one event.
#[must_use]
pub fn pair(trace: &Trace<'_>, reading: &Reading<'_>, step: usize) -> Vec<Option<usize>> {
    let events: Vec<(usize, Subject)> =
        trace.segment(step).filter_map(|(entry, _)| Some((entry, trace.subject(entry)?))).collect();
    let (mut given, mut judged) = (events.clone(), events);
    let items = reading.items.iter();
    items
        .map(|item| {
            let events = if item.given { &mut given } else { &mut judged };
            let position = events.iter().position(|(_, subject)| *subject == item.subject)?;
            Some(events.remove(position).0)
        })
        .collect()
}

/// The steps in which some branch expects an answer to the call.
#[must_use]
pub fn answered_in(cell: &Cell, call: CallIndex) -> Vec<usize> {
    let steps = cell.steps.iter().enumerate();
    let expecting = steps.filter(|(_, step)| {
        let mut gets = false;
        for expect in step.given.iter().chain(&step.then) {
            visit(expect, &mut |leaf| {
                gets |= matches!(leaf, Expect::Gets(leaf) if leaf.call == call);
            });
        }
        gets
    });
    expecting.map(|(index, _)| index).collect()
}

fn add<'a>(
    cell: &'a Cell,
    readings: Vec<Reading<'a>>,
    expect: &'a Expect,
    given: bool,
    free: Option<usize>,
) -> Vec<Reading<'a>> {
    match expect {
        Expect::Sees(sees) => {
            let subject = Trace::expected_break(cell, sees.who, &sees.target);
            with_item(readings, subject, Wanted::Sees(sees), given, free)
        }
        Expect::Gets(gets) => {
            with_item(readings, Subject::Call(gets.call), Wanted::Gets(gets), given, free)
        }
        Expect::Waits(waits) => with_silence(readings, given, SilenceOf::Answer(waits)),
        Expect::NobodySees { place, target } => {
            with_silence(readings, given, SilenceOf::Break(place, target.as_ref()))
        }
        Expect::InAnyOrder { all, .. } => {
            let mut readings = readings;
            for reading in &mut readings {
                reading.ranks += 1;
            }
            // Every reading is at the same rank or further, so the rank of each is its own.
            readings
                .into_iter()
                .flat_map(|reading| {
                    let rank = free.unwrap_or(reading.ranks);
                    let one = vec![reading];
                    all.iter().fold(one, |one, inner| add(cell, one, inner, given, Some(rank)))
                })
                .collect()
        }
        Expect::OneOf { branches, .. } => readings
            .into_iter()
            .flat_map(|reading| {
                branches.iter().flat_map(move |branch| {
                    let mut taken = reading.clone();
                    taken.because.push(branch.because.as_str());
                    let inner = branch.expect.iter();
                    inner.fold(vec![taken], |one, inner| add(cell, one, inner, given, free))
                })
            })
            .collect(),
    }
}

fn with_item<'a>(
    mut readings: Vec<Reading<'a>>,
    subject: Subject,
    wanted: Wanted<'a>,
    given: bool,
    free: Option<usize>,
) -> Vec<Reading<'a>> {
    for reading in &mut readings {
        let rank = free.unwrap_or_else(|| {
            reading.ranks += 1;
            reading.ranks
        });
        let subject = subject.clone();
        reading.items.push(Item { subject, rank: Some(rank), given, wanted });
    }
    readings
}

fn with_silence<'a>(
    mut readings: Vec<Reading<'a>>,
    given: bool,
    of: SilenceOf<'a>,
) -> Vec<Reading<'a>> {
    for reading in &mut readings {
        reading.silences.push(Silence { given, of });
    }
    readings
}

/// The calls that some `gets` or `waits` of the cell names.
fn named(cell: &Cell) -> BTreeSet<CallIndex> {
    let mut named = BTreeSet::new();
    for expect in cell.steps.iter().flat_map(|step| step.given.iter().chain(&step.then)) {
        visit(expect, &mut |leaf| match leaf {
            Expect::Gets(gets) => {
                named.insert(gets.call);
            }
            Expect::Waits(waits) => {
                named.insert(waits.call);
            }
            _ => {}
        });
    }
    named
}

fn visit(expect: &Expect, leaf: &mut impl FnMut(&Expect)) {
    match expect {
        Expect::InAnyOrder { all, .. } => all.iter().for_each(|inner| visit(inner, leaf)),
        Expect::OneOf { branches, .. } => {
            branches.iter().flat_map(|branch| &branch.expect).for_each(|inner| visit(inner, leaf));
        }
        Expect::Sees(_) | Expect::Gets(_) | Expect::Waits(_) | Expect::NobodySees { .. } => {
            leaf(expect);
        }
    }
}
