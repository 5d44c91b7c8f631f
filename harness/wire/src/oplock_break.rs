//! OPLOCK_BREAK in its three sizes: notifications, acknowledgements and their answers (MS-SMB2 2.2.23 to 2.2.25).

use oplock_model::{FileId, LeaseKey, LeaseState, OplockLevel};

use crate::bytes::{Reader, Writer};
use crate::{DecodeError, Request, Response};

/// StructureSize of the oplock form, in all three directions.
const OPLOCK_SIZE: u16 = 24;
/// StructureSize of a lease acknowledgement and its answer.
const LEASE_ACK_SIZE: u16 = 36;
/// StructureSize of a Lease Break Notification.
const LEASE_NOTIFICATION_SIZE: u16 = 44;

/// A Lease Break Notification; every number is raw (MS-SMB2 2.2.23.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseBreakNotification {
    /// NewEpoch; 0 for a version 1 lease.
    pub epoch: u16,
    /// Flags: 0x1 ACK_REQUIRED.
    pub flags: u32,
    /// The lease.
    pub key: LeaseKey,
    /// CurrentLeaseState.
    pub current: LeaseState,
    /// NewLeaseState.
    pub new: LeaseState,
    /// BreakReason, AccessMaskHint and ShareMaskHint: reserved, 0.
    pub reserved: [u32; 3],
}

pub(crate) fn encode_oplock(to: &mut Writer, file: FileId, level: OplockLevel) {
    to.u16(OPLOCK_SIZE);
    to.u8(level.0);
    to.zeros(5);
    to.file(file);
}

pub(crate) fn encode_lease_ack(to: &mut Writer, key: LeaseKey, state: LeaseState, flags: u32) {
    to.u16(LEASE_ACK_SIZE);
    to.u16(0);
    to.u32(flags);
    to.lease_key(key);
    to.u32(state.0);
    to.u64(0);
}

impl LeaseBreakNotification {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(LEASE_NOTIFICATION_SIZE);
        to.u16(self.epoch);
        to.u32(self.flags);
        to.lease_key(self.key);
        to.u32(self.current.0);
        to.u32(self.new.0);
        self.reserved.iter().for_each(|word| to.u32(*word));
    }
}

/// Reads an acknowledgement: StructureSize says which.
pub(crate) fn decode_request(from: &mut Reader<'_>) -> Result<Request, DecodeError> {
    let offset = from.offset();
    match from.u16("OPLOCK_BREAK StructureSize")? {
        OPLOCK_SIZE => {
            let (file, level) = decode_oplock(from)?;
            Ok(Request::OplockAck { file, level })
        }
        LEASE_ACK_SIZE => {
            let (key, state, flags) = decode_lease_ack(from)?;
            Ok(Request::LeaseAck { key, state, flags })
        }
        found => Err(wrong_size(offset, found, "24 or 36")),
    }
}

/// Reads a notification or the answer to an acknowledgement: StructureSize says which.
pub(crate) fn decode_response(from: &mut Reader<'_>) -> Result<Response, DecodeError> {
    let offset = from.offset();
    match from.u16("OPLOCK_BREAK StructureSize")? {
        OPLOCK_SIZE => {
            let (file, level) = decode_oplock(from)?;
            Ok(Response::OplockBreak { file, level })
        }
        LEASE_ACK_SIZE => {
            let (key, state, flags) = decode_lease_ack(from)?;
            Ok(Response::LeaseBreakResponse { key, state, flags })
        }
        LEASE_NOTIFICATION_SIZE => Ok(Response::LeaseBreakNotification(LeaseBreakNotification {
            epoch: from.u16("NewEpoch")?,
            flags: from.u32("Flags")?,
            key: from.lease_key("LeaseKey")?,
            current: LeaseState(from.u32("CurrentLeaseState")?),
            new: LeaseState(from.u32("NewLeaseState")?),
            reserved: [
                from.u32("BreakReason")?,
                from.u32("AccessMaskHint")?,
                from.u32("ShareMaskHint")?,
            ],
        })),
        found => Err(wrong_size(offset, found, "24, 36 or 44")),
    }
}

fn decode_oplock(from: &mut Reader<'_>) -> Result<(FileId, OplockLevel), DecodeError> {
    let level = OplockLevel(from.u8("OplockLevel")?);
    from.skip(5, "Reserved")?;
    Ok((from.file()?, level))
}

fn decode_lease_ack(from: &mut Reader<'_>) -> Result<(LeaseKey, LeaseState, u32), DecodeError> {
    from.skip(2, "Reserved")?;
    let flags = from.u32("Flags")?;
    let key = from.lease_key("LeaseKey")?;
    let state = LeaseState(from.u32("LeaseState")?);
    from.skip(8, "LeaseDuration")?;
    Ok((key, state, flags))
}

fn wrong_size(offset: usize, found: u16, expected: &'static str) -> DecodeError {
    let field = "OPLOCK_BREAK StructureSize";
    DecodeError::Value { field, offset, found: u64::from(found), expected }
}
