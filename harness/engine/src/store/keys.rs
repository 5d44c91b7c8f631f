//! Who an operation comes from, and whether a holder counts as the same owner.

use oplock_model::{LeaseKey, RuleId};

use super::api::OpenId;
use super::effects::Effects;
use super::oplock::Holder;

/// Who performs an operation: an open, or a create that has none yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Caller {
    /// The open, once there is one.
    pub open: Option<OpenId>,
    /// Its target oplock key.
    pub key: Option<LeaseKey>,
    /// Its parent oplock key.
    pub parent_key: Option<LeaseKey>,
}

/// Whether caller and holder count as one owner: MS-FSA 2.1.4.12.2 "Algorithm to Compare Oplock Keys", without its PARENT flag.
pub(super) fn keys_match(caller: &Caller, holder: &Holder) -> bool {
    matching(caller, holder).0
}

/// The same, and records the rule that decided it.
pub(super) fn keys_match_by_rule(caller: &Caller, holder: &Holder, effects: &mut Effects) -> bool {
    let (matches, rule) = matching(caller, holder);
    effects.rule(rule);
    matches
}

/// The same algorithm with its PARENT flag: the holder has its oplock on the directory of what the caller changes.
pub(super) fn parent_key_matches(caller: &Caller, holder: &Holder) -> bool {
    matching_parent(caller, holder).0
}

/// The same, and records the rule that decided it.
pub(super) fn parent_key_matches_by_rule(
    caller: &Caller,
    holder: &Holder,
    effects: &mut Effects,
) -> bool {
    let (matches, rule) = matching_parent(caller, holder);
    effects.rule(rule);
    matches
}

fn matching(caller: &Caller, holder: &Holder) -> (bool, RuleId) {
    if caller.open == Some(holder.open) {
        return (true, RuleId::FsaKeySameOpen);
    }
    match (caller.key, holder.key) {
        (Some(mine), Some(theirs)) if mine == theirs => (true, RuleId::FsaKeyEqual),
        (Some(_), Some(_)) => (false, RuleId::FsaKeyDifferent),
        _ => (false, RuleId::FsaKeyNone),
    }
}

fn matching_parent(caller: &Caller, holder: &Holder) -> (bool, RuleId) {
    if caller.open == Some(holder.open) {
        return (true, RuleId::FsaKeySameOpen);
    }
    match (caller.parent_key, holder.key) {
        (Some(mine), Some(theirs)) if mine == theirs => (true, RuleId::FsaKeyParentEqual),
        (Some(_), Some(_)) => (false, RuleId::FsaKeyParentDifferent),
        _ => (false, RuleId::FsaKeyParentNone),
    }
}
