//! The expectations that a cell of a table stands for, and the acknowledgements that follow.

use oplock_model::{AckForm, Layer, Level, Status, StoreRequest};

use super::acks::store_success;
use super::levels::{can_be_granted, can_break};
use super::scope::{CallKind, CellReader, Handle, Hold, Sent};
use crate::codes::Code;
use crate::matrix::{CellWord, Owed, TableCell};
use crate::plan::{
    Ack, AckWhat, Action, Answer, BreakTarget, Call, CallIndex, Expect, Gets, Operation, Sees,
    Step, Waits, Want, Who,
};

/// What a cell leaves to the case's own steps.
pub(super) struct Owing {
    /// Whether the cell has a break that wants an acknowledgement.
    pub(super) owed: bool,
    /// The answers that come after it.
    pub(super) finals: Vec<Gets>,
}

/// Who holds what the cell's operation may break.
struct Holder {
    actor: usize,
    handle: String,
    target: BreakTarget,
}

impl CellReader<'_, '_> {
    /// Fills in what the cell of the table says about this step, and returns the steps that acknowledge.
    pub(super) fn fill_from_cell(
        &mut self,
        step: &mut Step,
        cell: &TableCell,
        has_own_ack: bool,
    ) -> (Vec<Step>, Owing) {
        let nothing = Owing { owed: false, finals: Vec::new() };
        let Action::Calls(calls) = &step.action else {
            let message = "a cell speaks of a call, and this step has none";
            self.reader.report(Code::BadMatrix, cell.spot, message, "expected of no call");
            return (Vec::new(), nothing);
        };
        let CellWord::Judged { breaks, grant, status } = &cell.word else {
            step.record_only = true;
            for call in calls {
                self.scope.answer_named(call.index);
            }
            return (Vec::new(), nothing);
        };
        let calls = calls.clone();
        let finals = self.finals(cell, &calls, *grant, *status);
        if breaks.is_empty() {
            let place = self.reader.place(cell.spot);
            step.then.push(Expect::NobodySees { place, target: None });
            self.place_finals(step, finals);
            return (Vec::new(), nothing);
        }
        let Some(holder) = self.holder(&calls) else {
            let message = "the cell expects a break, and no step before holds anything";
            self.reader.report(Code::BadMatrix, cell.spot, message, "nothing to break");
            return (Vec::new(), nothing);
        };
        if has_own_ack && breaks.len() > 1 {
            let message = "a case with its own `acks` step has at most one break in a cell";
            self.reader.report(Code::BadMatrix, cell.spot, message, "more than one break");
        }
        let mut from = self.scope.granted.get(&holder.handle).copied();
        let mut finals = Some(finals);
        let mut more: Vec<Step> = Vec::new();
        for (index, (to, owed)) in breaks.iter().enumerate() {
            self.check_cell_break(cell, &holder, from, *to);
            let sees = self.sees_of(cell, &holder, from, *to, *owed);
            from = Some(*to);
            let current = more.last_mut().unwrap_or(step);
            current.then.push(sees);
            if *owed == Owed::Nothing {
                continue;
            }
            let still_waits = breaks.iter().skip(index).any(|(_, owed)| *owed == Owed::Waits);
            if still_waits {
                current.then.extend(self.waits_of(cell, &calls));
            } else if let Some(finals) = finals.take() {
                self.place_finals(current, finals);
            }
            if has_own_ack {
                return (more, Owing { owed: true, finals: finals.unwrap_or_default() });
            }
            more.push(self.ack_step(cell, &holder, *to));
        }
        if let Some(finals) = finals.take() {
            let current = more.last_mut().unwrap_or(step);
            self.place_finals(current, finals);
        }
        for step in std::iter::once(step).chain(&mut more) {
            self.free_order(step, cell);
        }
        (more, Owing { owed: false, finals: Vec::new() })
    }

    /// The answers of the step's calls: the last one has the cell's status, the last open the cell's grant.
    fn finals(
        &mut self,
        cell: &TableCell,
        calls: &[Call],
        grant: Option<Level>,
        status: Option<Status>,
    ) -> Vec<Gets> {
        let last_open = calls.iter().rev().find(|call| {
            self.scope
                .sent(call.index)
                .is_some_and(|sent| matches!(sent.kind, CallKind::Open | CallKind::Request))
        });
        let granted_call = last_open.filter(|_| grant.is_some()).map(|call| call.index);
        if grant.is_some() && granted_call.is_none() {
            let message = "the cell expects a grant, and the step opens nothing";
            self.reader.report(Code::NeverMet, cell.spot, message, "can never be met");
        }
        let last = calls.last().map(|call| call.index);
        let mut finals = Vec::new();
        for call in calls {
            if self.scope.answered.contains_key(&call.index) {
                continue;
            }
            let Some(sent) = self.scope.sent(call.index).cloned() else { continue };
            if sent.kind == CallKind::Silent {
                continue;
            }
            let mut answer = Answer { status: sent.success, ..Answer::default() };
            if let Some(level) = grant.filter(|_| granted_call == Some(call.index)) {
                if !can_be_granted(level, &sent) {
                    let message = format!("`{}` can never be granted {level}", call.label);
                    self.reader.report(Code::NeverMet, cell.spot, message, "can never be met");
                }
                if self.scope.layer == Layer::Smb2 {
                    answer.granted = Some(level);
                } else if level == Level::None && matches!(sent.want, Want::Request(_)) {
                    answer.status = Status::OPLOCK_NOT_GRANTED;
                }
            }
            if let Some(status) = status.filter(|_| last == Some(call.index)) {
                let granted_at_store = status == Status::SUCCESS && sent.success == Status::PENDING;
                if !granted_at_store {
                    answer.status = status;
                }
            }
            let place = self.reader.place(cell.spot);
            let (actor, label) = (call.actor, call.label.clone());
            finals.push(Gets { place, actor, call: call.index, label, answer });
        }
        finals
    }

    fn place_finals(&mut self, step: &mut Step, finals: Vec<Gets>) {
        for gets in finals {
            self.scope.answer_named(gets.call);
            step.then.push(Expect::Gets(gets));
        }
    }

    /// The first handle of another actor that asked for something; failing that, the actor's own.
    fn holder(&self, calls: &[Call]) -> Option<Holder> {
        let first = calls.first()?;
        let holds = |(_, handle): &(&String, &Handle)| {
            handle.hold != Hold::Nothing && handle.opened_by < first.index
        };
        let mut handles: Vec<_> = self.scope.handles.iter().filter(holds).collect();
        handles.sort_by_key(|(_, handle)| (handle.actor == first.actor, handle.opened_by));
        let (name, handle) = handles.first()?;
        let target = self.scope.target_of(name)?;
        Some(Holder { actor: handle.actor, handle: (*name).clone(), target })
    }

    fn check_cell_break(
        &mut self,
        cell: &TableCell,
        holder: &Holder,
        from: Option<Level>,
        to: Level,
    ) {
        let wrong_kind = match (&holder.target, self.scope.layer) {
            (BreakTarget::Key(_), _) => to.lease_state().is_none(),
            (BreakTarget::Handle(_), Layer::Smb2) => to.oplock_level().is_none(),
            (BreakTarget::Handle(_), Layer::Store) => false,
        };
        if wrong_kind || from.is_some_and(|from| !can_break(from, to)) {
            let from = from.map_or("what is held".to_owned(), |from| from.to_string());
            let message = format!("{from} cannot be broken to {to}");
            self.reader.report(Code::NeverMet, cell.spot, message, "can never be met");
        }
    }

    fn sees_of(
        &mut self,
        cell: &TableCell,
        holder: &Holder,
        from: Option<Level>,
        to: Level,
        owed: Owed,
    ) -> Expect {
        self.scope.told.push((holder.target.clone(), to));
        Expect::Sees(Sees {
            place: self.reader.place(cell.spot),
            who: self.who_sees(holder),
            target: holder.target.clone(),
            from,
            to,
            ack: Some(owed != Owed::Nothing),
            epoch: None,
            modes: None,
            status: None,
            information: None,
        })
    }

    /// A lease break may go to any connection of the client, an oplock break goes to that of its open.
    fn who_sees(&self, holder: &Holder) -> Who {
        let client = self.scope.actors.get(holder.actor).map_or(0, |actor| actor.client);
        let apart = |actor: usize| !self.scope.same_connection(actor, holder.actor);
        let several = (0..self.scope.actors.len()).any(|actor| {
            apart(actor) && self.scope.actors.get(actor).is_some_and(|a| a.client == client)
        });
        match holder.target {
            BreakTarget::Key(_) if several => Who::Client(client),
            _ => Who::Actor(holder.actor),
        }
    }

    fn waits_of(&self, cell: &TableCell, calls: &[Call]) -> Vec<Expect> {
        let is_silent = |call: &&Call| {
            self.scope.sent(call.index).is_some_and(|sent| sent.kind == CallKind::Silent)
        };
        calls
            .iter()
            .filter(|call| !is_silent(call))
            .map(|call| {
                let place = self.reader.place(cell.spot);
                let (actor, label) = (call.actor, call.label.clone());
                Expect::Waits(Waits { place, actor, call: call.index, label })
            })
            .collect()
    }

    fn ack_step(&mut self, cell: &TableCell, holder: &Holder, to: Level) -> Step {
        let place = self.reader.place(cell.spot);
        let index = CallIndex(self.scope.calls.len());
        let (what, kind, answer) = self.ack_of(holder, to);
        self.scope.calls.push(Sent {
            spot: cell.spot,
            label: "ack".to_owned(),
            actor: holder.actor,
            kind,
            handle: match kind {
                CallKind::LeaseAck => None,
                _ => Some(holder.handle.clone()),
            },
            want: Want::Nothing,
            success: answer.status,
            key: match &holder.target {
                BreakTarget::Key(key) => Some(key.clone()),
                BreakTarget::Handle(_) => None,
            },
            key_is_old: false,
            session: self.scope.session(holder.actor),
        });
        self.scope.answer_named(index);
        let label = "ack".to_owned();
        let call = Call {
            place: place.clone(),
            index,
            actor: holder.actor,
            label: label.clone(),
            operation: Operation::Ack(Ack { what, of_break: true }),
        };
        let gets = Gets { place: place.clone(), actor: holder.actor, call: index, label, answer };
        Step {
            place,
            action: Action::Calls(vec![call]),
            given: Vec::new(),
            then: vec![Expect::Gets(gets)],
            record_only: false,
        }
    }

    fn ack_of(&self, holder: &Holder, to: Level) -> (AckWhat, CallKind, Answer) {
        let mut answer = Answer::default();
        match (&holder.target, self.scope.layer) {
            (BreakTarget::Key(key), _) => {
                let state = to.lease_state().unwrap_or_default();
                answer.state = Some(state);
                (AckWhat::Lease { key: key.clone(), state }, CallKind::LeaseAck, answer)
            }
            (BreakTarget::Handle(handle), Layer::Smb2) => {
                let level = to.oplock_level().unwrap_or_default();
                answer.level = Some(level);
                (AckWhat::Oplock { handle: handle.clone(), level }, CallKind::OplockAck, answer)
            }
            (BreakTarget::Handle(handle), Layer::Store) => {
                let hold = self.scope.handles.get(handle).map(|handle| &handle.hold);
                let form = match (hold, to.lease_state()) {
                    (Some(Hold::Store(StoreRequest::Granular(_))), Some(state)) => {
                        AckForm::Granular(state)
                    }
                    _ => AckForm::Acknowledge,
                };
                answer.status = store_success(form, Some(to));
                (AckWhat::Store { handle: handle.clone(), form }, CallKind::StoreAck, answer)
            }
        }
    }

    /// A cell says nothing about the order of a break and an answer on one connection, so neither does the step.
    fn free_order(&self, step: &mut Step, cell: &TableCell) {
        let (events, silent): (Vec<Expect>, Vec<Expect>) =
            step.then.drain(..).partition(|e| matches!(e, Expect::Sees(_) | Expect::Gets(_)));
        let crowded = events
            .iter()
            .enumerate()
            .any(|(i, e)| events.iter().skip(i + 1).any(|other| self.share_connection(e, other)));
        if crowded {
            let place = self.reader.place(cell.spot);
            step.then.push(Expect::InAnyOrder { place, all: events });
        } else {
            step.then.extend(events);
        }
        step.then.extend(silent);
    }

    fn share_connection(&self, left: &Expect, right: &Expect) -> bool {
        let on = |expect: &Expect, actor: usize| self.comes_on_connection_of(expect, actor);
        (0..self.scope.actors.len()).any(|actor| on(left, actor) && on(right, actor))
    }

    /// Whether an expected event may come on the connection of this actor.
    pub(super) fn comes_on_connection_of(&self, expect: &Expect, actor: usize) -> bool {
        match expect {
            Expect::Gets(gets) => self.scope.same_connection(gets.actor, actor),
            Expect::Sees(sees) => match sees.who {
                Who::Actor(who) => self.scope.same_connection(who, actor),
                Who::Client(client) => {
                    self.scope.actors.get(actor).is_some_and(|actor| actor.client == client)
                }
            },
            Expect::InAnyOrder { all, .. } => {
                all.iter().any(|expect| self.comes_on_connection_of(expect, actor))
            }
            Expect::OneOf { branches, .. } => branches
                .iter()
                .flat_map(|branch| &branch.expect)
                .any(|expect| self.comes_on_connection_of(expect, actor)),
            Expect::Waits(_) | Expect::NobodySees { .. } => false,
        }
    }
}
