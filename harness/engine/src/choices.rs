//! The open questions of the specifications, and how the reference reads each of them.

use std::fmt;

use thiserror::Error;

/// Why a choice could not be set.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ChoiceError {
    /// No choice has that name.
    #[error("unknown choice `{0}`")]
    UnknownName(String),
    /// The choice has no such value.
    #[error("choice `{name}` has no value `{value}`; it has {values}")]
    UnknownValue {
        /// The choice.
        name: &'static str,
        /// What was asked.
        value: String,
        /// What it has, separated by commas.
        values: String,
    },
}

/// Writes one enum for each question, and the struct, from one list: the first value is the default.
macro_rules! choices {
    ($(
        $(#[$about:meta])*
        $field:ident: $kind:ident {
            $(#[$first_about:meta])* $first:ident = $first_word:literal,
            $($(#[$other_about:meta])* $other:ident = $other_word:literal,)*
        }
    )*) => {
        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $kind {
                $(#[$first_about])*
                #[default]
                $first,
                $($(#[$other_about])* $other,)*
            }

            impl $kind {
                /// Every value with the word that cases use; the first is the default.
                pub const WORDS: &'static [(&'static str, $kind)] =
                    &[($first_word, $kind::$first), $(($other_word, $kind::$other)),*];

                /// The word that cases use.
                #[must_use]
                pub fn word(self) -> &'static str {
                    match self {
                        $kind::$first => $first_word,
                        $($kind::$other => $other_word,)*
                    }
                }
            }

            impl fmt::Display for $kind {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.word())
                }
            }
        )*

        /// How the reference reads the open questions: one field for each, every default being our choice.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Choices {
            $(
                $(#[$about])*
                pub $field: $kind,
            )*
        }

        impl Choices {
            /// The name of every choice with the words of its values, the default first.
            pub const NAMES: &'static [(&'static str, &'static [&'static str])] =
                &[$((stringify!($field), &[$first_word, $($other_word),*])),*];

            /// Sets one choice by name.
            ///
            /// # Errors
            /// A [`ChoiceError`] where there is no such name or value.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), ChoiceError> {
                match name {
                    $(stringify!($field) => {
                        self.$field = $kind::WORDS
                            .iter()
                            .find(|(word, _)| *word == value)
                            .map(|(_, choice)| *choice)
                            .ok_or_else(|| ChoiceError::UnknownValue {
                                name: stringify!($field),
                                value: value.to_owned(),
                                values: [$first_word, $($other_word),*].join(", "),
                            })?;
                        Ok(())
                    })*
                    _ => Err(ChoiceError::UnknownName(name.to_owned())),
                }
            }

            /// Every choice by name, with the word of the value that is set.
            #[must_use]
            pub fn values(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), self.$field.word())),*]
            }
        }
    };
}

choices! {
    /// How a request with handle caching fails on a file marked for deletion (D1).
    request_on_deleted: RequestOnDeleted {
        /// STATUS_OPLOCK_NOT_GRANTED, as MS-FSA 2.1.5.18 has it.
        NotGranted = "oplock_not_granted",
        /// STATUS_DELETE_PENDING, as the fastfat sample has it.
        DeletePending = "delete_pending",
    }
    /// Whether an attribute-only open without an oplock stands in the way of RW and RWH (D2).
    attribute_open: AttributeOpen {
        /// It does not, as observed.
        Ignored = "ignored",
        /// It does, as the text of MS-FSA 2.1.5.18.1 has it.
        Counted = "counted",
    }
    /// What a flush does to oplocks (D5).
    flush: FlushCheck {
        /// What a read does, as the list of checked requests in the DDI suggests.
        AsRead = "as_read",
        /// Nothing, as the flush section of MS-FSA never asks.
        Unchecked = "unchecked",
    }
    /// Whether setting the security of a file takes handle caching away (D8).
    set_security: SetSecurity {
        /// It does, as MS-FSA 2.1.4.12 has it.
        BreaksHandle = "breaks_handle",
        /// It does nothing, as in the WDK and in older revisions of MS-FSA.
        Unchecked = "unchecked",
    }
    /// Whether READ_CONTROL is attribute access against granular oplocks (D9).
    read_control: ReadControl {
        /// It is, as MS-FSA 2.1.4.12 has it and servers do.
        Exempt = "exempt",
        /// It is not, as the WDK list has it.
        Breaks = "breaks",
    }
    /// Whose access an overwriting open is judged by (D10).
    implied_access: ImpliedAccess {
        /// The caller's and what the disposition implies, as observed.
        Added = "added",
        /// The caller's alone, as the text of MS-FSA 2.1.4.12 has it.
        Ignored = "ignored",
    }
    /// Whether an overwriting open spares the Level II of its own key (D11).
    overwrite_own_level_two: OverwriteOwnLevelTwo {
        /// It breaks them all, as MS-FSA 2.1.4.12 has it.
        Breaks = "breaks",
        /// It spares its own key, as the WDK table for creates has it.
        Spares = "spares",
    }
    /// Which opens a Filter oplock lets in (D12).
    filter_open: FilterOpen {
        /// Those that only read and also share reading.
        ReadAndShared = "read_and_shared",
        /// Those that only read, or share reading: the words of the WDK table taken literally.
        ReadOrShared = "read_or_shared",
    }
    /// Whether a byte-range lock waits for the RWH that it breaks (D13).
    lock_over_rwh: LockOverRwh {
        /// It waits, as MS-FSA 2.1.4.12 has it.
        Waits = "waits",
        /// It goes on, as the WDK article has it since its rewrite.
        Continues = "continues",
    }
    /// Which controls ask the oplock of the stream whose data they change, besides FSCTL_SET_ZERO_DATA (D16).
    data_controls: DataControls {
        /// A copy by chunks alone, as a read of its source and a write of its destination.
        CopyChunk = "copy_chunk",
        /// All of them: extents, trims, offloaded writes, sparseness and compression too.
        All = "all",
        /// None, as MS-FSA and the WDK name none.
        Nothing = "nothing",
    }
    /// What happens to an acknowledgement above the level that was offered (D19).
    ack_above_offer: AckAboveOffer {
        /// STATUS_CANNOT_GRANT_REQUESTED_OPLOCK, and the break runs on.
        Refused = "refused",
        /// It is granted, as the text of MS-FSA 2.1.5.19 has it.
        Granted = "granted",
    }
    /// How an acknowledged level is broken on while a waiter needs less (D20).
    deepened_break: DeepenedBreak {
        /// RH to R first, then R to none, as observed.
        Stepwise = "stepwise",
        /// At once to the level that the waiter needs.
        Direct = "direct",
    }
    /// Whether FILE_CREATE over an existing name breaks a Batch oplock before it collides (D24).
    create_collision: CreateCollision {
        /// It collides first, as MS-FSA 2.1.5.1.2 has it.
        CollidesFirst = "collides_first",
        /// It breaks first, as the fastfat sample has it.
        BreaksFirst = "breaks_first",
    }
    /// Whether R and RH are granted while all that is left are breaking RH holders (D35).
    request_while_rh_breaks: RequestWhileRhBreaks {
        /// They are refused, by the guard of MS-FSA 2.1.5.18.2.
        Refused = "refused",
        /// They are granted, by its case arms.
        Granted = "granted",
    }
    /// What the internal open of the destination directory of a rename or link shares (D39).
    destination_share: DestinationShare {
        /// Everything, as MS-FSA 2.1.5.15.12 has it.
        All = "all",
        /// Reading and writing, as up to Windows 11 and Windows Server 2022.
        ReadAndWrite = "read_and_write",
    }
    /// Over which oplocks of others a create that requires an oplock may succeed (D40).
    requiring_oplock: RequiringOplock {
        /// Over R and RH only, as observed.
        BesideReadHandle = "beside_rh",
        /// Over whatever it would not break.
        Unbroken = "unbroken",
    }
    /// When FILE_RESERVE_OPFILTER breaks what is held (D41).
    reserve_filter: ReserveFilter {
        /// First, and refused after it, as observed.
        BreaksFirst = "breaks_first",
        /// Only if it is not refused, as the WDK has it.
        RefusesFirst = "refuses_first",
    }
    /// Whether a byte-range lock beyond the allocated space bears on oplocks (D56).
    lock_beyond_allocation: LockBeyondAllocation {
        /// It does not, as MS-FSA 2.1.5.8 has it from Windows 8 on.
        Ignored = "ignored",
        /// Any lock does, as up to Windows 7.
        Breaks = "breaks",
    }
    /// What FSCTL_OPLOCK_BREAK_ACK_NO_2 does as an IOCTL (D25).
    ack_no_2_by_ioctl: AckNo2ByIoctl {
        /// STATUS_NOT_SUPPORTED, like every other oplock control.
        Refused = "refused",
        /// It reaches the store, since no list of blocked controls names it.
        PassedOn = "passed_on",
    }
    /// Where a mapped section that can be written refuses a granular request (D3).
    writable_section: WritableSectionTest {
        /// After the handle and the locks were looked at.
        Last = "last",
        /// Before them.
        First = "first",
    }
    /// Whether FileValidDataLengthInformation breaks oplocks (D6).
    valid_data_length: ValidDataLengthCheck {
        /// Like an end of file, as the WDK has it and servers do.
        AsEndOfFile = "as_end_of_file",
        /// Not at all: MS-FSA 2.1.4.12 has no case for it.
        Unchecked = "unchecked",
    }
    /// Whether marking a file for deletion breaks handle caching (D7).
    disposition: DispositionCheck {
        /// It does, as the WDK has it and servers do.
        BreaksHandle = "breaks_handle",
        /// It does not: MS-FSA 2.1.5.15.3 calls no check.
        Unchecked = "unchecked",
    }
    /// How a rename checks what it would replace (D14).
    rename_target: RenameTarget {
        /// As a rename, which takes handle caching, as observed.
        AsRename = "as_rename",
        /// As an end of file, which takes everything, as the text of MS-FSA 2.1.5.15.12 has it.
        AsEndOfFile = "as_end_of_file",
    }
    /// Whether a new short name breaks handle caching on the file itself (D15).
    short_name: ShortNameCheck {
        /// It does, as the WDK has it.
        BreaksHandle = "breaks_handle",
        /// It does not: MS-FSA 2.1.5.15.14 checks the streams below a directory only.
        Unchecked = "unchecked",
    }
    /// Whether the parent directory learns of data that was replaced or written (D17).
    parent_of_data: ParentOfData {
        /// It does, at the overwriting open and at the close of a handle that wrote, as observed.
        Breaks = "breaks",
        /// It does not: MS-FSA is silent.
        Kept = "kept",
    }
    /// How a cancelled FSCTL_OPLOCK_BREAK_NOTIFY ends (D22).
    cancelled_notify: CancelledNotify {
        /// STATUS_CANCELLED.
        Cancelled = "cancelled",
        /// STATUS_INVALID_OPLOCK_PROTOCOL, as the table of its page has it.
        InvalidOplockProtocol = "invalid_oplock_protocol",
    }
    /// To what an overwriting open that also violates sharing breaks handle caching (D42).
    overwriting_violation: OverwritingViolation {
        /// Handle caching goes, as for any violation, as observed.
        WithoutHandle = "without_handle",
        /// None, as the WDK table for creates has it.
        ToNone = "none",
    }
    /// Whether equal lease keys of two clients name one lease to the store (D26).
    lease_key_scope: LeaseKeyScope {
        /// The ClientGuid is mixed in.
        ClientGuid = "client_guid",
        /// The lease key alone counts, as Windows 8 and later do.
        LeaseKey = "lease_key",
    }
    /// What a request that does not include the held state asks for (D27).
    lease_request_beside_state: LeaseRequestBesideState {
        /// Nothing: the held state is returned, as observed.
        ChangesNothing = "changes_nothing",
        /// Both together, as MS-SMB2 3.3.1.4 has it.
        Union = "union",
    }
    /// What follows a refused promotion of a lease that holds something (D27).
    refused_promotion: RefusedPromotion {
        /// Nothing, as observed.
        KeepsState = "keeps_state",
        /// The lesser steps without W and without H, as the text of MS-SMB2 3.3.5.9 has it.
        FallsBack = "falls_back",
    }
    /// What an oplock acknowledgement gets while nothing is breaking (D28).
    stray_oplock_ack: StrayOplockAck {
        /// STATUS_INVALID_DEVICE_STATE, as the current MS-SMB2 has it.
        InvalidDeviceState = "invalid_device_state",
        /// STATUS_INVALID_OPLOCK_PROTOCOL, as older revisions have it.
        InvalidOplockProtocol = "invalid_oplock_protocol",
    }
    /// The first epoch of a version 2 lease (D29).
    first_epoch: FirstEpoch {
        /// The request's plus one, as observed.
        RequestPlusOne = "request_plus_one",
        /// One, as MS-SMB2 3.3.5.9.11 has it.
        One = "one",
    }
    /// What a version 2 lease context does on dialect 2.1 (D50).
    lease_v2_on_2_1: LeaseV2OnDialect21 {
        /// It is ignored and the level is NONE.
        Ignored = "ignored",
        /// It is taken as it is on newer dialects.
        Accepted = "accepted",
        /// STATUS_INVALID_PARAMETER, as the length test of MS-SMB2 3.3.5.9 has it.
        Refused = "refused",
    }
    /// What a lease context does beside another level than the lease level (MS-SMB2 <340>, <345>).
    lease_context_without_level: LeaseContextWithoutLevel {
        /// It is ignored, as newer servers do.
        Ignored = "ignored",
        /// It is taken, as servers before Windows 10 do.
        Taken = "taken",
    }
    /// Who knows leases (MS-SMB2 3.3.5.9, 3.3.5.9.8).
    leasing: Leasing {
        /// The server and its store.
        Everywhere = "everywhere",
        /// The store only: the server ignores the context.
        NotInServer = "not_in_server",
        /// The server only: it asks for Batch in place of a lease.
        NotInStore = "not_in_store",
    }
    /// Whether SMB2_GLOBAL_CAP_DIRECTORY_LEASING stands in both NEGOTIATE messages (MS-SMB2 3.3.5.4).
    directory_leasing: DirectoryLeasing {
        /// It does.
        Negotiated = "negotiated",
        /// It does not.
        Absent = "absent",
    }
    /// Which version a lease answers with where versions mix (D51).
    lease_version: LeaseVersion {
        /// The lease's, as observed.
        OfLease = "of_lease",
        /// The request's, as MS-SMB2 3.3.5.9.8 and 3.3.5.9.11 have it.
        OfRequest = "of_request",
    }
    /// What acknowledging Level II answers after a notification of NONE (D53).
    ack_two_after_none: AckTwoAfterNone {
        /// NONE, as what is held.
        AnswersNone = "none",
        /// Level II, as the text of MS-SMB2 3.3.5.22.1 has it.
        AnswersTwo = "ii",
    }
    /// Whether the epoch grows with a break that an acknowledgement sets off (D54).
    follow_up_epoch: FollowUpEpoch {
        /// It stays, as observed.
        Unchanged = "unchanged",
        /// It grows, as MS-SMB2 3.3.4.7 has it.
        Incremented = "incremented",
    }
    /// What becomes of a disconnected durable RWH when a contender leaves it RH (D52).
    disconnected_rwh: DisconnectedRwh {
        /// The open is closed, as observed.
        Closed = "closed",
        /// The open is kept and its lease falls to none, as the text of MS-SMB2 3.3.4.7 has it.
        Kept = "kept",
    }
    /// What a durable reconnect of version 1 with neither the lease context nor the name right gets (D55).
    reconnect_without_context: ReconnectWithoutContext {
        /// STATUS_OBJECT_NAME_NOT_FOUND, as observed.
        NotFound = "object_name_not_found",
        /// STATUS_INVALID_PARAMETER, by the order of MS-SMB2 3.3.5.9.7.
        InvalidParameter = "invalid_parameter",
    }
    /// What an open meets where a persistent handle waits for its client (MS-SMB2 <301>).
    persistent_in_the_way: PersistentInTheWay {
        /// It goes on and breaks a handle that has Batch or handle caching, as observed.
        Breaks = "breaks",
        /// STATUS_FILE_NOT_AVAILABLE whatever the handle holds, as the text of MS-SMB2 3.3.5.9 has it.
        NotAvailable = "not_available",
    }
    /// What becomes of a persistent handle whose oplock breaks while it waits for its client (MS-SMB2 3.3.4.6).
    persistent_oplock_break: PersistentOplockBreak {
        /// The break is kept for the reconnect, like that of a lease.
        Kept = "kept",
        /// The open is closed, like any durable one.
        Closed = "closed",
    }
    /// How long the holder of a persistent handle may take to acknowledge a lease break (MS-SMB2 <220>, <247>).
    persistent_lease_timer: PersistentLeaseTimer {
        /// 180 seconds, as Windows 8.1 and 2012 R2 and later do.
        Seconds180 = "180s",
        /// 60 seconds, as Windows 8 and 2012 do.
        Seconds60 = "60s",
    }
    /// On which channel of its session an open is told of an oplock break.
    oplock_channel: OplockChannel {
        /// The first, as MS-SMB2 3.3.4.6 has it.
        First = "first",
        /// The newest, as observed.
        Newest = "newest",
    }
    /// Whether a client is told when the server itself closes the last open of its lease (MS-SMB2 <248>).
    server_close_notice: ServerCloseNotice {
        /// It is, with STATUS_FILE_CLOSED in the header.
        Sent = "sent",
        /// It is not, as MS-SMB2 3.3.4.17 says nothing of it.
        Silent = "silent",
    }
    /// The epoch of a version 2 lease whose persistent handle is claimed back on another node (MS-SMB2 <353>).
    failover_epoch: FailoverEpoch {
        /// The request's where W is held, else the request's plus one, as Windows 2012 to 2022 do.
        OfRequest = "of_request",
        /// The lease's, as after any other reconnect.
        Unchanged = "unchanged",
    }
    /// What a replay gets while the create that it repeats still waits.
    replay_of_pending: ReplayOfPending {
        /// STATUS_FILE_NOT_AVAILABLE, as MS-SMB2 3.3.5.9 has it.
        FileNotAvailable = "file_not_available",
        /// STATUS_ACCESS_DENIED, as observed on Windows.
        AccessDenied = "access_denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_can_be_set_to_each_of_its_values() {
        for (name, words) in Choices::NAMES {
            for word in *words {
                let mut choices = Choices::default();
                assert_eq!(choices.set(name, word), Ok(()));
                assert!(choices.values().contains(&(name, word)));
            }
        }
    }

    #[test]
    fn the_first_value_is_the_default() {
        let defaults = Choices::default().values();
        for ((name, words), (set, word)) in Choices::NAMES.iter().zip(defaults) {
            assert_eq!((*name, words.first()), (set, Some(&word)));
        }
    }

    #[test]
    fn an_unknown_name_or_value_is_said() {
        let mut choices = Choices::default();
        assert_eq!(
            choices.set("colour", "red").map_err(|error| error.to_string()),
            Err("unknown choice `colour`".to_owned())
        );
        assert_eq!(
            choices.set("first_epoch", "two").map_err(|error| error.to_string()),
            Err("choice `first_epoch` has no value `two`; it has request_plus_one, one".to_owned())
        );
        assert_eq!(choices, Choices::default());
    }
}
