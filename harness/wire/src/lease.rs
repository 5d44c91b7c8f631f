//! The RqLs create context, request and answer alike (MS-SMB2 2.2.13.2.8, 2.2.13.2.10, 2.2.14.2.10, 2.2.14.2.11).

use oplock_model::{LeaseAnswer, LeaseKey, LeaseRequest, LeaseState};

use crate::bytes::{Reader, Writer};
use crate::{CreateContext, DecodeError};

/// The data of an RqLs context; every number is raw. Its length alone says which version it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseContext {
    /// LeaseKey.
    pub key: LeaseKey,
    /// LeaseState.
    pub state: LeaseState,
    /// LeaseFlags: 0x2 BREAK_IN_PROGRESS in an answer, 0x4 PARENT_LEASE_KEY_SET in version 2.
    pub flags: u32,
    /// What only version 2 has.
    pub v2: Option<LeaseV2>,
}

/// The fields that version 2 adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseV2 {
    /// ParentLeaseKey; says nothing without its flag.
    pub parent: LeaseKey,
    /// Epoch.
    pub epoch: u16,
}

impl LeaseContext {
    /// The name of the create context.
    pub const NAME: [u8; 4] = *b"RqLs";
    /// Length of version 1 in bytes.
    pub const V1_LENGTH: usize = 32;
    /// Length of version 2 in bytes.
    pub const V2_LENGTH: usize = 52;

    /// Reads the data of an RqLs context; reserved words are not looked at.
    ///
    /// # Errors
    /// A [`DecodeError`] where `data` is neither 32 nor 52 bytes long; offsets count in `data`.
    pub fn decode(data: &[u8]) -> Result<LeaseContext, DecodeError> {
        if ![Self::V1_LENGTH, Self::V2_LENGTH].contains(&data.len()) {
            return Err(DecodeError::Value {
                field: "RqLs data length",
                offset: 0,
                found: data.len() as u64,
                expected: "32 or 52",
            });
        }
        let mut from = Reader::new(data);
        let key = from.lease_key("LeaseKey")?;
        let state = LeaseState(from.u32("LeaseState")?);
        let flags = from.u32("LeaseFlags")?;
        from.skip(8, "LeaseDuration")?;
        let v2 = if data.len() == Self::V2_LENGTH {
            let parent = from.lease_key("ParentLeaseKey")?;
            Some(LeaseV2 { parent, epoch: from.u16("Epoch")? })
        } else {
            None
        };
        Ok(LeaseContext { key, state, flags, v2 })
    }

    /// The create context with this data.
    #[must_use]
    pub fn to_context(&self) -> CreateContext {
        let mut to = Writer::default();
        to.lease_key(self.key);
        to.u32(self.state.0);
        to.u32(self.flags);
        to.u64(0);
        if let Some(v2) = self.v2 {
            to.lease_key(v2.parent);
            to.u16(v2.epoch);
            to.u16(0);
        }
        CreateContext { name: Self::NAME.to_vec(), data: to.into_bytes() }
    }
}

impl From<&LeaseRequest> for LeaseContext {
    /// Version 2 where the request says 2, else version 1, which has no place for epoch and parent.
    fn from(request: &LeaseRequest) -> Self {
        let LeaseRequest { key, state, flags, version, epoch, parent } = *request;
        if version != 2 {
            return LeaseContext { key, state, flags, v2: None };
        }
        let parent_flag = if parent.is_some() { LeaseAnswer::PARENT_LEASE_KEY_SET } else { 0 };
        let v2 = Some(LeaseV2 { parent: parent.unwrap_or_default(), epoch });
        LeaseContext { key, state, flags: flags | parent_flag, v2 }
    }
}

impl From<LeaseContext> for LeaseAnswer {
    fn from(context: LeaseContext) -> Self {
        let LeaseContext { key, state, flags, v2 } = context;
        let version = if v2.is_some() { 2 } else { 1 };
        let LeaseV2 { parent, epoch } = v2.unwrap_or_default();
        LeaseAnswer { key, state, flags, version, epoch, parent }
    }
}

impl From<LeaseAnswer> for LeaseContext {
    fn from(answer: LeaseAnswer) -> Self {
        let LeaseAnswer { key, state, flags, version, epoch, parent } = answer;
        LeaseContext { key, state, flags, v2: (version == 2).then_some(LeaseV2 { parent, epoch }) }
    }
}
