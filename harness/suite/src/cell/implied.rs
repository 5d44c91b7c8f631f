//! What a case need not say: calls that nobody names succeed in their own step. Then the checks that need all answers.

use std::collections::BTreeMap;

use oplock_model::{Layer, Status};

use super::levels::is_success;
use super::scope::{CallKind, CellReader, Sent};
use crate::codes::Code;
use crate::plan::{Action, Answer, CallIndex, Expect, Gets, Step};

impl CellReader<'_, '_> {
    /// Expects success of every call that no expectation names, in its own step. A request and an acknowledgement at
    /// the store return at once, and what a later step names is the end of what they were granted.
    pub(super) fn expect_the_rest(&mut self, steps: &mut [Step]) {
        let mut named = Vec::new();
        for step in steps.iter() {
            step.given.iter().chain(&step.then).for_each(|expect| name_calls(expect, &mut named));
        }
        for step in steps.iter_mut().filter(|step| !step.record_only) {
            let Action::Calls(calls) = &step.action else { continue };
            let mut named_here = Vec::new();
            let own = step.given.iter().chain(&step.then);
            own.for_each(|expect| name_calls(expect, &mut named_here));
            for call in calls {
                let Some(sent) = self.scope.sent(call.index) else { continue };
                let returns = matches!(sent.kind, CallKind::Request | CallKind::StoreAck);
                let is_named = if returns {
                    named_here.contains(&call.index)
                } else {
                    named.contains(&call.index)
                };
                if is_named || sent.kind == CallKind::Silent {
                    continue;
                }
                let answer = Answer { status: sent.success, ..Answer::default() };
                let (place, spot) = (call.place.clone(), sent.spot);
                let (actor, label) = (call.actor, call.label.clone());
                let gets = Expect::Gets(Gets { place, actor, call: call.index, label, answer });
                let near: Vec<usize> = step
                    .then
                    .iter()
                    .enumerate()
                    .filter(|(_, expect)| self.comes_on_connection_of(expect, actor))
                    .map(|(index, _)| index)
                    .collect();
                match near.as_slice() {
                    [] => step.then.push(gets),
                    [only] => {
                        if let Some(expect) = step.then.get_mut(*only) {
                            join(expect, gets);
                        }
                    }
                    _ => {
                        let name = self.scope.actor_name(actor).to_owned();
                        let message = format!(
                            "{name} expects several things in this step, and none is the answer of `{}`",
                            call.label
                        );
                        let help = format!(
                            "say where it comes: `{name} gets: {{answer: {}}}`",
                            call.label
                        );
                        let label = "its answer may come at several places";
                        self.reader.report_with_help(
                            Code::OrderUnclear,
                            spot,
                            message,
                            label,
                            help,
                        );
                    }
                }
            }
        }
    }

    /// Says where an acknowledgement that should succeed names the key of nobody, or of somebody else.
    fn check_acked_key(&mut self, name: &str, sent: &Sent) {
        let Some(key) = self.scope.keys.get(name) else {
            let message = format!("no step asks for the lease `{name}`, and success is expected");
            self.reader.report(
                Code::UnknownLeaseKey,
                sent.spot,
                message,
                "not a lease of this case",
            );
            return;
        };
        let client = self.scope.actors.get(sent.actor).map_or(0, |actor| actor.client);
        if !key.clients.contains(&client) {
            let message = "a lease is acknowledged by its own client only";
            self.reader.report(Code::NeverMet, sent.spot, message, "success can never be met");
        }
    }

    /// Says where a handle cannot serve the success that is expected of it.
    pub(super) fn check_handles(&mut self, steps: &[Step]) {
        let mut statuses: BTreeMap<CallIndex, Vec<Status>> = BTreeMap::new();
        for step in steps {
            for expect in step.given.iter().chain(&step.then) {
                collect_statuses(expect, &mut statuses);
            }
        }
        let succeeds = |call: CallIndex| {
            statuses.get(&call).is_none_or(|all| all.iter().any(|status| is_success(*status)))
        };
        let calls = self.scope.calls.clone();
        for (index, sent) in calls.iter().enumerate() {
            let index = CallIndex(index);
            let expects_success = statuses.contains_key(&index) && succeeds(index);
            if sent.kind == CallKind::Open || !expects_success {
                continue;
            }
            if let Some(key) = &sent.key {
                self.check_acked_key(key, sent);
            }
            let Some(name) = sent.handle.as_ref() else { continue };
            let Some(handle) = self.scope.handles.get(name).cloned() else { continue };
            let closing = handle.closed.filter(|closing| *closing < index && succeeds(*closing));
            let kind = closing.and_then(|closing| calls.get(closing.0)).map(|call| call.kind);
            if kind == Some(CallKind::GiveUp) {
                let message = format!(
                    "`{name}` is used after its session, tree or connection was given up, and success is expected"
                );
                let help = format!(
                    "say which status comes, or claim it back by an open with `durable: {{reconnect: {name}}}`"
                );
                let label = "lost before";
                self.reader.report_with_help(Code::UsedAfterClose, sent.spot, message, label, help);
            } else if closing.is_some() {
                let message =
                    format!("`{name}` is used after it was closed, and success is expected");
                let help = "say which status comes, or close it later";
                let label = "closed before";
                self.reader.report_with_help(Code::UsedAfterClose, sent.spot, message, label, help);
            } else if !succeeds(handle.opened_by) {
                let message =
                    format!("`{name}` is used with success, and its open is expected to fail");
                self.reader.report(Code::NeverMet, sent.spot, message, "can never be met");
            } else if self.scope.layer == Layer::Smb2 && handle.session != sent.session {
                let owner = self.scope.actor_name(handle.actor).to_owned();
                let message = format!("`{name}` belongs to the connection of {owner}");
                let help = "a handle is known on the connection that opened it only";
                let label = "success can never be met";
                self.reader.report_with_help(Code::NeverMet, sent.spot, message, label, help);
            }
        }
    }
}

/// Adds an answer beside an expectation of the same connection; their order is free.
fn join(expect: &mut Expect, gets: Expect) {
    if let Expect::InAnyOrder { all, .. } = expect {
        all.push(gets);
        return;
    }
    let place = match &gets {
        Expect::Gets(gets) => gets.place.clone(),
        _ => return,
    };
    let beside = std::mem::replace(expect, Expect::InAnyOrder { place, all: Vec::new() });
    if let Expect::InAnyOrder { all, .. } = expect {
        all.extend([beside, gets]);
    }
}

fn name_calls(expect: &Expect, named: &mut Vec<CallIndex>) {
    match expect {
        Expect::Gets(gets) => named.push(gets.call),
        Expect::Waits(waits) => named.push(waits.call),
        Expect::InAnyOrder { all, .. } => all.iter().for_each(|expect| name_calls(expect, named)),
        Expect::OneOf { branches, .. } => branches
            .iter()
            .flat_map(|branch| &branch.expect)
            .for_each(|expect| name_calls(expect, named)),
        Expect::Sees(_) | Expect::NobodySees { .. } => {}
    }
}

fn collect_statuses(expect: &Expect, statuses: &mut BTreeMap<CallIndex, Vec<Status>>) {
    match expect {
        Expect::Gets(gets) => statuses.entry(gets.call).or_default().push(gets.answer.status),
        Expect::InAnyOrder { all, .. } => {
            all.iter().for_each(|expect| collect_statuses(expect, statuses));
        }
        Expect::OneOf { branches, .. } => branches
            .iter()
            .flat_map(|branch| &branch.expect)
            .for_each(|expect| collect_statuses(expect, statuses)),
        Expect::Sees(_) | Expect::Waits(_) | Expect::NobodySees { .. } => {}
    }
}
