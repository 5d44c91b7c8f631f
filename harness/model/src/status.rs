//! NTSTATUS values by name, and their Win32 pairs (MS-ERREF 2.3, 2.2; ntstatus.h where MS-ERREF is silent).

use std::fmt;

use serde::{Deserialize, Serialize};

/// An NTSTATUS value, raw: one that has no name here prints in hex.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status(pub u32);

/// The two top bits of an NTSTATUS (MS-ERREF 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 0: it worked.
    Success,
    /// 1: it worked, with a remark.
    Information,
    /// 2: a warning.
    Warning,
    /// 3: it failed.
    Error,
}

macro_rules! statuses {
    ($($name:ident = $value:literal, $word:literal, $win32:expr;)*) => {
        impl Status {
            $(
                #[doc = concat!("STATUS_", stringify!($name), ".")]
                pub const $name: Status = Status($value);
            )*

            /// Every named status: the word that cases use, the value, and the Win32 code where one is paired with it.
            pub const NAMED: &'static [(&'static str, Status, Option<u32>)] =
                &[$(($word, Status::$name, $win32)),*];
        }
    };
}

statuses! {
    SUCCESS = 0x0000_0000, "success", Some(0);
    PENDING = 0x0000_0103, "pending", Some(997);
    OPLOCK_BREAK_IN_PROGRESS = 0x0000_0108, "oplock_break_in_progress", Some(742);
    NOTIFY_CLEANUP = 0x0000_010B, "notify_cleanup", Some(745);
    OPLOCK_SWITCHED_TO_NEW_HANDLE = 0x0000_0215, "oplock_switched_to_new_handle", Some(800);
    OPLOCK_HANDLE_CLOSED = 0x0000_0216, "oplock_handle_closed", Some(803);
    WAIT_FOR_OPLOCK = 0x0000_0367, "wait_for_oplock", Some(765);
    BUFFER_OVERFLOW = 0x8000_0005, "buffer_overflow", Some(234);
    NO_MORE_FILES = 0x8000_0006, "no_more_files", Some(18);
    CANNOT_GRANT_REQUESTED_OPLOCK = 0x8000_002E, "cannot_grant_requested_oplock", Some(801);
    UNSUCCESSFUL = 0xC000_0001, "unsuccessful", Some(31);
    INVALID_PARAMETER = 0xC000_000D, "invalid_parameter", Some(87);
    INVALID_INFO_CLASS = 0xC000_0003, "invalid_info_class", Some(87);
    INFO_LENGTH_MISMATCH = 0xC000_0004, "info_length_mismatch", Some(24);
    INVALID_HANDLE = 0xC000_0008, "invalid_handle", Some(6);
    NO_SUCH_FILE = 0xC000_000F, "no_such_file", Some(2);
    INVALID_DEVICE_REQUEST = 0xC000_0010, "invalid_device_request", Some(1);
    END_OF_FILE = 0xC000_0011, "end_of_file", Some(38);
    MORE_PROCESSING_REQUIRED = 0xC000_0016, "more_processing_required", Some(234);
    ACCESS_DENIED = 0xC000_0022, "access_denied", Some(5);
    BUFFER_TOO_SMALL = 0xC000_0023, "buffer_too_small", Some(122);
    OBJECT_NAME_INVALID = 0xC000_0033, "object_name_invalid", Some(123);
    OBJECT_NAME_NOT_FOUND = 0xC000_0034, "object_name_not_found", Some(2);
    OBJECT_NAME_COLLISION = 0xC000_0035, "object_name_collision", Some(183);
    OBJECT_PATH_NOT_FOUND = 0xC000_003A, "object_path_not_found", Some(3);
    SHARING_VIOLATION = 0xC000_0043, "sharing_violation", Some(32);
    FILE_LOCK_CONFLICT = 0xC000_0054, "file_lock_conflict", Some(33);
    LOCK_NOT_GRANTED = 0xC000_0055, "lock_not_granted", Some(33);
    DELETE_PENDING = 0xC000_0056, "delete_pending", Some(5);
    EAS_NOT_SUPPORTED = 0xC000_004F, "eas_not_supported", Some(282);
    RANGE_NOT_LOCKED = 0xC000_007E, "range_not_locked", Some(158);
    NO_LOGON_SERVERS = 0xC000_005E, "no_logon_servers", Some(1311);
    NO_SUCH_USER = 0xC000_0064, "no_such_user", Some(1317);
    WRONG_PASSWORD = 0xC000_006A, "wrong_password", Some(86);
    LOGON_FAILURE = 0xC000_006D, "logon_failure", Some(1326);
    ACCOUNT_RESTRICTION = 0xC000_006E, "account_restriction", Some(1327);
    INVALID_LOGON_HOURS = 0xC000_006F, "invalid_logon_hours", Some(1328);
    INVALID_WORKSTATION = 0xC000_0070, "invalid_workstation", Some(1329);
    PASSWORD_EXPIRED = 0xC000_0071, "password_expired", Some(1330);
    ACCOUNT_DISABLED = 0xC000_0072, "account_disabled", Some(1331);
    INSUFFICIENT_RESOURCES = 0xC000_009A, "insufficient_resources", Some(1450);
    FILE_IS_A_DIRECTORY = 0xC000_00BA, "file_is_a_directory", Some(5);
    NOT_SUPPORTED = 0xC000_00BB, "not_supported", Some(50);
    NETWORK_NAME_DELETED = 0xC000_00C9, "network_name_deleted", Some(64);
    BAD_NETWORK_NAME = 0xC000_00CC, "bad_network_name", Some(67);
    TOO_MANY_SESSIONS = 0xC000_00CE, "too_many_sessions", Some(69);
    REQUEST_NOT_ACCEPTED = 0xC000_00D0, "request_not_accepted", Some(71);
    NOT_SAME_DEVICE = 0xC000_00D4, "not_same_device", Some(17);
    OPLOCK_NOT_GRANTED = 0xC000_00E2, "oplock_not_granted", Some(300);
    INVALID_OPLOCK_PROTOCOL = 0xC000_00E3, "invalid_oplock_protocol", Some(301);
    DIRECTORY_NOT_EMPTY = 0xC000_0101, "directory_not_empty", Some(145);
    NOT_A_DIRECTORY = 0xC000_0103, "not_a_directory", Some(267);
    CANCELLED = 0xC000_0120, "cancelled", Some(995);
    CANNOT_DELETE = 0xC000_0121, "cannot_delete", Some(5);
    FILE_DELETED = 0xC000_0123, "file_deleted", Some(5);
    FILE_CLOSED = 0xC000_0128, "file_closed", Some(6);
    INVALID_DEVICE_STATE = 0xC000_0184, "invalid_device_state", Some(22);
    LOGON_TYPE_NOT_GRANTED = 0xC000_015B, "logon_type_not_granted", Some(1385);
    ACCOUNT_EXPIRED = 0xC000_0193, "account_expired", Some(1793);
    INVALID_LOCK_RANGE = 0xC000_01A1, "invalid_lock_range", Some(307);
    USER_SESSION_DELETED = 0xC000_0203, "user_session_deleted", None;
    PASSWORD_MUST_CHANGE = 0xC000_0224, "password_must_change", Some(1907);
    ACCOUNT_LOCKED_OUT = 0xC000_0234, "account_locked_out", Some(1909);
    DUPLICATE_OBJECTID = 0xC000_022A, "duplicate_objectid", None;
    NETWORK_SESSION_EXPIRED = 0xC000_035C, "network_session_expired", None;
    FILE_NOT_AVAILABLE = 0xC000_0467, "file_not_available", None;
    CANNOT_BREAK_OPLOCK = 0xC000_0909, "cannot_break_oplock", Some(802);
}

impl Status {
    /// The word that cases use, where the status has one.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        Status::NAMED.iter().find(|(_, status, _)| *status == self).map(|(word, ..)| *word)
    }

    /// The status of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Status> {
        Status::NAMED.iter().find(|(name, ..)| *name == word).map(|(_, status, _)| *status)
    }

    /// The severity that the top two bits say.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.0 >> 30 {
            0 => Severity::Success,
            1 => Severity::Information,
            2 => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether the severity is error.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self.severity(), Severity::Error)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.word() {
            Some(word) => f.write_str(word),
            None => write!(f, "{:#010x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values_are_unique() {
        for (index, (word, status, _)) in Status::NAMED.iter().enumerate() {
            assert_eq!(Status::from_word(word), Some(*status));
            assert_eq!(status.word(), Some(*word));
            assert!(Status::NAMED[index + 1..].iter().all(|(_, other, _)| other != status));
        }
    }

    #[test]
    fn severity_is_in_the_top_bits() {
        assert_eq!(Status::OPLOCK_BREAK_IN_PROGRESS.severity(), Severity::Success);
        assert_eq!(Status::CANNOT_GRANT_REQUESTED_OPLOCK.severity(), Severity::Warning);
        assert!(Status::CANNOT_BREAK_OPLOCK.is_error());
    }
}
