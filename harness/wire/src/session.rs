//! Session and tree: SESSION_SETUP, TREE_CONNECT (MS-SMB2 2.2.5, 2.2.6, 2.2.9, 2.2.10).

use crate::bytes::{Reader, Writer, text, utf16};
use crate::{DecodeError, HEADER_LENGTH, Request};

const SETUP_REQUEST_SIZE: u16 = 25;
const SETUP_RESPONSE_SIZE: u16 = 9;
const TREE_REQUEST_SIZE: u16 = 9;
const TREE_RESPONSE_SIZE: u16 = 16;

/// A SESSION_SETUP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSetupRequest {
    /// Flags: 0x1 binds a further connection to the session.
    pub flags: u8,
    /// SecurityMode: 0x1 signing enabled, 0x2 required.
    pub security_mode: u8,
    /// Capabilities: 0x1 DFS.
    pub capabilities: u32,
    /// PreviousSessionId: a session to end, or 0.
    pub previous_session: u64,
    /// The GSS token.
    pub token: Vec<u8>,
}

/// The answer to a SESSION_SETUP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSetupResponse {
    /// SessionFlags: 0x1 guest, 0x2 anonymous, 0x4 encrypt.
    pub flags: u16,
    /// The GSS token.
    pub token: Vec<u8>,
}

/// The answer to a TREE_CONNECT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeConnectResponse {
    /// ShareType: 0x1 disk, 0x2 pipe, 0x3 print.
    pub share_type: u8,
    /// ShareFlags: 0x0000_1000 is FORCE_LEVELII_OPLOCK.
    pub flags: u32,
    /// Capabilities: 0x10 continuous availability, 0x40 cluster.
    pub capabilities: u32,
    /// MaximalAccess.
    pub maximal_access: u32,
}

impl SessionSetupRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(SETUP_REQUEST_SIZE);
        to.u8(self.flags);
        to.u8(self.security_mode);
        to.u32(self.capabilities);
        to.u32(0);
        to.u16((HEADER_LENGTH + 24) as u16);
        to.u16(self.token.len() as u16);
        to.u64(self.previous_session);
        to.buffer(&self.token);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<SessionSetupRequest, DecodeError> {
        from.structure_size("SESSION_SETUP StructureSize", SETUP_REQUEST_SIZE)?;
        let flags = from.u8("Flags")?;
        let security_mode = from.u8("SecurityMode")?;
        let capabilities = from.u32("Capabilities")?;
        from.skip(4, "Channel")?;
        let offset = u32::from(from.u16("SecurityBufferOffset")?);
        let length = u32::from(from.u16("SecurityBufferLength")?);
        let previous_session = from.u64("PreviousSessionId")?;
        let token = from.buffer(offset, length, "SecurityBuffer")?.to_vec();
        Ok(SessionSetupRequest { flags, security_mode, capabilities, previous_session, token })
    }
}

impl SessionSetupResponse {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(SETUP_RESPONSE_SIZE);
        to.u16(self.flags);
        to.u16((HEADER_LENGTH + 8) as u16);
        to.u16(self.token.len() as u16);
        to.bytes(&self.token);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<SessionSetupResponse, DecodeError> {
        from.structure_size("SESSION_SETUP StructureSize", SETUP_RESPONSE_SIZE)?;
        let flags = from.u16("SessionFlags")?;
        let offset = u32::from(from.u16("SecurityBufferOffset")?);
        let length = u32::from(from.u16("SecurityBufferLength")?);
        let token = from.buffer(offset, length, "SecurityBuffer")?.to_vec();
        Ok(SessionSetupResponse { flags, token })
    }
}

pub(crate) fn encode_tree_connect(to: &mut Writer, path: &str) {
    let path = utf16(path);
    to.u16(TREE_REQUEST_SIZE);
    to.u16(0);
    to.u16((HEADER_LENGTH + 8) as u16);
    to.u16(path.len() as u16);
    to.buffer(&path);
}

pub(crate) fn decode_tree_connect(from: &mut Reader<'_>) -> Result<Request, DecodeError> {
    from.structure_size("TREE_CONNECT StructureSize", TREE_REQUEST_SIZE)?;
    from.skip(2, "Flags")?;
    let offset = u32::from(from.u16("PathOffset")?);
    let length = u32::from(from.u16("PathLength")?);
    let path = text(from.buffer(offset, length, "Path")?, offset as usize, "Path")?;
    Ok(Request::TreeConnect { path })
}

impl TreeConnectResponse {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(TREE_RESPONSE_SIZE);
        to.u8(self.share_type);
        to.u8(0);
        to.u32(self.flags);
        to.u32(self.capabilities);
        to.u32(self.maximal_access);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<TreeConnectResponse, DecodeError> {
        from.structure_size("TREE_CONNECT StructureSize", TREE_RESPONSE_SIZE)?;
        let share_type = from.u8("ShareType")?;
        from.skip(1, "Reserved")?;
        Ok(TreeConnectResponse {
            share_type,
            flags: from.u32("ShareFlags")?,
            capabilities: from.u32("Capabilities")?,
            maximal_access: from.u32("MaximalAccess")?,
        })
    }
}
