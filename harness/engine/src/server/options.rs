//! Create options on the wire (MS-SMB2 2.2.13 "SMB2 CREATE Request", CreateOptions; 3.3.5.9, Open Execution): what is
//! refused, what is passed over, what is cleared, and what reaches the object store.

use oplock_model::{CreateOptions, RuleId, Status};

use super::state::Server;

/// FILE_OPEN_REMOTE_INSTANCE.
const OPEN_REMOTE_INSTANCE: CreateOptions = CreateOptions(0x0000_0400);
/// FILE_OPEN_BY_FILE_ID.
const OPEN_BY_FILE_ID: CreateOptions = CreateOptions(0x0000_2000);
/// FILE_OPEN_FOR_FREE_SPACE_QUERY.
const OPEN_FOR_FREE_SPACE_QUERY: CreateOptions = CreateOptions(0x0080_0000);
/// Every bit that the table of options names; any other bit is refused (MS-SMB2 <41>).
const NAMED: CreateOptions = CreateOptions(0x00F3_FF7F);

/// Every option that is taken out before the store sees the create: cleared, since every handle of the server is
/// asynchronous and waits for breaks, or without meaning over SMB2.
const PASSED_OVER: [(CreateOptions, RuleId); 7] = [
    (CreateOptions::COMPLETE_IF_OPLOCKED, RuleId::Smb2CreateCompleteIfOplockedCleared),
    (CreateOptions::SYNCHRONOUS_IO_ALERT, RuleId::Smb2CreateOptionCleared),
    (CreateOptions::SYNCHRONOUS_IO_NONALERT, RuleId::Smb2CreateOptionCleared),
    (OPEN_FOR_FREE_SPACE_QUERY, RuleId::Smb2CreateOptionCleared),
    (CreateOptions::OPEN_REQUIRING_OPLOCK, RuleId::Smb2CreateOpenRequiringOplockIgnored),
    (CreateOptions::DISALLOW_EXCLUSIVE, RuleId::Smb2CreateOptionIgnored),
    (OPEN_REMOTE_INSTANCE, RuleId::Smb2CreateOptionIgnored),
];

impl Server {
    /// The options that reach the store.
    pub(super) fn check_options(
        &mut self,
        options: CreateOptions,
    ) -> Result<CreateOptions, Status> {
        let refused = CreateOptions::RESERVE_OPFILTER.union(OPEN_BY_FILE_ID);
        if options.0 & refused.0 != 0 || !NAMED.contains(options) {
            self.fire(RuleId::Smb2CreateOptionRefused);
            return Err(Status::NOT_SUPPORTED);
        }
        let mut left = options;
        for (option, rule) in PASSED_OVER {
            if options.contains(option) {
                self.fire(rule);
                left = CreateOptions(left.0 & !option.0);
            }
        }
        Ok(left)
    }
}
