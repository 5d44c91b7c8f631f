//! The 64-byte header in front of every message (MS-SMB2 2.2.1).

use std::fmt;

use oplock_model::Status;

use crate::DecodeError;
use crate::bytes::{Reader, Writer};

/// Length of the header in bytes: where the body begins.
pub const HEADER_LENGTH: usize = 64;

/// ProtocolId of a plain message.
const PROTOCOL_ID: [u8; 4] = [0xFE, b'S', b'M', b'B'];

/// Offset of Command.
pub(crate) const COMMAND_OFFSET: usize = 12;
/// Offset of MessageId.
pub(crate) const MESSAGE_ID_OFFSET: usize = 24;
/// Offset of Flags.
pub(crate) const FLAGS_OFFSET: usize = 16;
/// Offset of NextCommand.
pub(crate) const NEXT_COMMAND_OFFSET: usize = 20;
/// Offset of Signature, the last field.
pub(crate) const SIGNATURE_OFFSET: usize = 48;

/// A command code, raw (MS-SMB2 2.2.1.2, Command).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Command(pub u16);

impl Command {
    /// NEGOTIATE.
    pub const NEGOTIATE: Command = Command(0x0000);
    /// SESSION_SETUP.
    pub const SESSION_SETUP: Command = Command(0x0001);
    /// LOGOFF.
    pub const LOGOFF: Command = Command(0x0002);
    /// TREE_CONNECT.
    pub const TREE_CONNECT: Command = Command(0x0003);
    /// TREE_DISCONNECT.
    pub const TREE_DISCONNECT: Command = Command(0x0004);
    /// CREATE.
    pub const CREATE: Command = Command(0x0005);
    /// CLOSE.
    pub const CLOSE: Command = Command(0x0006);
    /// FLUSH.
    pub const FLUSH: Command = Command(0x0007);
    /// READ.
    pub const READ: Command = Command(0x0008);
    /// WRITE.
    pub const WRITE: Command = Command(0x0009);
    /// LOCK.
    pub const LOCK: Command = Command(0x000A);
    /// IOCTL.
    pub const IOCTL: Command = Command(0x000B);
    /// CANCEL.
    pub const CANCEL: Command = Command(0x000C);
    /// ECHO.
    pub const ECHO: Command = Command(0x000D);
    /// QUERY_DIRECTORY.
    pub const QUERY_DIRECTORY: Command = Command(0x000E);
    /// CHANGE_NOTIFY.
    pub const CHANGE_NOTIFY: Command = Command(0x000F);
    /// QUERY_INFO.
    pub const QUERY_INFO: Command = Command(0x0010);
    /// SET_INFO.
    pub const SET_INFO: Command = Command(0x0011);
    /// OPLOCK_BREAK: notifications, acknowledgements and their answers.
    pub const OPLOCK_BREAK: Command = Command(0x0012);

    /// The commands by name, in the order of their codes.
    const NAMES: [&'static str; 19] = [
        "NEGOTIATE",
        "SESSION_SETUP",
        "LOGOFF",
        "TREE_CONNECT",
        "TREE_DISCONNECT",
        "CREATE",
        "CLOSE",
        "FLUSH",
        "READ",
        "WRITE",
        "LOCK",
        "IOCTL",
        "CANCEL",
        "ECHO",
        "QUERY_DIRECTORY",
        "CHANGE_NOTIFY",
        "QUERY_INFO",
        "SET_INFO",
        "OPLOCK_BREAK",
    ];
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Command::NAMES.get(usize::from(self.0)) {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#06x}", self.0),
        }
    }
}

/// The bits of [`Header::flags`] (MS-SMB2 2.2.1.2, Flags).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags;

impl Flags {
    /// SMB2_FLAGS_SERVER_TO_REDIR: a response.
    pub const RESPONSE: u32 = 0x0000_0001;
    /// SMB2_FLAGS_ASYNC_COMMAND: the header has an AsyncId in place of the TreeId.
    pub const ASYNC: u32 = 0x0000_0002;
    /// SMB2_FLAGS_RELATED_OPERATIONS: uses session, tree and file of the message before it in the compound.
    pub const RELATED: u32 = 0x0000_0004;
    /// SMB2_FLAGS_SIGNED.
    pub const SIGNED: u32 = 0x0000_0008;
    /// SMB2_FLAGS_DFS_OPERATIONS.
    pub const DFS: u32 = 0x1000_0000;
    /// SMB2_FLAGS_REPLAY_OPERATION.
    pub const REPLAY: u32 = 0x2000_0000;
}

/// The header of a message (MS-SMB2 2.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Credits that the request costs; reserved before SMB 2.1.
    pub credit_charge: u16,
    /// The status of a response; in a request 0, or ChannelSequence in its low half.
    pub status: Status,
    /// The command; encoding takes the message's own where it has one.
    pub command: Command,
    /// Credits asked, or granted.
    pub credits: u16,
    /// Bits of [`Flags`]; encoding sets RESPONSE and ASYNC to what the message is.
    pub flags: u32,
    /// Bytes to the next message of a compound, 0 for the last; [`crate::link`] fills it in.
    pub next_command: u32,
    /// The message id: all ones in a break notification.
    pub message_id: u64,
    /// The async id of an asynchronous message.
    pub async_id: Option<u64>,
    /// The tree id of a synchronous message; an asynchronous one has none.
    pub tree_id: u32,
    /// The session id.
    pub session_id: u64,
    /// The signature; zero where unsigned. [`crate::security::SigningKey::sign`] fills it in.
    pub signature: [u8; 16],
}

impl Header {
    /// The message id of a message that answers nothing: a break notification.
    pub const NOTIFICATION: u64 = u64::MAX;

    /// Whether this is a response.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.flags & Flags::RESPONSE != 0
    }

    /// Whether this is the interim answer to a request whose final answer follows (MS-SMB2 3.3.4.2).
    #[must_use]
    pub fn is_interim(&self) -> bool {
        self.is_response() && self.async_id.is_some() && self.status == Status::PENDING
    }

    /// Whether this answers nothing that was sent: a break notification (MS-SMB2 2.2.23).
    #[must_use]
    pub fn is_notification(&self) -> bool {
        self.command == Command::OPLOCK_BREAK && self.message_id == Header::NOTIFICATION
    }

    /// Whether the SIGNED flag is set.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.flags & Flags::SIGNED != 0
    }

    /// Reads the header that `message` begins with.
    ///
    /// # Errors
    /// A [`DecodeError`] where `message` is shorter than a header or does not begin as one.
    pub fn decode(message: &[u8]) -> Result<Header, DecodeError> {
        let mut from = Reader::new(message);
        let found = from.array::<4>("ProtocolId")?;
        if found != PROTOCOL_ID {
            return Err(DecodeError::Protocol { found });
        }
        from.structure_size("header StructureSize", HEADER_LENGTH as u16)?;
        let credit_charge = from.u16("CreditCharge")?;
        let status = Status(from.u32("Status")?);
        let command = Command(from.u16("Command")?);
        let credits = from.u16("Credits")?;
        let flags = from.u32("Flags")?;
        let next_command = from.u32("NextCommand")?;
        let message_id = from.u64("MessageId")?;
        let (async_id, tree_id) = if flags & Flags::ASYNC == 0 {
            from.skip(4, "Reserved")?;
            (None, from.u32("TreeId")?)
        } else {
            (Some(from.u64("AsyncId")?), 0)
        };
        let session_id = from.u64("SessionId")?;
        let signature = from.array("Signature")?;
        Ok(Header {
            credit_charge,
            status,
            command,
            credits,
            flags,
            next_command,
            message_id,
            async_id,
            tree_id,
            session_id,
            signature,
        })
    }

    pub(crate) fn encode(&self, to: &mut Writer) {
        let flags = match self.async_id {
            Some(_) => self.flags | Flags::ASYNC,
            None => self.flags & !Flags::ASYNC,
        };
        to.bytes(&PROTOCOL_ID);
        to.u16(HEADER_LENGTH as u16);
        to.u16(self.credit_charge);
        to.u32(self.status.0);
        to.u16(self.command.0);
        to.u16(self.credits);
        to.u32(flags);
        to.u32(self.next_command);
        to.u64(self.message_id);
        match self.async_id {
            Some(id) => to.u64(id),
            None => {
                to.u32(0);
                to.u32(self.tree_id);
            }
        }
        to.u64(self.session_id);
        to.bytes(&self.signature);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // MS-SMB2 3.3.4.2 "Sending an Interim Response for an Asynchronous Operation".
    #[rstest]
    #[case::interim(Flags::RESPONSE, Some(1), Status::PENDING, true)]
    #[case::final_answer(Flags::RESPONSE, Some(1), Status::SUCCESS, false)]
    #[case::without_async_id(Flags::RESPONSE, None, Status::PENDING, false)]
    #[case::cancel_request(0, Some(1), Status::PENDING, false)]
    fn interims(
        #[case] flags: u32,
        #[case] async_id: Option<u64>,
        #[case] status: Status,
        #[case] is: bool,
    ) {
        assert_eq!(Header { flags, async_id, status, ..Header::default() }.is_interim(), is);
    }

    // MS-SMB2 2.2.23.1 "Oplock Break Notification": MessageId is all ones.
    #[rstest]
    #[case::notification(Command::OPLOCK_BREAK, u64::MAX, true)]
    #[case::answer(Command::OPLOCK_BREAK, 7, false)]
    #[case::of_another_command(Command::ECHO, u64::MAX, false)]
    fn notifications(#[case] command: Command, #[case] message_id: u64, #[case] is: bool) {
        assert_eq!(Header { command, message_id, ..Header::default() }.is_notification(), is);
    }

    #[rstest]
    #[case::sync(Flags::ASYNC | Flags::SIGNED, None, Flags::SIGNED)]
    #[case::asynchronous(Flags::SIGNED, Some(0x0123_4567_89AB_CDEF), Flags::ASYNC | Flags::SIGNED)]
    fn the_async_id_sets_the_flag(
        #[case] flags: u32,
        #[case] async_id: Option<u64>,
        #[case] written: u32,
    ) {
        let header = Header { flags, async_id, ..Header::default() };
        let mut to = Writer::default();
        header.encode(&mut to);
        assert_eq!(Header::decode(&to.into_bytes()), Ok(Header { flags: written, ..header }));
    }

    #[rstest]
    #[case(Command::OPLOCK_BREAK, "OPLOCK_BREAK")]
    #[case(Command::NEGOTIATE, "NEGOTIATE")]
    #[case(Command(0x13), "0x0013")]
    fn commands_have_names(#[case] command: Command, #[case] name: &str) {
        assert_eq!(command.to_string(), name);
    }
}
