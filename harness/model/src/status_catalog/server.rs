//! The statuses that only the SMB2 layer gives, or that mean something of their own there.

use super::entry::{Pairing, StatusEntry, Win32};
use crate::Status;

/// In the order of their values.
pub(super) const SERVER: &[StatusEntry] = &[
    StatusEntry {
        status: Status::MORE_PROCESSING_REQUIRED,
        win32: Some(Win32 { name: "ERROR_MORE_DATA", number: 234 }),
        pairing: Pairing::Unverified,
        meaning: "A login needs another round. It belongs to SESSION_SETUP and has nothing to do \
                  with oplocks.",
        causes: &["every login with NTLM or Kerberos in more than one leg"],
        remedies: &["send the next token"],
    },
    StatusEntry {
        status: Status::LOGON_FAILURE,
        win32: Some(Win32 { name: "ERROR_LOGON_FAILURE", number: 1326 }),
        pairing: Pairing::Unverified,
        meaning: "The server refused the login, so no oplock was asked for at all.",
        causes: &["a wrong user name, password or domain"],
        remedies: &["check the account and how the password is given to the run"],
    },
    StatusEntry {
        status: Status::NO_LOGON_SERVERS,
        win32: Some(Win32 { name: "ERROR_NO_LOGON_SERVERS", number: 1311 }),
        pairing: Pairing::Unverified,
        meaning: "The server could not ask the domain controller that knows the account, so no oplock was asked for at all.",
        causes: &["the domain controller is down or cannot be reached from the server"],
        remedies: &[
            "log in with an account of the server itself",
            "bring the domain controller back",
        ],
    },
    StatusEntry {
        status: Status::NO_SUCH_USER,
        win32: Some(Win32 { name: "ERROR_NO_SUCH_USER", number: 1317 }),
        pairing: Pairing::Unverified,
        meaning: "The server knows no such account, so no oplock was asked for at all.",
        causes: &["a misspelled user name or domain"],
        remedies: &["check the account in the address"],
    },
    StatusEntry {
        status: Status::WRONG_PASSWORD,
        win32: Some(Win32 { name: "ERROR_INVALID_PASSWORD", number: 86 }),
        pairing: Pairing::Unverified,
        meaning: "The password is wrong, so no oplock was asked for at all. Most servers say STATUS_LOGON_FAILURE instead.",
        causes: &["a wrong password"],
        remedies: &["check how the password is given to the run"],
    },
    StatusEntry {
        status: Status::ACCOUNT_RESTRICTION,
        win32: Some(Win32 { name: "ERROR_ACCOUNT_RESTRICTION", number: 1327 }),
        pairing: Pairing::Unverified,
        meaning: "User and password are right and a policy of the account forbids the login, so no oplock was asked for at all.",
        causes: &["an empty password", "a restriction of hours or machines"],
        remedies: &["check the policies of the account on the server"],
    },
    StatusEntry {
        status: Status::INVALID_LOGON_HOURS,
        win32: Some(Win32 { name: "ERROR_INVALID_LOGON_HOURS", number: 1328 }),
        pairing: Pairing::Unverified,
        meaning: "The account may not log in at this hour, so no oplock was asked for at all.",
        causes: &["the logon hours of the account"],
        remedies: &["widen the logon hours, or use an account without them"],
    },
    StatusEntry {
        status: Status::INVALID_WORKSTATION,
        win32: Some(Win32 { name: "ERROR_INVALID_WORKSTATION", number: 1329 }),
        pairing: Pairing::Unverified,
        meaning: "The account may not log in from this machine, so no oplock was asked for at all.",
        causes: &["the list of machines of the account"],
        remedies: &["allow all machines, or use an account without such a list"],
    },
    StatusEntry {
        status: Status::PASSWORD_EXPIRED,
        win32: Some(Win32 { name: "ERROR_PASSWORD_EXPIRED", number: 1330 }),
        pairing: Pairing::Unverified,
        meaning: "The password has expired, so no oplock was asked for at all.",
        causes: &["the greatest age of a password is reached"],
        remedies: &["set a new password on the server"],
    },
    StatusEntry {
        status: Status::ACCOUNT_DISABLED,
        win32: Some(Win32 { name: "ERROR_ACCOUNT_DISABLED", number: 1331 }),
        pairing: Pairing::Unverified,
        meaning: "The account is disabled, so no oplock was asked for at all.",
        causes: &["somebody disabled it"],
        remedies: &["enable it on the server"],
    },
    StatusEntry {
        status: Status::LOGON_TYPE_NOT_GRANTED,
        win32: Some(Win32 { name: "ERROR_LOGON_TYPE_NOT_GRANTED", number: 1385 }),
        pairing: Pairing::Unverified,
        meaning: "The account may not log in over the network, so no oplock was asked for at all.",
        causes: &["the right to access this computer from the network is missing"],
        remedies: &["grant the right, or use another account"],
    },
    StatusEntry {
        status: Status::ACCOUNT_EXPIRED,
        win32: Some(Win32 { name: "ERROR_ACCOUNT_EXPIRED", number: 1793 }),
        pairing: Pairing::Unverified,
        meaning: "The account has expired, so no oplock was asked for at all.",
        causes: &["its last day is over"],
        remedies: &["extend the account on the server"],
    },
    StatusEntry {
        status: Status::PASSWORD_MUST_CHANGE,
        win32: Some(Win32 { name: "ERROR_PASSWORD_MUST_CHANGE", number: 1907 }),
        pairing: Pairing::Unverified,
        meaning: "The password must be changed before the first login, so no oplock was asked for at all.",
        causes: &["a fresh account, or an administrator reset the password"],
        remedies: &["set a new password on the server"],
    },
    StatusEntry {
        status: Status::ACCOUNT_LOCKED_OUT,
        win32: Some(Win32 { name: "ERROR_ACCOUNT_LOCKED_OUT", number: 1909 }),
        pairing: Pairing::Unverified,
        meaning: "The account is locked out, so no oplock was asked for at all.",
        causes: &["too many wrong passwords"],
        remedies: &["unlock the account on the server, or wait until it unlocks itself"],
    },
    StatusEntry {
        status: Status::TOO_MANY_SESSIONS,
        win32: Some(Win32 { name: "ERROR_TOO_MANY_SESS", number: 69 }),
        pairing: Pairing::Unverified,
        meaning: "The server takes no more sessions, so no oplock was asked for at all.",
        causes: &["more connections than the server is configured for"],
        remedies: &["lower --jobs", "raise the limit on the server"],
    },
    StatusEntry {
        status: Status::BAD_NETWORK_NAME,
        win32: Some(Win32 { name: "ERROR_BAD_NET_NAME", number: 67 }),
        pairing: Pairing::Unverified,
        meaning: "The server has no share of that name, so no oplock was asked for at all.",
        causes: &["a misspelled share, or one that is not published"],
        remedies: &["check the name of the share"],
    },
    StatusEntry {
        status: Status::NOT_SUPPORTED,
        win32: Some(Win32 { name: "ERROR_NOT_SUPPORTED", number: 50 }),
        pairing: Pairing::Table,
        meaning: "The server does not do this over SMB2. Oplock controls sent by IOCTL and \
                  creates that reserve a Filter oplock end so by design.",
        causes: &[
            "FILE_RESERVE_OPFILTER, FILE_OPEN_BY_FILE_ID or an unknown create option over SMB2",
            "an oplock FSCTL sent as an SMB2 IOCTL",
        ],
        remedies: &[
            "ask for oplocks and leases in the create; acknowledge with OPLOCK_BREAK",
            "use the local interface where Filter oplocks or oplock controls are needed",
        ],
    },
    StatusEntry {
        status: Status::NETWORK_NAME_DELETED,
        win32: Some(Win32 { name: "ERROR_NETNAME_DELETED", number: 64 }),
        pairing: Pairing::Unverified,
        meaning: "The tree connect of the request is gone, and with it its opens, durable ones \
                  included.",
        causes: &[
            "a tree disconnect, or a share that was removed",
            "an acknowledgement with a wrong tree id",
        ],
        remedies: &["connect again; what was cached under the old opens is no longer valid"],
    },
    StatusEntry {
        status: Status::REQUEST_NOT_ACCEPTED,
        win32: Some(Win32 { name: "ERROR_REQ_NOT_ACCEP", number: 71 }),
        pairing: Pairing::Table,
        meaning: "Over SMB2: an acknowledgement asked for more than the break allows. For a \
                  lease the break stays open and may be acknowledged again.",
        causes: &[
            "a lease acknowledgement whose state is no subset of the offered one",
            "an oplock acknowledgement after the break deepened to none",
        ],
        remedies: &[
            "acknowledge exactly the state of the notification, or less",
            "send the corrected lease acknowledgement before the server's time is over",
        ],
    },
    StatusEntry {
        status: Status::FILE_CLOSED,
        win32: Some(Win32 { name: "ERROR_INVALID_HANDLE", number: 6 }),
        pairing: Pairing::Table,
        meaning: "The file id names no open of the server. As the header status of a lease break \
                  it says that the server itself closed the last open.",
        causes: &[
            "an acknowledgement for a handle that was closed meanwhile, by either side",
            "the persistent half of the file id is wrong",
        ],
        remedies: &[
            "drop the oplock: a close ends the break by itself",
            "open the file again if it is still needed",
        ],
    },
    StatusEntry {
        status: Status::INVALID_DEVICE_STATE,
        win32: Some(Win32 { name: "ERROR_BAD_COMMAND", number: 22 }),
        pairing: Pairing::Table,
        meaning: "Over SMB2: an oplock was acknowledged that is not breaking. The open keeps its \
                  level.",
        causes: &[
            "the break was acknowledged before, or timed out at the server (35 s)",
            "an acknowledgement without any notification",
        ],
        remedies: &[
            "acknowledge each oplock notification once and in time",
            "other servers and older documents answer STATUS_INVALID_OPLOCK_PROTOCOL here; \
             accept either from them",
        ],
    },
    StatusEntry {
        status: Status::USER_SESSION_DELETED,
        win32: None,
        pairing: Pairing::Unverified,
        meaning: "The session of the request is gone. Opens that are not kept for a reconnect \
                  are closed, their oplocks and leases with them.",
        causes: &[
            "a log-off, a lost connection, or a server restart",
            "an acknowledgement with a wrong session id",
        ],
        remedies: &["log in again; reconnect durable handles, and drop what other handles cached"],
    },
    StatusEntry {
        status: Status::DUPLICATE_OBJECTID,
        win32: None,
        pairing: Pairing::Unverified,
        meaning: "A create for a durable handle used a create guid that is in use, and did not \
                  say that it is a replay.",
        causes: &[
            "a client that reuses create guids",
            "a create sent again after a channel failed, without the replay flag",
        ],
        remedies: &[
            "make a fresh create guid for each open",
            "set the replay flag when a create is sent again",
        ],
    },
    StatusEntry {
        status: Status::NETWORK_SESSION_EXPIRED,
        win32: None,
        pairing: Pairing::Unverified,
        meaning: "The credentials of the session are over their time. Creates and \
                  acknowledgements fail until it is renewed, while close, lock and log-off still \
                  work.",
        causes: &["a Kerberos ticket that ran out"],
        remedies: &[
            "authenticate the session again, then send the acknowledgement once more",
            "do it within the break time, else the server takes the oplock or lease away",
        ],
    },
    StatusEntry {
        status: Status::FILE_NOT_AVAILABLE,
        win32: None,
        pairing: Pairing::Unverified,
        meaning: "The file is held by a persistent handle whose client is disconnected, or the \
                  first attempt of a replayed create is still waiting.",
        causes: &[
            "a persistent handle without handle caching, kept for its client to come back",
            "a create that is replayed while the original waits for a break",
        ],
        remedies: &[
            "try again: the handle is reclaimed or expires",
            "for a replay, wait for the original and ask again",
        ],
    },
];
