//! `disconnects`, `reconnects`, `logs off` and `binds`: what becomes of a connection, its session and its tree.

use oplock_model::Layer;

use super::scope::{CallKind, CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::Operation;
use crate::words;

impl CellReader<'_, '_> {
    /// A call on the connection itself.
    pub(super) fn connection(
        &mut self,
        verb: &str,
        fields: &Fields<'_>,
        mut sent: Sent,
    ) -> Option<(Operation, Sent)> {
        if !self.only_on(Layer::Smb2, sent.spot, &format!("`{verb}`")) {
            return None;
        }
        let actor = sent.actor;
        let session = self.scope.session(actor);
        let operation = match verb {
            "disconnects" => {
                sent.kind = CallKind::GiveUp;
                let drops = match fields.find("what") {
                    Some(node) => self.reader.one_of(
                        node,
                        "thing to disconnect",
                        words::calls::DISCONNECTS,
                    )?,
                    None => true,
                };
                match drops {
                    true => self.drop_connection(actor, session),
                    false => {
                        self.scope.lose_handles(session);
                        Operation::TreeDisconnect
                    }
                }
            }
            "logs off" => {
                sent.kind = CallKind::GiveUp;
                self.scope.lose_handles(session);
                Operation::LogOff
            }
            "reconnects" => {
                let lane = self.scope.lane(actor);
                self.scope.gone.remove(&lane);
                self.scope.begin_session(actor);
                Operation::Connect
            }
            _ => self.bind(fields, &sent)?,
        };
        Some((operation, sent))
    }

    /// The handles of a session outlive one of its channels, but not the last.
    fn drop_connection(&mut self, actor: usize, session: usize) -> Operation {
        let lane = self.scope.lane(actor);
        let others = self.scope.channels(session).into_iter().filter(|other| *other != lane);
        if others.count() == 0 {
            self.scope.lose_handles(session);
        }
        Operation::Disconnect
    }

    fn bind(&mut self, fields: &Fields<'_>, sent: &Sent) -> Option<Operation> {
        let node = self.reader.required(fields, "to", "`binds`")?;
        let name = self.reader.text(node, "an actor")?;
        let to = self.actor(name, node.spot)?;
        if self.scope.same_connection(sent.actor, to) {
            let message = format!("a connection cannot become a channel of itself: `{name}`");
            let label = "the same connection";
            self.reader.report(Code::NoEffect, node.spot, message, label);
            return None;
        }
        self.scope.needs.insert("multichannel");
        let session = self.scope.session(to);
        let lane = self.scope.lane(sent.actor);
        self.scope.sessions.insert(lane, session);
        Some(Operation::Bind { to, name: name.to_owned() })
    }
}
