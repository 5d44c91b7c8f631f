//! MS-FSA 2.1.5.1.2.2 "Algorithm to Check Sharing Access to an Existing Stream or Directory".

use oplock_model::{Access, Level, RuleId, Share};

use super::api::StreamId;
use super::keys::{Caller, keys_match};
use super::objects::{Open, Store, Stream};
use super::oplock::Oplock;

/// The kinds of access that can violate sharing, with the share bit that each needs.
const GUARDED: [(Access, Share); 3] = [
    (Access::READ_DATA.union(Access::EXECUTE), Share::READ),
    (Access::WRITE_DATA.union(Access::APPEND_DATA), Share::WRITE),
    (Access::DELETE, Share::DELETE),
];

impl Store {
    /// Whether an open with that access and share mode conflicts with one that exists.
    ///
    /// Deleting concerns the whole file: it is also checked between the primary stream and the others.
    pub(super) fn violates_sharing(&mut self, id: StreamId, access: Access, share: Share) -> bool {
        if !is_guarded(access) {
            self.effects.rule(RuleId::FsaCreateAttributesNeverConflict);
            return false;
        }
        let Some(stream) = self.streams.get(&id) else { return false };
        let on_stream = self.opens_of(stream).any(|other| conflicts(access, share, other));
        on_stream || self.violates_delete_sharing(id, stream, access, share)
    }

    /// The opens of the other streams of the file that deleting concerns.
    fn violates_delete_sharing(
        &self,
        id: StreamId,
        stream: &Stream,
        access: Access,
        share: Share,
    ) -> bool {
        let Some(file) = self.files.get(&stream.file) else { return false };
        file.streams()
            .filter(|other| *other != id && (id == file.primary || *other == file.primary))
            .filter_map(|other| self.streams.get(&other))
            .flat_map(|other| self.opens_of(other))
            .filter(|other| is_guarded(other.access))
            .any(|other| {
                (access.intersects(Access::DELETE) && !other.share.contains(Share::DELETE))
                    || (other.access.intersects(Access::DELETE) && !share.contains(Share::DELETE))
            })
    }

    fn opens_of(&self, stream: &Stream) -> impl Iterator<Item = &Open> {
        stream.opens.iter().filter_map(|open| self.opens.get(open))
    }
}

/// The rule by which a sharing violation leaves what is held alone.
pub(super) fn kept_rule(oplock: &Oplock, caller: &Caller) -> Option<RuleId> {
    let exclusive = oplock.exclusive.as_ref().map(|held| (held.level, &held.holder));
    match exclusive {
        Some((Level::Exclusive, _)) => Some(RuleId::FsaCheckBreakSharingViolationLevelOne),
        Some((Level::Rw, _)) => Some(RuleId::FsaCheckBreakSharingViolationRw),
        Some((Level::Rwh, holder)) if keys_match(caller, holder) => {
            Some(RuleId::FsaCheckBreakSharingViolationSameKey)
        }
        Some(_) => None,
        None if !oplock.read_handle.is_empty() => {
            Some(RuleId::FsaCheckBreakSharingViolationSameKey)
        }
        None if !oplock.read.is_empty() || !oplock.level_two.is_empty() => {
            Some(RuleId::FsaCheckBreakSharingViolationIiOrR)
        }
        None => None,
    }
}

fn conflicts(access: Access, share: Share, other: &Open) -> bool {
    is_guarded(access)
        && is_guarded(other.access)
        && GUARDED.iter().any(|(bits, bit)| {
            (access.intersects(*bits) && !other.share.contains(*bit))
                || (other.access.intersects(*bits) && !share.contains(*bit))
        })
}

fn is_guarded(access: Access) -> bool {
    GUARDED.iter().any(|(bits, _)| access.intersects(*bits))
}
