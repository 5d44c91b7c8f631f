//! Resilient opens (MS-SMB2 3.3.5.15.9 "Handling a Resiliency Request").

use oplock_model::{Dialect, RuleId, Status};

use super::durable::LONGEST_TIMEOUT_MILLIS;
use super::state::Server;

/// How long a resilient open is kept where its client names no time, in milliseconds.
const RESILIENT_TIMEOUT_MILLIS: u32 = 120_000;

impl Server {
    /// FSCTL_LMR_REQUEST_RESILIENCY on an open, for `timeout` milliseconds.
    pub(super) fn make_resilient(&mut self, id: u64, timeout: u32) -> Status {
        if self.dialect == Dialect::Smb2_0_2 {
            self.fire(RuleId::Smb2ResilientOldDialect);
            return Status::INVALID_DEVICE_REQUEST;
        }
        if timeout > LONGEST_TIMEOUT_MILLIS {
            self.fire(RuleId::Smb2ResilientTooLong);
            return Status::INVALID_PARAMETER;
        }
        let Some(open) = self.opens.get_mut(&id) else { return Status::FILE_CLOSED };
        open.durability.durable = open.durability.persistent;
        open.durability.resilient =
            Some(if timeout == 0 { RESILIENT_TIMEOUT_MILLIS } else { timeout });
        self.fire(RuleId::Smb2ResilientGranted);
        Status::SUCCESS
    }
}
