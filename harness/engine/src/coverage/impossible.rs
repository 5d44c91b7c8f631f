//! Cells that cannot be reached: each with a reason from a closed list and the rule that makes it so.

use oplock_model::RuleId;

use super::cell::By;
use super::server_words::{ServerOperation, ServerState};
use super::store_words::StoreOperation as Op;
use super::store_words::StoreState;
use super::words::words;

words! {
    /// Why a cell cannot be reached.
    Reason {
        NothingHeld = "nothing is held", "Nobody holds anything, so nobody is its holder, has its key, or takes it back.";
        NoHandleYet = "no handle yet", "An open makes its handle, so the handle is never the holder's own.";
        AnotherFile = "another file's handle", "It is done through the handle of another file or directory, which holds nothing here.";
        NoKey = "no key", "The server's own open of a directory has no oplock key.";
        OnlyOnFiles = "only on files", "A directory holds nothing but R and RH.";
        AccessBreaks = "the access breaks it", "A stranger's handle that may do this would have broken the oplock when it was opened.";
        AttributesOnly = "attributes only", "The handle has attribute access only, with everything shared, and cannot do this or stand in the way.";
        NobodyWaits = "nobody waits", "Nobody waits where nothing breaks and nothing is reserved.";
        OwnRequest = "own request", "A granted request belongs to the handle that made it.";
        RequestOver = "request over", "The break has completed the request already.";
        NotALease = "not a lease", "An open with an oplock has no lease key by which it could be named.";
        NoTimer = "no timer", "A timer runs only while an acknowledgement is awaited.";
    }
}

/// An impossible cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Impossible {
    /// Why.
    pub reason: Reason,
    /// The rule that makes it so.
    pub rule: RuleId,
}

const fn because(reason: Reason, rule: RuleId) -> Option<Impossible> {
    Some(Impossible { reason, rule })
}

pub(super) fn at_store(state: StoreState, operation: Op, by: By) -> Option<Impossible> {
    own(state, operation, by)
        .or_else(|| on_directories(state, operation))
        .or_else(|| by_access(state, operation, by))
        .or_else(|| by_cancelling(state, operation, by))
}

/// Who can be the holder, or have its key.
fn own(state: StoreState, operation: Op, by: By) -> Option<Impossible> {
    if by == By::Stranger {
        return None;
    }
    if state == StoreState::None {
        return because(Reason::NothingHeld, RuleId::FsaCheckBreakNothingHeld);
    }
    match (operation, by) {
        (
            Op::OpenAttributes
            | Op::OpenReadControl
            | Op::OpenReading
            | Op::OpenMore
            | Op::OpenOverwriting
            | Op::OpenViolating
            | Op::OverwriteViolating
            | Op::OpenCompleting
            | Op::OpenRequiring
            | Op::OpenReserving
            | Op::OpenColliding
            | Op::OtherStreamOverwritten,
            By::Holder,
        ) => because(Reason::NoHandleYet, RuleId::FsaKeySameOpen),
        (Op::RenameOnto | Op::LinkOnto | Op::RenameAbove | Op::ChildChanged, By::Holder) => {
            because(Reason::AnotherFile, RuleId::FsaKeySameOpen)
        }
        (Op::DestinationOpened, _) => because(Reason::NoKey, RuleId::FsaKeyNone),
        _ => None,
    }
}

/// What happens to directories only.
fn on_directories(state: StoreState, operation: Op) -> Option<Impossible> {
    let of_directory = matches!(operation, Op::ChildChanged | Op::DestinationOpened);
    let on_directory = matches!(
        state,
        StoreState::None
            | StoreState::R
            | StoreState::Rh
            | StoreState::RAndRh
            | StoreState::RhToR
            | StoreState::RhToNone
            | StoreState::RhToBoth
            | StoreState::RhBesideBreaking
            | StoreState::RBesideBreaking
            | StoreState::RhClosePending
            | StoreState::Reserved
    );
    if of_directory && !on_directory {
        return because(Reason::OnlyOnFiles, RuleId::FsaRequestDirectoryLevel);
    }
    None
}

/// What needs access that no handle beside this state has.
fn by_access(state: StoreState, operation: Op, by: By) -> Option<Impossible> {
    let beyond_attributes = matches!(
        operation,
        Op::Read
            | Op::Write
            | Op::Flush
            | Op::Lock
            | Op::Unlock
            | Op::EndOfFile
            | Op::Allocation
            | Op::ValidDataLength
            | Op::Rename
            | Op::ShortName
            | Op::Delete
            | Op::Undelete
            | Op::Security
            | Op::ZeroData
            | Op::WritableSection
            | Op::ReadOnlySection
            | Op::DeleteOnClose
    );
    let setting_attributes = matches!(operation, Op::Basic | Op::OtherControl);
    let violating = matches!(operation, Op::OpenViolating | Op::OverwriteViolating);
    match (state, by) {
        (StoreState::Exclusive, By::Stranger) if beyond_attributes => {
            because(Reason::AccessBreaks, RuleId::FsaCheckBreakOpenLevelOneToTwo)
        }
        (StoreState::Batch, By::Stranger) if beyond_attributes => {
            because(Reason::AccessBreaks, RuleId::FsaCheckBreakOpenBatchToTwo)
        }
        (StoreState::FilterReserved, By::Holder) if beyond_attributes || setting_attributes => {
            because(Reason::AttributesOnly, RuleId::FsaCreateReserveFilterRefused)
        }
        (StoreState::FilterReserved, _) if violating => {
            because(Reason::AttributesOnly, RuleId::FsaCreateReserveFilterRefused)
        }
        _ => None,
    }
}

/// Who waits, and whose request can be taken back.
fn by_cancelling(state: StoreState, operation: Op, by: By) -> Option<Impossible> {
    match operation {
        Op::CancelRequest if by != By::Holder => match state {
            StoreState::None => because(Reason::NothingHeld, RuleId::FsaCheckBreakNothingHeld),
            _ => because(Reason::OwnRequest, RuleId::FsaCancelRequest),
        },
        Op::CancelRequest => match state {
            StoreState::FilterReserved => {
                because(Reason::NothingHeld, RuleId::FsaCheckBreakNothingHeld)
            }
            _ if request_is_over(state) => because(Reason::RequestOver, RuleId::FsaCancelRequest),
            _ => None,
        },
        Op::CancelWaiting => match (state, by) {
            (
                StoreState::None
                | StoreState::Ii
                | StoreState::Exclusive
                | StoreState::Batch
                | StoreState::Filter
                | StoreState::R
                | StoreState::Rh
                | StoreState::IiAndR
                | StoreState::RAndRh
                | StoreState::FilterReserved,
                _,
            )
            | (StoreState::Rw | StoreState::Rwh, By::Holder) => {
                because(Reason::NobodyWaits, RuleId::FsaCancelWaiter)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether nobody there has a request that pends.
fn request_is_over(state: StoreState) -> bool {
    matches!(
        state,
        StoreState::ExclusiveToTwo
            | StoreState::ExclusiveToNone
            | StoreState::ExclusiveDeepened
            | StoreState::BatchToTwo
            | StoreState::BatchToNone
            | StoreState::BatchDeepened
            | StoreState::BatchClosePending
            | StoreState::FilterToNone
            | StoreState::FilterClosePending
            | StoreState::RwToR
            | StoreState::RwToNone
            | StoreState::RwDeepened
            | StoreState::RwhToRh
            | StoreState::RwhToRw
            | StoreState::RwhToNone
            | StoreState::RwhDeepenedToR
            | StoreState::RwhDeepenedToNone
            | StoreState::GranularClosePending
            | StoreState::RhToR
            | StoreState::RhToNone
            | StoreState::RhToBoth
            | StoreState::RhClosePending
    )
}

pub(super) fn at_server(state: ServerState, operation: ServerOperation) -> Option<Impossible> {
    let lease = state >= ServerState::LeaseNone;
    match operation {
        ServerOperation::CreateSameNone
        | ServerOperation::CreateSameR
        | ServerOperation::CreateSameRh
        | ServerOperation::CreateSameRw
        | ServerOperation::CreateSameRwh
        | ServerOperation::CreateSameIllegal
            if !lease =>
        {
            because(Reason::NotALease, RuleId::Smb2LeaseKeyToStore)
        }
        ServerOperation::AckLeaseNone
        | ServerOperation::AckLeaseR
        | ServerOperation::AckLeaseRh
        | ServerOperation::AckLeaseRw
        | ServerOperation::AckLeaseRwh
        | ServerOperation::AckLeaseIllegal
            if !lease =>
        {
            because(Reason::NotALease, RuleId::Smb2AckLeaseUnknown)
        }
        ServerOperation::Broken => match state {
            ServerState::None | ServerState::IiToNone | ServerState::LeaseNone => {
                because(Reason::NothingHeld, RuleId::FsaCheckBreakNothingHeld)
            }
            _ if is_breaking(state) && lease => {
                because(Reason::RequestOver, RuleId::FsaBreakingGranularJoins)
            }
            _ if is_breaking(state) => because(Reason::RequestOver, RuleId::FsaBreakingLegacyJoins),
            _ => None,
        },
        ServerOperation::Timer if !is_breaking(state) => because(
            Reason::NoTimer,
            if lease { RuleId::Smb2TimerLeaseBreak } else { RuleId::Smb2TimerOplockBreak },
        ),
        _ => None,
    }
}

fn is_breaking(state: ServerState) -> bool {
    !matches!(
        state,
        ServerState::None
            | ServerState::Ii
            | ServerState::Exclusive
            | ServerState::Batch
            | ServerState::LeaseNone
            | ServerState::LeaseR
            | ServerState::LeaseRh
            | ServerState::LeaseRw
            | ServerState::LeaseRwh
    )
}
