//! The statuses of the object store that oplock rules use, or that a case can meet on its way.

use super::entry::{Pairing, StatusEntry, Win32};
use crate::Status;

/// Success first, then by value.
pub(super) const STORE: &[StatusEntry] = &[
    StatusEntry {
        status: Status::SUCCESS,
        win32: Some(Win32 { name: "ERROR_SUCCESS", number: 0 }),
        pairing: Pairing::Values,
        meaning: "It worked. As the end of a pending legacy oplock request it means that the \
                  oplock broke, and the information field says to which level.",
        causes: &[
            "the operation was done",
            "a granted Level 1, Level II, Batch or Filter request completed by a break or by the \
             close of its handle",
            "an acknowledgement was taken, and no oplock is left",
            "granular level 0 was asked for, which creates nothing",
        ],
        remedies: &[
            "for an oplock request that ends so, read the information: 7 is broken to Level II, \
             8 is broken to none",
            "an oplock request that is granted answers STATUS_PENDING; success at once means \
             that no oplock is held",
        ],
    },
    StatusEntry {
        status: Status::PENDING,
        win32: Some(Win32 { name: "ERROR_IO_PENDING", number: 997 }),
        pairing: Pairing::Values,
        meaning: "For an oplock request it means granted: the request stays open until the \
                  oplock breaks or ends. For any other operation it means that it waits, often \
                  for an acknowledgement; over SMB2 it is the interim response.",
        causes: &[
            "an oplock was granted",
            "an acknowledgement was taken and holds the remaining oplock",
            "an open, read, write or the like waits for a break",
        ],
        remedies: &[
            "keep an oplock request pending; a cancelled one gives the oplock up",
            "wait for the final answer; over SMB2 match it by the async id",
            "if a waiting open never ends, look at the holder, who owes an acknowledgement or a \
             close",
        ],
    },
    StatusEntry {
        status: Status::NOTIFY_CLEANUP,
        win32: Some(Win32 { name: "ERROR_NOTIFY_CLEANUP", number: 745 }),
        pairing: Pairing::Unverified,
        meaning: "A change notification ended because its directory handle was closed. It has \
                  nothing to do with oplocks, and is listed since both complete on close.",
        causes: &["the handle of a pending change notification was closed"],
        remedies: &["do not take it for the end of an oplock, which completes with \
             STATUS_OPLOCK_HANDLE_CLOSED or with success"],
    },
    StatusEntry {
        status: Status::BUFFER_OVERFLOW,
        win32: Some(Win32 { name: "ERROR_MORE_DATA", number: 234 }),
        pairing: Pairing::Unverified,
        meaning: "The buffer took only part of the data. It says nothing about oplocks: a query \
                  neither breaks nor needs one.",
        causes: &["a query with a buffer that is too small for all of the answer"],
        remedies: &["ask again with a larger buffer"],
    },
    StatusEntry {
        status: Status::NO_MORE_FILES,
        win32: Some(Win32 { name: "ERROR_NO_MORE_FILES", number: 18 }),
        pairing: Pairing::Unverified,
        meaning: "A directory listing is at its end. A listing breaks no oplock, a directory \
                  lease included.",
        causes: &["all entries were delivered"],
        remedies: &["stop listing"],
    },
    StatusEntry {
        status: Status::UNSUCCESSFUL,
        win32: Some(Win32 { name: "ERROR_GEN_FAILURE", number: 31 }),
        pairing: Pairing::Table,
        meaning: "Over SMB2: a lease was acknowledged that is not breaking. The lease stays as \
                  it is.",
        causes: &[
            "the break was acknowledged before, or timed out at the server",
            "the break was R to none, which asks for no acknowledgement",
            "the last open of the lease was closed meanwhile",
        ],
        remedies: &[
            "take the lease state from the last notification or from the next create",
            "acknowledge only notifications that carry the ACK_REQUIRED flag, and within the \
             server's time (35 s)",
        ],
    },
    StatusEntry {
        status: Status::INVALID_PARAMETER,
        win32: Some(Win32 { name: "ERROR_INVALID_PARAMETER", number: 87 }),
        pairing: Pairing::Values,
        meaning: "The request is malformed or makes no sense: a level that does not exist, flags \
                  that exclude one another, a lease key that is in use for another file.",
        causes: &[
            "granular level H, W or HW, which lacks R",
            "a level other than R or RH on a directory, or an oplock on something that is \
             neither file nor directory",
            "FSCTL_REQUEST_OPLOCK with both flags, REQUEST and ACK, or with neither",
            "FILE_COMPLETE_IF_OPLOCKED together with FILE_RESERVE_OPFILTER",
            "over SMB2: a lease key that names another file already, a lease context of the \
             wrong length, an acknowledgement with the lease level or of the wrong size",
        ],
        remedies: &[
            "ask for R, RH, RW or RWH only; on directories for R or RH",
            "make a fresh lease key for every file",
            "compare the raw bytes of the request with the layout: 32 or 52 bytes for a lease, \
             24 or 36 for an acknowledgement",
        ],
    },
    StatusEntry {
        status: Status::INVALID_INFO_CLASS,
        win32: Some(Win32 { name: "ERROR_INVALID_PARAMETER", number: 87 }),
        pairing: Pairing::Unverified,
        meaning: "The information class is not known, or cannot be set or asked for. No oplock \
                  is looked at.",
        causes: &["an information class that the file system does not have"],
        remedies: &["check the number of the class"],
    },
    StatusEntry {
        status: Status::INFO_LENGTH_MISMATCH,
        win32: Some(Win32 { name: "ERROR_BAD_LENGTH", number: 24 }),
        pairing: Pairing::Unverified,
        meaning: "The buffer does not have the length of the information class. No oplock is \
                  looked at.",
        causes: &["a buffer that is too short for its class"],
        remedies: &["send the structure in full"],
    },
    StatusEntry {
        status: Status::INVALID_HANDLE,
        win32: Some(Win32 { name: "ERROR_INVALID_HANDLE", number: 6 }),
        pairing: Pairing::Unverified,
        meaning: "The handle names nothing. An oplock that it held is gone.",
        causes: &["the handle was closed before"],
        remedies: &["open the file again and ask for the oplock anew"],
    },
    StatusEntry {
        status: Status::NO_SUCH_FILE,
        win32: Some(Win32 { name: "ERROR_FILE_NOT_FOUND", number: 2 }),
        pairing: Pairing::Unverified,
        meaning: "No entry of the directory matches. No oplock is looked at.",
        causes: &["a listing with a pattern that nothing matches"],
        remedies: &["check the pattern"],
    },
    StatusEntry {
        status: Status::INVALID_DEVICE_REQUEST,
        win32: Some(Win32 { name: "ERROR_INVALID_FUNCTION", number: 1 }),
        pairing: Pairing::Unverified,
        meaning: "The store does not have this operation at all. For oplocks: a store without \
                  the granular kind, or without one of its optional controls.",
        causes: &[
            "an optional control on a file system that lacks it",
            "an oplock control to something that is no file system",
        ],
        remedies: &[
            "fall back to Batch where granular oplocks are missing",
            "leave the optional control out",
        ],
    },
    StatusEntry {
        status: Status::END_OF_FILE,
        win32: Some(Win32 { name: "ERROR_HANDLE_EOF", number: 38 }),
        pairing: Pairing::Unverified,
        meaning: "A read began at or behind the end of the file. The oplock check came before, \
                  so write caching of others may have been broken by it.",
        causes: &["a read behind the end"],
        remedies: &["read within the file"],
    },
    StatusEntry {
        status: Status::ACCESS_DENIED,
        win32: Some(Win32 { name: "ERROR_ACCESS_DENIED", number: 5 }),
        pairing: Pairing::Table,
        meaning: "The caller may not do this. Batch and Filter of others may have been broken \
                  before this was found out, other oplocks not.",
        causes: &[
            "missing rights, or a read-only file that is opened for writing",
            "a rename or short name of a directory with open files below, whose holders \
             acknowledged the break but did not close",
            "a rename over a target that is still open after its holders were told",
            "a durable handle of another user",
        ],
        remedies: &[
            "check the rights first",
            "for a rename: the holders below or of the target must close their handles, an \
             acknowledgement alone is not enough",
        ],
    },
    StatusEntry {
        status: Status::BUFFER_TOO_SMALL,
        win32: Some(Win32 { name: "ERROR_INSUFFICIENT_BUFFER", number: 122 }),
        pairing: Pairing::Unverified,
        meaning: "A buffer of FSCTL_REQUEST_OPLOCK cannot hold its structure.",
        causes: &["an input buffer of less than 12 bytes or an output buffer of less than 24"],
        remedies: &["give both structures their full size, padding included"],
    },
    StatusEntry {
        status: Status::OBJECT_NAME_INVALID,
        win32: Some(Win32 { name: "ERROR_INVALID_NAME", number: 123 }),
        pairing: Pairing::Unverified,
        meaning: "The name cannot be that of a file. No oplock is looked at.",
        causes: &["a character or a length that names may not have"],
        remedies: &["correct the name; over SMB2 it has no leading separator"],
    },
    StatusEntry {
        status: Status::OBJECT_NAME_NOT_FOUND,
        win32: Some(Win32 { name: "ERROR_FILE_NOT_FOUND", number: 2 }),
        pairing: Pairing::Table,
        meaning: "There is no such name. Over SMB2 it also tells that a lease key is not known \
                  to the server, or that a durable handle cannot be had back.",
        causes: &[
            "the file does not exist",
            "a lease acknowledgement with a key that the client guid of the connection has no \
             lease for",
            "a durable reconnect after the handle expired or was closed, or with the wrong \
             create guid, client guid, lease key or context",
        ],
        remedies: &[
            "acknowledge on a connection of the client guid that owns the lease",
            "after a failed reconnect open the file anew and drop what was cached",
        ],
    },
    StatusEntry {
        status: Status::OBJECT_NAME_COLLISION,
        win32: Some(Win32 { name: "ERROR_ALREADY_EXISTS", number: 183 }),
        pairing: Pairing::Table,
        meaning: "The name is taken. It is found out before any oplock of the existing file is \
                  broken.",
        causes: &[
            "FILE_CREATE for a name that exists",
            "a rename or link to a name that exists, without leave to replace it",
        ],
        remedies: &[
            "use another disposition, or ask for the replacement",
            "if a break was seen before this status, compare with the file system's own order of \
             checks: one sample driver breaks Batch first",
        ],
    },
    StatusEntry {
        status: Status::OBJECT_PATH_NOT_FOUND,
        win32: Some(Win32 { name: "ERROR_PATH_NOT_FOUND", number: 3 }),
        pairing: Pairing::Unverified,
        meaning: "A directory of the path does not exist. No oplock is looked at.",
        causes: &["a missing or renamed directory above the file"],
        remedies: &["create or correct the path"],
    },
    StatusEntry {
        status: Status::SHARING_VIOLATION,
        win32: Some(Win32 { name: "ERROR_SHARING_VIOLATION", number: 32 }),
        pairing: Pairing::Table,
        meaning: "The open conflicts with the access or share mode of another open that is still \
                  there. Handle caching of others was taken away first, and did not make them \
                  close.",
        causes: &[
            "another handle is open, and its holder cached it but acknowledged instead of \
             closing",
            "an exclusive or RW holder, which has no handle caching to give up: it is not broken \
             at all",
            "the holder has the opener's own key",
            "the open asked not to wait, so nobody was asked to close",
        ],
        remedies: &[
            "expect a break of Batch, Filter, RH or RWH of others before it; Level 1, Level II, \
             R and RW stay untouched",
            "information 9 says that a Batch or Filter oplock is on its way down: try again soon",
            "find the holder, and see whether it closes on the break",
        ],
    },
    StatusEntry {
        status: Status::FILE_LOCK_CONFLICT,
        win32: Some(Win32 { name: "ERROR_LOCK_VIOLATION", number: 33 }),
        pairing: Pairing::Table,
        meaning: "A read or write met a byte-range lock of another. The oplock check came \
                  before, so oplocks may have been broken all the same.",
        causes: &["another handle has locked the range"],
        remedies: &["wait for the lock, not for the oplock"],
    },
    StatusEntry {
        status: Status::LOCK_NOT_GRANTED,
        win32: Some(Win32 { name: "ERROR_LOCK_VIOLATION", number: 33 }),
        pairing: Pairing::Table,
        meaning: "A byte-range lock was refused because the range is locked. The oplock check \
                  came before.",
        causes: &[
            "another handle, or the same one, holds an overlapping lock",
            "the caller asked to fail rather than wait",
        ],
        remedies: &[
            "wait for the lock, or lock another range",
            "expect Level II on the own handle to be gone: taking a lock breaks it",
        ],
    },
    StatusEntry {
        status: Status::DELETE_PENDING,
        win32: Some(Win32 { name: "ERROR_ACCESS_DENIED", number: 5 }),
        pairing: Pairing::Table,
        meaning: "The file is marked for deletion and lets nobody in any more. No oplock is \
                  broken for such an open.",
        causes: &[
            "a handle set the delete disposition, or was opened with delete on close and is \
             closed now, while other handles are open",
            "on some file systems: handle caching was asked for on such a file",
        ],
        remedies: &[
            "wait until all handles are closed, then create the file anew",
            "a holder with handle caching that has not closed is the usual reason why it lasts",
        ],
    },
    StatusEntry {
        status: Status::EAS_NOT_SUPPORTED,
        win32: Some(Win32 { name: "ERROR_EAS_NOT_SUPPORTED", number: 282 }),
        pairing: Pairing::Unverified,
        meaning: "The file system has no extended attributes. No oplock is looked at.",
        causes: &["extended attributes in a create or a set"],
        remedies: &["leave them out"],
    },
    StatusEntry {
        status: Status::RANGE_NOT_LOCKED,
        win32: Some(Win32 { name: "ERROR_NOT_LOCKED", number: 158 }),
        pairing: Pairing::Unverified,
        meaning: "An unlock named a range that this handle has not locked. An unlock breaks no \
                  oplock.",
        causes: &["a range that differs from the locked one in offset or length"],
        remedies: &["unlock exactly what was locked"],
    },
    StatusEntry {
        status: Status::INSUFFICIENT_RESOURCES,
        win32: Some(Win32 { name: "ERROR_NO_SYSTEM_RESOURCES", number: 1450 }),
        pairing: Pairing::Unverified,
        meaning: "The server or store ran out of memory or of a quota. Over SMB2 it may mean \
                  that no lease could be allocated.",
        causes: &["too many leases, opens or sessions"],
        remedies: &["close what is not needed; look at the server's limits"],
    },
    StatusEntry {
        status: Status::FILE_IS_A_DIRECTORY,
        win32: Some(Win32 { name: "ERROR_ACCESS_DENIED", number: 5 }),
        pairing: Pairing::Unverified,
        meaning: "A file was wanted, and the name is a directory. No oplock is looked at.",
        causes: &["FILE_NON_DIRECTORY_FILE on a directory"],
        remedies: &["leave the option out, or name a file"],
    },
    StatusEntry {
        status: Status::NOT_SAME_DEVICE,
        win32: Some(Win32 { name: "ERROR_NOT_SAME_DEVICE", number: 17 }),
        pairing: Pairing::Unverified,
        meaning: "A rename or link would leave its volume. No oplock is looked at.",
        causes: &["source and target on different volumes"],
        remedies: &["copy instead"],
    },
    StatusEntry {
        status: Status::DIRECTORY_NOT_EMPTY,
        win32: Some(Win32 { name: "ERROR_DIR_NOT_EMPTY", number: 145 }),
        pairing: Pairing::Unverified,
        meaning: "A directory with entries was to be deleted. An entry that is only marked for \
                  deletion counts while somebody holds it open.",
        causes: &[
            "entries are left in the directory",
            "a client with handle caching keeps a deleted entry open",
        ],
        remedies: &["remove the entries first; look for holders of handle caching below"],
    },
    StatusEntry {
        status: Status::NOT_A_DIRECTORY,
        win32: Some(Win32 { name: "ERROR_DIRECTORY", number: 267 }),
        pairing: Pairing::Unverified,
        meaning: "A directory was wanted, and the name is a file. No oplock is looked at.",
        causes: &["FILE_DIRECTORY_FILE on a file"],
        remedies: &["leave the option out, or name a directory"],
    },
    StatusEntry {
        status: Status::CANCELLED,
        win32: Some(Win32 { name: "ERROR_OPERATION_ABORTED", number: 995 }),
        pairing: Pairing::Unverified,
        meaning: "The operation was cancelled. A cancelled waiter ends alone and the break runs \
                  on; a cancelled oplock request gives the oplock up.",
        causes: &[
            "the caller cancelled, or its thread or process ended",
            "an SMB2 CANCEL for a create that waits for a break",
        ],
        remedies: &[
            "after cancelling an oplock request treat the oplock as gone",
            "the holder still owes its acknowledgement if only the waiter was cancelled",
        ],
    },
    StatusEntry {
        status: Status::CANNOT_DELETE,
        win32: Some(Win32 { name: "ERROR_ACCESS_DENIED", number: 5 }),
        pairing: Pairing::Table,
        meaning: "The file cannot be deleted or replaced. Breaks that the attempt needed may \
                  have been done before.",
        causes: &["a read-only file, or one whose image is mapped"],
        remedies: &["clear the attribute, or end what runs from the file"],
    },
    StatusEntry {
        status: Status::FILE_DELETED,
        win32: Some(Win32 { name: "ERROR_ACCESS_DENIED", number: 5 }),
        pairing: Pairing::Unverified,
        meaning: "The file behind the handle is deleted. For FSCTL_SET_ZERO_DATA it is found out \
                  before the oplock check.",
        causes: &["the stream was deleted while the handle stayed open"],
        remedies: &["close the handle"],
    },
    StatusEntry {
        status: Status::INVALID_LOCK_RANGE,
        win32: Some(Win32 { name: "ERROR_INVALID_LOCK_RANGE", number: 307 }),
        pairing: Pairing::Unverified,
        meaning: "The byte range of a lock wraps around the end of the offset space. No oplock \
                  is looked at.",
        causes: &["offset plus length is more than 64 bits hold"],
        remedies: &["correct the range"],
    },
];
