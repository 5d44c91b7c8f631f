//! LOCK and its elements (MS-SMB2 2.2.26).

use oplock_model::FileId;

use crate::DecodeError;
use crate::bytes::{Reader, Writer};

const REQUEST_SIZE: u16 = 48;

/// A LOCK request; every number is raw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockRequest {
    /// The open.
    pub file: FileId,
    /// LockSequenceNumber and LockSequenceIndex in one word; reserved in SMB 2.0.2.
    pub sequence: u32,
    /// The locks, in order.
    pub elements: Vec<LockElement>,
}

/// One range of a LOCK (MS-SMB2 2.2.26.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockElement {
    /// First byte.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// Bits as [`LockElement::SHARED`].
    pub flags: u32,
}

impl LockElement {
    /// SMB2_LOCKFLAG_SHARED_LOCK.
    pub const SHARED: u32 = 0x1;
    /// SMB2_LOCKFLAG_EXCLUSIVE_LOCK.
    pub const EXCLUSIVE: u32 = 0x2;
    /// SMB2_LOCKFLAG_UNLOCK.
    pub const UNLOCK: u32 = 0x4;
    /// SMB2_LOCKFLAG_FAIL_IMMEDIATELY.
    pub const FAIL_IMMEDIATELY: u32 = 0x10;
}

impl LockRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(REQUEST_SIZE);
        to.u16(self.elements.len() as u16);
        to.u32(self.sequence);
        to.file(self.file);
        for element in &self.elements {
            to.u64(element.offset);
            to.u64(element.length);
            to.u32(element.flags);
            to.u32(0);
        }
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<LockRequest, DecodeError> {
        from.structure_size("LOCK StructureSize", REQUEST_SIZE)?;
        let count = from.u16("LockCount")?;
        let sequence = from.u32("LockSequenceNumber")?;
        let file = from.file()?;
        let elements = (0..count)
            .map(|_| {
                let offset = from.u64("lock Offset")?;
                let length = from.u64("lock Length")?;
                let flags = from.u32("lock Flags")?;
                from.skip(4, "lock Reserved")?;
                Ok(LockElement { offset, length, flags })
            })
            .collect::<Result<Vec<_>, DecodeError>>()?;
        Ok(LockRequest { file, sequence, elements })
    }
}
