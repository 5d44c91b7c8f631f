//! `acks`: what is acknowledged, with which value, in which of its shapes.

use oplock_model::{AckForm, Layer, LeaseState, Level, Status, StoreRequest};

use super::scope::{CallKind, CellReader, Hold, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::{Ack, AckWhat, BreakTarget, Operation};
use crate::words;
use crate::yaml::{Node, Spot};

impl CellReader<'_, '_> {
    /// An acknowledgement.
    pub(super) fn ack(
        &mut self,
        actor: usize,
        spot: Spot,
        node: &Node,
    ) -> Option<(Operation, Sent)> {
        let fields = self.reader.fields(node, "`acks`", words::ACK_KEYS)?;
        let mut sent = self.new_sent(actor, spot, &fields);
        let (target, of_break) = self.acked(&fields, spot)?;
        if let Some(form) = fields.find("form").filter(|_| self.scope.layer == Layer::Smb2) {
            let message = "`form` of an acknowledgement exists at the store only";
            self.reader.report(Code::WrongLayer, form.spot, message, "not on smb2");
            return None;
        }
        let told = self.scope.last_told(&target);
        let to = fields.find("to");
        if of_break && told.is_none() {
            let (BreakTarget::Handle(name) | BreakTarget::Key(name)) = &target;
            if self.scope.broken.contains(name) {
                return None;
            }
            let at = fields.find("break").map_or(spot, |node| node.spot);
            let message = "an acknowledgement of a break that no step before expects";
            let help = "to send it all the same, name its `handle:` or `key:` and say `to:`";
            let label = "nothing breaks it before";
            self.reader.report_with_help(Code::NeverMet, at, message, label, help);
            return None;
        }
        if to.is_none() && !of_break && fields.find("form").is_none() {
            self.reader.missing(fields.spot, "an acknowledgement without a break", "to");
            return None;
        }
        let what = match (target, self.scope.layer) {
            (BreakTarget::Key(key), _) => {
                let told = told.and_then(Level::lease_state);
                let state = to.map_or(told, |node| self.lease_state(node))?;
                sent.kind = CallKind::LeaseAck;
                sent.key = Some(key.clone());
                AckWhat::Lease { key, state }
            }
            (BreakTarget::Handle(handle), Layer::Smb2) => {
                let told = told.and_then(Level::oplock_level);
                let level = to.map_or(told, |node| self.oplock_level(node))?;
                sent.kind = CallKind::OplockAck;
                sent.handle = Some(handle.clone());
                AckWhat::Oplock { handle, level }
            }
            (BreakTarget::Handle(handle), Layer::Store) => {
                let form = self.store_form(&handle, to, told, fields.find("form"))?;
                sent.kind = CallKind::StoreAck;
                sent.handle = Some(handle.clone());
                sent.success = store_success(form, told);
                AckWhat::Store { handle, form }
            }
        };
        Some((Operation::Ack(Ack { what, of_break }), sent))
    }

    /// What is acknowledged, and whether a break of it must have come.
    fn acked(&mut self, fields: &Fields<'_>, spot: Spot) -> Option<(BreakTarget, bool)> {
        match (fields.find("break"), fields.find("handle"), fields.find("key")) {
            (Some(node), None, None) => Some((self.break_target(node)?, true)),
            (None, Some(node), None) => Some((BreakTarget::Handle(self.handle(node)?), false)),
            (None, None, Some(node)) => {
                let key = self.reader.text(node, "a lease key")?;
                if self.scope.layer == Layer::Store {
                    let message = "an acknowledgement at the store names a handle";
                    self.reader.report(
                        Code::WrongLayer,
                        node.spot,
                        message,
                        "leases exist over SMB2",
                    );
                    return None;
                }
                // A key that nobody asked for is fine here: that is what an acknowledgement out of the blue is.
                Some((BreakTarget::Key(key.to_owned()), false))
            }
            _ => {
                let message = "an acknowledgement names one of `break`, `handle` and `key`";
                self.reader.report(Code::Missing, spot, message, "exactly one of the three");
                None
            }
        }
    }

    fn store_form(
        &mut self,
        handle: &str,
        to: Option<&Node>,
        told: Option<Level>,
        form: Option<&Node>,
    ) -> Option<AckForm> {
        if let Some(node) = form {
            let known: Vec<(&str, &str)> =
                words::ACK_FORMS.iter().map(|form| (*form, *form)).collect();
            match self.reader.one_of(node, "form of acknowledgement", &known)? {
                "no_2" => return Some(AckForm::NoLevelTwo),
                "close_pending" => return Some(AckForm::ClosePending),
                "on_close" => {
                    let told = told.and_then(Level::lease_state).unwrap_or(LeaseState::NONE);
                    let state = to.map_or(Some(told), |node| self.lease_state(node))?;
                    return Some(AckForm::GranularOnClose(state));
                }
                _ => {}
            }
            if to.is_none() && told.is_none() {
                return Some(AckForm::Acknowledge);
            }
        }
        let hold = self.scope.handles.get(handle).map(|handle| handle.hold.clone());
        let granular = match hold {
            Some(Hold::Store(StoreRequest::Granular(_))) => true,
            Some(Hold::Store(_)) => false,
            _ => to.and_then(Node::text).and_then(words::lease_state).is_some_and(|s| s.0 != 0),
        };
        if granular {
            let told = told.and_then(Level::lease_state);
            let state: LeaseState = to.map_or(told, |node| self.lease_state(node))?;
            return Some(AckForm::Granular(state));
        }
        let Some(node) = to else { return Some(AckForm::Acknowledge) };
        let levels = words::levels();
        match (self.reader.one_of(node, "level", &levels)?, told) {
            (level, Some(told)) if level == told => Some(AckForm::Acknowledge),
            (Level::Ii, None) => Some(AckForm::Acknowledge),
            (Level::None, _) => Some(AckForm::NoLevelTwo),
            (level, _) if level.is_granular() => level.lease_state().map(AckForm::Granular),
            _ => {
                let message = "a legacy acknowledgement accepts the level told, or none";
                self.reader.report(
                    Code::NeverMet,
                    node.spot,
                    message,
                    "cannot be said at the store",
                );
                None
            }
        }
    }
}

/// The immediate return of an acknowledgement that does what it should: pending where it leaves something held
/// (WDK "Acknowledging Oplock Breaks").
pub(super) fn store_success(form: AckForm, told: Option<Level>) -> Status {
    let pends = match form {
        AckForm::Acknowledge => told == Some(Level::Ii),
        AckForm::Granular(state) => state != LeaseState::NONE,
        AckForm::GranularOnClose(_) => false,
        AckForm::NoLevelTwo | AckForm::ClosePending => false,
    };
    if pends { Status::PENDING } else { Status::SUCCESS }
}
