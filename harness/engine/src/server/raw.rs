//! CANCEL, and requests as they stand (MS-SMB2 3.3.5.2.6 "Handling Incorrectly Formatted Requests", 3.3.5.16, 3.3.5.22).

use oplock_model::{Body, CallId, ConnectionId, FileId, LeaseKey, LeaseState, OplockLevel};
use oplock_model::{RuleId, Status};

use super::state::Server;

/// ECHO.
const ECHO: u16 = 0x000D;
/// OPLOCK_BREAK.
const OPLOCK_BREAK: u16 = 0x0012;
/// StructureSize of an oplock acknowledgement (MS-SMB2 2.2.24.1).
const OPLOCK_ACK: u16 = 24;
/// StructureSize of a lease acknowledgement (MS-SMB2 2.2.24.2).
const LEASE_ACK: u16 = 36;
/// StructureSize of the requests of each command, in the order of the commands (MS-SMB2 2.2.3 to 2.2.39).
const STRUCTURE_SIZES: [u16; 18] =
    [36, 25, 4, 9, 4, 57, 24, 24, 49, 49, 48, 57, 4, 4, 33, 32, 41, 33];

impl Server {
    /// CANCEL: it has no answer of its own.
    pub(super) fn cancel(&mut self, connection: ConnectionId, of: CallId) {
        let waiting = self
            .calls
            .iter()
            .find(|(_, call)| call.id == of && call.chain.connection == connection)
            .map(|(ticket, _)| *ticket);
        match waiting {
            Some(ticket) => {
                self.fire(RuleId::Smb2CancelWaiting);
                self.store.cancel(ticket);
            }
            None => self.fire(RuleId::Smb2CancelOver),
        }
    }

    /// A request with its command and body as they stand.
    pub(super) fn raw(
        &mut self,
        call: CallId,
        connection: ConnectionId,
        command: u16,
        body: &[u8],
    ) {
        let size = word(body);
        let (rule, status) = match command {
            OPLOCK_BREAK => return self.raw_ack(call, connection, body),
            command if usize::from(command) >= STRUCTURE_SIZES.len() => {
                self.fire(RuleId::Smb2OperationUnknownCommand);
                return self.drop_connection(connection);
            }
            command if STRUCTURE_SIZES.get(usize::from(command)).copied() != size => {
                (RuleId::Smb2OperationMalformed, Status::INVALID_PARAMETER)
            }
            ECHO => return self.reply(call, Status::SUCCESS, Body::Empty),
            _ => (RuleId::Smb2OperationNotRead, Status::NOT_SUPPORTED),
        };
        self.fire(rule);
        self.reply(call, status, Body::Empty);
    }

    /// The dispatch of spec/05 section 6: a lease acknowledgement by its size where the dialect has leases, else an
    /// oplock acknowledgement.
    fn raw_ack(&mut self, call: CallId, connection: ConnectionId, body: &[u8]) {
        let lease = self.dialect.has_leases();
        match word(body) {
            Some(LEASE_ACK) if lease && body.len() >= usize::from(LEASE_ACK) => {
                let key = LeaseKey(bytes(body, 8));
                let state = LeaseState(u32::from_le_bytes(bytes(body, 24)));
                self.ack_lease(call, connection, key, state);
            }
            Some(OPLOCK_ACK) if body.len() >= usize::from(OPLOCK_ACK) => {
                let [level] = bytes(body, 2);
                let file = FileId {
                    persistent: u64::from_le_bytes(bytes(body, 8)),
                    volatile: u64::from_le_bytes(bytes(body, 16)),
                };
                self.ack_oplock(call, connection, file, OplockLevel(level));
            }
            _ => {
                self.fire(RuleId::Smb2AckSize);
                self.reply(call, Status::INVALID_PARAMETER, Body::Empty);
            }
        }
    }
}

/// The StructureSize of a body, where it has one.
fn word(body: &[u8]) -> Option<u16> {
    body.first_chunk().copied().map(u16::from_le_bytes)
}

/// The bytes at an offset; zero where the body is shorter.
fn bytes<const N: usize>(body: &[u8], offset: usize) -> [u8; N] {
    body.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}
