//! What a cell does to a connection itself, rather than through it: cancel, drop, come back.

use oplock_model::{Body, CallId, ConnectionId, Control, Event, FileId, Op, Status, TargetFault};
use oplock_wire::Response;

use super::{End, LiveScene};
use crate::connection::{Connection, Outlet};
use crate::control::{self, RESUME_KEY_LENGTH};

impl LiveScene {
    /// Does what is no request of its own; false where the operation is one.
    pub(super) fn act(
        &mut self,
        id: ConnectionId,
        connection: &Connection,
        op: &Op,
    ) -> Result<bool, TargetFault> {
        let call = CallId(self.next_call);
        match op {
            Op::Cancel { call: waiting } => {
                if connection.cancel_call(*waiting) {
                    self.calls.remove(waiting);
                    self.answer(id, *waiting, Status::CANCELLED);
                }
            }
            Op::Disconnect => {
                self.worn = true;
                self.answer(id, call, Status::SUCCESS);
                connection.drop_transport();
            }
            Op::Connect => {
                self.worn = true;
                let End { guid, place } = self.end_of(id)?;
                // The old transport is replaced, which nobody has to be told; the new one has its place in the room.
                connection.take_back(&self.line.held());
                connection.drop_transport();
                let connected = self.leg.pool.connect(place, guid);
                let (fresh, _) = self.leg.server.runtime.block_on(connected)?;
                fresh.lend(self.outlet(id));
                self.connections.insert(id, fresh);
                self.answer(id, call, Status::SUCCESS);
            }
            Op::Bind { session } => {
                self.worn = true;
                let (_, first) = self.connection_of(*session)?;
                let place = self.end_of(id)?.place;
                let bound = self.leg.pool.bind(connection, first, place);
                let status = self.leg.server.runtime.block_on(bound)?;
                self.answer(id, call, status);
            }
            _ => return Ok(false),
        }
        self.next_call += 1;
        Ok(true)
    }

    /// The resume key of the source of a COPYCHUNK; zeros where the server gives none, which its answer will say.
    pub(super) fn resume_key(&self, connection: &Connection, op: &Op) -> [u8; RESUME_KEY_LENGTH] {
        let Op::Control { control: Control::CopyChunk { source, .. }, .. } = op else {
            return [0; RESUME_KEY_LENGTH];
        };
        self.ask_resume_key(connection, *source).unwrap_or([0; RESUME_KEY_LENGTH])
    }

    fn ask_resume_key(
        &self,
        connection: &Connection,
        source: FileId,
    ) -> Option<[u8; RESUME_KEY_LENGTH]> {
        let request = oplock_wire::Request::Ioctl(control::resume_key(source));
        match self.leg.server.runtime.block_on(connection.call(request)) {
            Ok((_, Response::Ioctl(answer))) => answer.output.first_chunk().copied(),
            _ => None,
        }
    }

    fn end_of(&self, id: ConnectionId) -> Result<End, TargetFault> {
        let end = self.ends.get(&id).copied();
        end.ok_or_else(|| TargetFault::Internal(format!("the scene has no connection {}", id.0)))
    }

    /// Says that a call of this kind is done.
    fn answer(&self, id: ConnectionId, call: CallId, status: Status) {
        self.outlet(id).event(Event::Reply { call, status, body: Body::Empty });
    }

    pub(super) fn outlet(&self, connection: ConnectionId) -> Outlet {
        Outlet { line: std::sync::Arc::clone(&self.line), connection }
    }
}
