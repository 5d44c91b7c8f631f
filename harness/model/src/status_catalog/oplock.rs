//! The statuses that exist for oplocks alone.

use super::entry::{Pairing, StatusEntry, Win32};
use crate::Status;

/// In the order of their values.
pub(super) const OPLOCK: &[StatusEntry] = &[
    StatusEntry {
        status: Status::OPLOCK_BREAK_IN_PROGRESS,
        win32: Some(Win32 { name: "ERROR_OPLOCK_BREAK_IN_PROGRESS", number: 742 }),
        pairing: Pairing::Table,
        meaning: "The open succeeded and its handle is valid, but the holder of an oplock has \
                  not acknowledged the break that this open started or met.",
        causes: &[
            "the open asked not to wait (FILE_COMPLETE_IF_OPLOCKED), and another handle holds an \
             oplock that it had to break",
            "a break of somebody else's open was still unacknowledged when this open came",
        ],
        remedies: &[
            "keep the handle: this is a success",
            "wait with FSCTL_OPLOCK_BREAK_NOTIFY before conflicting I/O, which would block until \
             the acknowledgement",
            "over SMB2 this never comes back from an open, since the server clears the option; \
             there it is a server defect",
        ],
    },
    StatusEntry {
        status: Status::OPLOCK_SWITCHED_TO_NEW_HANDLE,
        win32: Some(Win32 { name: "ERROR_OPLOCK_SWITCHED_TO_NEW_HANDLE", number: 800 }),
        pairing: Pairing::Table,
        meaning: "A pending granular oplock request ended because a newer request with the same \
                  oplock key took the oplock over. It is no break, and nothing is to be \
                  acknowledged.",
        causes: &[
            "a second handle with the same key asked for the same or a higher level",
            "the same handle asked for R, RH, RW or RWH again",
        ],
        remedies: &[
            "forget the old request and go on with the newer one",
            "do not send a break for it: an SMB2 server keeps silent about a switch",
        ],
    },
    StatusEntry {
        status: Status::OPLOCK_HANDLE_CLOSED,
        win32: Some(Win32 { name: "ERROR_OPLOCK_HANDLE_CLOSED", number: 803 }),
        pairing: Pairing::Table,
        meaning: "A pending granular oplock request ended because the handle that held the \
                  oplock was closed. Nothing is to be acknowledged.",
        causes: &[
            "the holder closed its own handle",
            "the server closed the handle: a disconnect, a log-off, an expired durable handle",
        ],
        remedies: &[
            "treat the oplock as gone and send no acknowledgement",
            "legacy oplocks end with STATUS_SUCCESS and information 8 instead; expect that for \
             Level 1, Level II, Batch and Filter",
        ],
    },
    StatusEntry {
        status: Status::WAIT_FOR_OPLOCK,
        win32: Some(Win32 { name: "ERROR_WAIT_FOR_OPLOCK", number: 765 }),
        pairing: Pairing::Values,
        meaning: "An operation is held back until an oplock break is acknowledged, as filter \
                  drivers tell one another inside the kernel. Applications and SMB2 clients do \
                  not see it.",
        causes: &["a filter driver handed the waiting operation on"],
        remedies: &[
            "if an application or a client gets it, look for a filter driver or a server that \
             leaks an internal status",
        ],
    },
    StatusEntry {
        status: Status::CANNOT_GRANT_REQUESTED_OPLOCK,
        win32: Some(Win32 { name: "ERROR_CANNOT_GRANT_REQUESTED_OPLOCK", number: 801 }),
        pairing: Pairing::Table,
        meaning: "A granular request or acknowledgement asked for a level that cannot be had. \
                  The output buffer is valid and says which level could be; after an \
                  acknowledgement the break still waits for one.",
        causes: &[
            "the file is mapped writable, and R, RH, RW or RWH was asked for",
            "the acknowledgement asked for more than the break left while somebody waits",
            "the acknowledgement wanted to keep handle caching on a file that is marked for \
             deletion",
        ],
        remedies: &[
            "read the new level and the flags in the output buffer",
            "acknowledge again with that level or less if ACK_REQUIRED is set",
            "unmap the writable section, or do without the oplock, if WRITABLE_SECTION_PRESENT \
             is set",
        ],
    },
    StatusEntry {
        status: Status::OPLOCK_NOT_GRANTED,
        win32: Some(Win32 { name: "ERROR_OPLOCK_NOT_GRANTED", number: 300 }),
        pairing: Pairing::Table,
        meaning: "The oplock was denied. The handle itself stays good and simply has no caching, \
                  unless the open was one that reserves a Filter oplock, which fails as a whole.",
        causes: &[
            "other handles are open, or other keys hold oplocks that cannot stand beside the \
             requested one",
            "a break on the stream is not acknowledged yet",
            "the handle is synchronous, which can never hold an oplock",
            "a byte-range lock lies in allocated space, and Level II, R or RH was asked for",
            "handle caching was asked for on a file that is marked for deletion",
            "FILE_RESERVE_OPFILTER with another handle open, more access or less sharing than it \
             allows",
        ],
        remedies: &[
            "go on without caching, or ask for a lower level",
            "open the handle asynchronously, and give all handles of one owner the same oplock \
             key",
            "for R, RH, RW and RWH ask again once the conflicting handle or break is gone",
        ],
    },
    StatusEntry {
        status: Status::INVALID_OPLOCK_PROTOCOL,
        win32: Some(Win32 { name: "ERROR_INVALID_OPLOCK_PROTOCOL", number: 301 }),
        pairing: Pairing::Table,
        meaning: "An acknowledgement came that nobody expects, or one whose level does not fit \
                  the level that was held. At the SMB2 server a misfit level also costs the \
                  holder its oplock.",
        causes: &[
            "no break is running: it was acknowledged before, timed out, or the break needed no \
             acknowledgement (Level II, R)",
            "the acknowledgement came on another handle than the holder's",
            "a legacy acknowledgement was sent for a granular oplock, or the reverse",
            "over SMB2: a level that the held one cannot break to, or an acknowledgement of \
             Level II to none",
        ],
        remedies: &[
            "acknowledge only breaks that ask for it, once, on the handle that held the oplock",
            "acknowledge legacy oplocks with the legacy controls, and granular ones with \
             FSCTL_REQUEST_OPLOCK",
            "on a server: check that the state is compared before the level, and that the holder \
             is left with none",
        ],
    },
    StatusEntry {
        status: Status::CANNOT_BREAK_OPLOCK,
        win32: Some(Win32 { name: "ERROR_CANNOT_BREAK_OPLOCK", number: 802 }),
        pairing: Pairing::Values,
        meaning: "An open that requires an oplock was refused because it would break what others \
                  hold, or because no RH could stand beside it. Nothing was broken.",
        causes: &[
            "FILE_OPEN_REQUIRING_OPLOCK over Level 1, Level II, Batch, Filter, RW or RWH of \
             another key",
            "FILE_OPEN_REQUIRING_OPLOCK with an access or share mode that conflicts with an RH \
             holder",
        ],
        remedies: &[
            "come back later: the option is meant for scanners and indexers that give way to \
             others",
            "use the holder's oplock key if the opens belong together",
            "open without the option if the break is wanted",
            "treat it as the error that its severity bits say, though some driver pages call it a \
             success code",
        ],
    },
];
