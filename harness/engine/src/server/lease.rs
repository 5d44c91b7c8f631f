//! One lease, and the table of leases of all clients (MS-SMB2 3.3.1.11 "Per Lease Table", 3.3.1.12 "Per Lease").

use std::collections::{BTreeMap, BTreeSet};

use oplock_model::{ConnectionId, LeaseAnswer, LeaseKey, LeaseRequest, LeaseState};

use crate::store::OpenId;

/// A client, by the number that stands for its ClientGuid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Client(pub(super) u32);

/// The name of a lease in the server: a key counts within its client only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LeaseName {
    pub(super) client: Client,
    pub(super) key: LeaseKey,
}

/// The lease tables of all clients in one map.
pub(super) type Leases = BTreeMap<LeaseName, Lease>;

/// A lease with the fields of MS-SMB2 3.3.1.12, and the internal open through which the store knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lease {
    /// Lease.Filename, as [`file_name`] spells it.
    pub(super) file: String,
    /// Lease.LeaseState.
    pub(super) state: LeaseState,
    /// Lease.BreakToLeaseState.
    pub(super) break_to: LeaseState,
    /// Lease.Breaking.
    pub(super) breaking: bool,
    /// Lease.Epoch.
    pub(super) epoch: u16,
    /// Lease.ParentLeaseKey, where the first request set its flag.
    pub(super) parent: Option<LeaseKey>,
    /// The version of the request that brought the lease into being.
    pub(super) version: u8,
    /// Lease.FileDeleteOnClose.
    pub(super) delete_on_close: bool,
    /// Lease.LeaseOpens, by the persistent half of their names.
    pub(super) opens: BTreeSet<u64>,
    /// The open that carries the granular oplock, so that it outlives the single opens of the client.
    pub(super) internal: Option<OpenId>,
    /// The connection that carried the last break notification.
    pub(super) notified_on: Option<ConnectionId>,
    /// Whether the last break ended by the timer.
    pub(super) timed_out: bool,
    /// Whether a break runs that the client has not been told of, or not since it came back.
    pub(super) untold: bool,
}

impl Lease {
    /// A lease without state and opens, as the first request finds it.
    pub(super) fn new(file: String, request: &LeaseRequest) -> Lease {
        let flagged = request.flags & LeaseAnswer::PARENT_LEASE_KEY_SET != 0;
        let parent = request.parent.or(flagged.then(LeaseKey::default));
        Lease {
            file,
            state: LeaseState::NONE,
            break_to: LeaseState::NONE,
            breaking: false,
            epoch: request.epoch,
            parent: parent.filter(|_| request.version == 2),
            version: request.version,
            delete_on_close: false,
            opens: BTreeSet::new(),
            internal: None,
            notified_on: None,
            timed_out: false,
            untold: false,
        }
    }

    /// Raises the epoch by one; it wraps (MS-SMB2 3.2.5.19.2 compares modulo 2^16).
    pub(super) fn raise_epoch(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// The epoch that a notification carries: 0 for version 1.
    pub(super) fn notified_epoch(&self) -> u16 {
        if self.version == 2 { self.epoch } else { 0 }
    }

    /// The context of a CREATE answer: version 1 has room for neither a parent key nor an epoch.
    pub(super) fn answer(&self, key: LeaseKey, state: LeaseState, version: u8) -> LeaseAnswer {
        let parent = self.parent.filter(|_| version == 2);
        let breaking = if self.breaking { LeaseAnswer::BREAK_IN_PROGRESS } else { 0 };
        let parented = if parent.is_some() { LeaseAnswer::PARENT_LEASE_KEY_SET } else { 0 };
        LeaseAnswer {
            key,
            state,
            flags: breaking | parented,
            version,
            epoch: if version == 2 { self.epoch } else { 0 },
            parent: parent.unwrap_or_default(),
        }
    }
}

/// One spelling for all names of a file: names differ by neither case nor the written-out default stream.
pub(super) fn file_name(path: &str) -> String {
    let lower = path.to_lowercase();
    let named = lower.strip_suffix(":$data").unwrap_or(&lower);
    named.strip_suffix(':').unwrap_or(named).to_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("f", "f")]
    #[case("Dir/F", "dir/f")]
    #[case("f::$DATA", "f")]
    #[case("f:s:$DATA", "f:s")]
    #[case("f:s", "f:s")]
    fn one_spelling(#[case] path: &str, #[case] name: &str) {
        assert_eq!(file_name(path), name);
    }
}
