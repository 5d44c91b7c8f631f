//! What a CREATE asks for, once its level, its lease context and the dialect have been looked at (MS-SMB2 3.3.5.9,
//! 3.3.5.9.8, 3.3.5.9.11).

use oplock_model::{
    CreateOp, LeaseAnswer, LeaseKey, LeaseRequest, LeaseState, OplockLevel, RuleId, Wanted,
};

use super::state::Server;
use crate::choices::{LeaseContextWithoutLevel, LeaseV2OnDialect21, Leasing};

/// SMB2_CREATE_REQUEST_LEASE and SMB2_CREATE_REQUEST_LEASE_V2 have one name.
const REQUEST_LEASE: &[u8] = b"RqLs";

/// What a CREATE asks for, once the dialect and the form of the request have been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// No oplock, or one that has to be passed over.
    Nothing,
    /// A legacy level.
    Oplock(OplockLevel),
    /// A lease.
    Lease(LeaseRequest),
    /// A lease in a form that the create fails for, with the rule that says so.
    Malformed(RuleId),
}

/// A lease context by its length: one of the two forms, or neither.
type Context = Option<LeaseRequest>;

impl Server {
    /// What the request asks for on this dialect.
    pub(super) fn asked(&mut self, op: &CreateOp) -> Asked {
        let raw = || {
            let mut contexts = op.contexts.iter();
            contexts.find(|(name, _)| name == REQUEST_LEASE).map(|(_, data)| read(data))
        };
        let (level, context) = match op.wanted {
            Wanted::Lease(request) => {
                let known = matches!(request.version, 1 | 2);
                (OplockLevel::LEASE, Some(known.then_some(request)))
            }
            Wanted::Oplock(level) => (level, raw()),
            Wanted::Nothing | Wanted::Request(_) => (OplockLevel::NONE, raw()),
        };
        match context {
            Some(_) if self.choices.leasing == Leasing::NotInServer => {
                self.fire(RuleId::Smb2LeaseServerWithoutLeasing);
                self.asked_level(level)
            }
            Some(context) if level == OplockLevel::LEASE => self.asked_lease(context),
            Some(context)
                if self.choices.lease_context_without_level == LeaseContextWithoutLevel::Taken =>
            {
                self.fire(RuleId::Smb2LeaseContextWithoutLevelTaken);
                self.asked_lease(context)
            }
            Some(_) => {
                self.fire(RuleId::Smb2LeaseContextWithoutLevel);
                self.asked_level(level)
            }
            None => {
                if level == OplockLevel::LEASE {
                    self.fire(RuleId::Smb2LeaseLevelWithoutContext);
                }
                self.asked_level(level)
            }
        }
    }

    /// The level alone; any byte but the three names no oplock that could be granted.
    fn asked_level(&mut self, level: OplockLevel) -> Asked {
        match level {
            OplockLevel::II | OplockLevel::EXCLUSIVE | OplockLevel::BATCH => Asked::Oplock(level),
            _ => {
                self.fire(RuleId::Smb2CreateLevelNone);
                Asked::Nothing
            }
        }
    }

    fn asked_lease(&mut self, context: Context) -> Asked {
        if !self.dialect.has_leases() {
            self.fire(RuleId::Smb2LeaseOn202);
            return Asked::Nothing;
        }
        let Some(request) = context else {
            return Asked::Malformed(RuleId::Smb2LeaseContextLength);
        };
        if request.version == 2 && !self.dialect.has_lease_v2() {
            match self.choices.lease_v2_on_2_1 {
                LeaseV2OnDialect21::Ignored => {
                    self.fire(RuleId::Smb2LeaseV2On21);
                    return Asked::Nothing;
                }
                LeaseV2OnDialect21::Refused => {
                    return Asked::Malformed(RuleId::Smb2LeaseV2On21Refused);
                }
                LeaseV2OnDialect21::Accepted => {}
            }
        }
        if self.choices.leasing == Leasing::NotInStore {
            self.fire(RuleId::Smb2LeaseStoreWithoutLeasing);
            return Asked::Oplock(OplockLevel::BATCH);
        }
        Asked::Lease(request)
    }
}

/// The parent key of this very request: version 2 and flagged.
pub(super) fn parent_key(request: &LeaseRequest) -> Option<LeaseKey> {
    let flagged = request.flags & LeaseAnswer::PARENT_LEASE_KEY_SET != 0;
    request.parent.or(flagged.then(LeaseKey::default)).filter(|_| request.version == 2)
}

/// Reads a lease context: 32 bytes are version 1, 52 are version 2 (MS-SMB2 2.2.13.2.8, 2.2.13.2.10). A parent key
/// counts only with its flag.
fn read(data: &[u8]) -> Context {
    let version = match data.len() {
        32 => 1,
        52 => 2,
        _ => return None,
    };
    let (key, rest) = data.split_first_chunk()?;
    let (state, rest) = rest.split_first_chunk()?;
    let (flags, rest) = rest.split_first_chunk()?;
    let flags = u32::from_le_bytes(*flags);
    let wide = rest.get(8..).and_then(<[u8]>::split_first_chunk);
    let parent = wide.map(|(parent, _)| LeaseKey(*parent));
    let epoch = wide.and_then(|(_, rest)| rest.first_chunk()).copied().map(u16::from_le_bytes);
    Some(LeaseRequest {
        key: LeaseKey(*key),
        state: LeaseState(u32::from_le_bytes(*state)),
        flags,
        version,
        epoch: epoch.unwrap_or_default(),
        parent: parent.filter(|_| flags & LeaseAnswer::PARENT_LEASE_KEY_SET != 0),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn context(length: usize) -> Vec<u8> {
        (0..length).map(|at| at as u8).collect()
    }

    #[rstest]
    #[case(0)]
    #[case(31)]
    #[case(33)]
    #[case(51)]
    #[case(53)]
    fn any_other_length_is_neither(#[case] length: usize) {
        assert_eq!(read(&context(length)), None);
    }

    /// Spec/05 section 12: key, state, flags, duration, then parent key and epoch.
    #[test]
    fn both_forms_read() {
        let first = read(&context(32)).expect("32 bytes are version 1");
        let key: Vec<u8> = (0..16).collect();
        assert_eq!((first.version, first.key.0.to_vec()), (1, key.clone()));
        assert_eq!((first.state.0, first.flags), (0x1312_1110, 0x1716_1514));
        assert_eq!((first.epoch, first.parent), (0, None));

        let second = read(&context(52)).expect("52 bytes are version 2");
        assert_eq!((second.version, second.key.0.to_vec()), (2, key));
        assert_eq!(second.epoch, 0x3130);
        let parent: Vec<u8> = (32..48).collect();
        assert_eq!(second.parent.map(|key| key.0.to_vec()), Some(parent));
        let mut unflagged = context(52);
        unflagged[20..24].copy_from_slice(&[0; 4]);
        assert_eq!(read(&unflagged).and_then(|request| request.parent), None);
    }
}
