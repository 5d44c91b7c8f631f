//! Every rule that a decision of the reference engine cites, each standing once.
//!
//! `fsa.*` rules belong to the object store, `smb2.*` rules to the server layer. Cases name rules
//! by these texts, so a name is never changed once released.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// One decision that a specification prescribes or that servers have been observed to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The rule as code names it.
    pub id: RuleId,
    /// The rule as cases and reports name it: dotted snake case, `fsa.*` or `smb2.*`.
    pub name: &'static str,
    /// Where it is written: `MS-FSA`, `MS-SMB2`, `WDK` or `SDK`; `observed` if only tests against
    /// servers show it; `choice` if documents are silent or disagree and we chose.
    pub document: &'static str,
    /// The section number; for `WDK` and `SDK` the article, for `observed` the test, for `choice`
    /// the place in our own notes.
    pub section: &'static str,
    /// The section's title, since numbers move between revisions; empty if it has no number.
    pub title: &'static str,
    /// What happens, in one sentence of our own.
    pub sentence: &'static str,
}

/// Writes the enum and the table from one list, so that neither can lag behind the other.
macro_rules! rules {
    ($(
        $(#[$note:meta])*
        $id:ident = $name:literal, $document:literal, $section:literal, $title:literal,
            $sentence:literal;
    )*) => {
        /// Names one [`Rule`]; the order is that of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum RuleId {
            $(
                #[doc = $sentence]
                $(#[$note])*
                $id,
            )*
        }

        impl RuleId {
            /// All ids, in table order.
            pub const ALL: &'static [RuleId] = &[$(RuleId::$id,)*];

            /// Finds the rule that carries this name, as cases spell it.
            #[must_use]
            pub fn parse(name: &str) -> Option<RuleId> {
                match name {
                    $($name => Some(RuleId::$id),)*
                    _ => None,
                }
            }
        }

        /// All rules, in table order.
        pub static RULES: &[Rule] = &[$(
            Rule {
                id: RuleId::$id,
                name: $name,
                document: $document,
                section: $section,
                title: $title,
                sentence: $sentence,
            },
        )*];
    };
}

rules! {
    // fsa.key.
    FsaKeySameOpen = "fsa.key.same_open", "MS-FSA", "2.1.4.12.2",
        "Algorithm to Compare Oplock Keys",
        "An operation on the very handle that holds the oplock counts as the holder's own, keys \
         or no keys.";
    FsaKeyNone = "fsa.key.none", "MS-FSA", "2.1.4.12.2", "Algorithm to Compare Oplock Keys",
        "Two different handles of which one carries no oplock key are strangers to each other.";
    FsaKeyEqual = "fsa.key.equal", "MS-FSA", "2.1.4.12.2", "Algorithm to Compare Oplock Keys",
        "Two handles that carry the same target key act as one owner.";
    FsaKeyDifferent = "fsa.key.different", "MS-FSA", "2.1.4.12.2",
        "Algorithm to Compare Oplock Keys",
        "Two handles with unequal target keys are strangers to each other.";
    FsaKeyParentNone = "fsa.key.parent_none", "MS-FSA", "2.1.4.12.2",
        "Algorithm to Compare Oplock Keys",
        "Against a directory, who carries no parent key, or meets a holder without a key, is a \
         stranger.";
    FsaKeyParentEqual = "fsa.key.parent_equal", "MS-FSA", "2.1.4.12.2",
        "Algorithm to Compare Oplock Keys",
        "Against a directory, the parent key of who changes a child is compared with the target \
         key of the holder, and being equal makes them one owner.";
    FsaKeyParentDifferent = "fsa.key.parent_different", "MS-FSA", "2.1.4.12.2",
        "Algorithm to Compare Oplock Keys",
        "Against a directory, a parent key other than the target key of the holder makes a \
         stranger, whatever the target keys are.";

    // fsa.request: validation, in the order of the checks.
    FsaRequestUnknownControl = "fsa.request.unknown_control", "WDK", "FsRtlOplockFsctrl", "",
        "A control code that the oplock package does not know is an invalid parameter.";
    FsaRequestBufferTooSmall = "fsa.request.buffer_too_small", "WDK", "fastfat sample", "",
        "A granular request whose input or output buffer cannot hold its structure fails as too \
         small.";
    FsaRequestDirectoryLevel = "fsa.request.directory_level", "MS-FSA", "2.1.5.18",
        "Server Requests an Oplock",
        "A directory takes only the granular levels R and RH; any other request on it is an \
         invalid parameter.";
    FsaRequestActionFlags = "fsa.request.action_flags", "SDK", "REQUEST_OPLOCK_INPUT_BUFFER", "",
        "A granular call is either a request or an acknowledgement; marked as neither or as both \
         it is an invalid parameter.";
    FsaRequestLevelZero = "fsa.request.level_zero", "MS-FSA", "2.1.5.18",
        "Server Requests an Oplock",
        "Asking for granular level 0 on a file succeeds at once and creates nothing, before any \
         reason to refuse is looked at.";
    FsaRequestIllegalLevel = "fsa.request.illegal_level", "MS-FSA", "2.1.5.18",
        "Server Requests an Oplock",
        "H, W and HW without R are no levels and are refused as invalid parameters before \
         anything else.";
    FsaRequestHandleOnDeleted = "fsa.request.handle_on_deleted", "MS-FSA", "2.1.5.18",
        "Server Requests an Oplock",
        "Filter and every level with handle caching are refused on a file that is already marked \
         for deletion.";
    FsaRequestSynchronousHandle = "fsa.request.synchronous_handle", "MS-FSA", "2.1.5.18",
        "Server Requests an Oplock",
        "A handle opened for synchronous I/O never gets an oplock, since its request could not \
         stay pending.";
    FsaRequestLegacyExclusiveOtherOpen = "fsa.request.legacy_exclusive_other_open",
        "MS-FSA", "2.1.5.18", "Server Requests an Oplock",
        "Level 1, Batch and Filter are refused as soon as the stream has a second open, whoever \
         owns it.";
    FsaRequestGranularExclusiveOtherKey = "fsa.request.granular_exclusive_other_key",
        "WDK", "Requesting and Granting Oplocks", "",
        "RW and RWH are refused while the stream is open under another key or under none.";
    FsaRequestAttributeOpenNotCounted = "fsa.request.attribute_open_not_counted",
        "observed", "smb2.lease.statopen3", "",
        "An open that holds no oplock and has only attribute access and SYNCHRONIZE does not \
         stand in the way of RW or RWH.";
    FsaRequestSharedByteRangeLock = "fsa.request.shared_byte_range_lock", "MS-FSA", "2.1.5.18",
        "Server Requests an Oplock",
        "Level II, R and RH are refused while a byte-range lock covers allocated space of the \
         file; exclusive oplocks do not mind locks.";
    FsaRequestWritableSection = "fsa.request.writable_section",
        "WDK", "Requesting and Granting Oplocks", "",
        "A granular request is turned down with its own status and flag while the file is mapped \
         writable.";
    FsaRequestPends = "fsa.request.pends", "MS-FSA", "2.1.5.18", "Server Requests an Oplock",
        "A granted request stays pending and completes only when the oplock breaks, is switched, \
         or ends.";

    // fsa.grant: stream state against request.
    FsaGrantNoneLegacyExclusive = "fsa.grant.none.legacy_exclusive", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "With nothing held, the sole open of a stream gets Level 1, Batch or Filter.";
    FsaGrantNoneShared = "fsa.grant.none.shared", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "With nothing held, a request for Level II, R or RH is granted.";
    FsaGrantNoneGranularExclusive = "fsa.grant.none.granular_exclusive", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "With nothing held and no foreign open, a request for RW or RWH is granted.";
    FsaGrantIiReplacedByLegacyExclusive = "fsa.grant.ii.replaced_by_legacy_exclusive",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "The sole open may trade its Level II oplocks for Level 1, Batch or Filter; they complete \
         as broken to none first.";
    FsaGrantIiJoinedByIiOrR = "fsa.grant.ii.joined_by_ii_or_r", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "Where Level II is held, alone or beside R, further Level II and R oplocks are granted, \
         even several Level II on one handle.";
    FsaGrantIiRefusesGranular = "fsa.grant.ii.refuses_granular", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "RH, RW and RWH are refused while anybody holds Level II, alone or beside R.";
    FsaGrantRRefusesLegacyExclusive = "fsa.grant.r.refuses_legacy_exclusive",
        "WDK", "Requesting and Granting Oplocks", "",
        "Level 1, Batch and Filter are refused while anybody holds R, alone or beside Level II, \
         the same key included.";
    FsaGrantRSameKeySwitches = "fsa.grant.r_same_key.switches", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "A request for Level II or R is granted and ends an R that the same key holds.";
    FsaGrantRSameKeyUpgrades = "fsa.grant.r_same_key.upgrades", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "A key that holds R may raise it to RH, and if it is the only holder to RW or RWH.";
    FsaGrantROtherKeyJoined = "fsa.grant.r_other_key.joined", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "Level II, R or RH is granted beside the R of another key, which stays as it is.";
    FsaGrantROtherKeyRefusesExclusive = "fsa.grant.r_other_key.refuses_exclusive",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "RW and RWH are refused while another key holds R.";
    FsaGrantRhRefusesLegacy = "fsa.grant.rh.refuses_legacy",
        "WDK", "Requesting and Granting Oplocks", "",
        "No legacy oplock, Level II included, is granted while anybody holds RH or has yet to \
         acknowledge its break.";
    FsaGrantRhSameKeyRefusesR = "fsa.grant.rh_same_key.refuses_r", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "A key that holds RH, or has yet to acknowledge its break, cannot ask for plain R.";
    FsaGrantRhSameKeyRhSwitches = "fsa.grant.rh_same_key.rh_switches", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "A second RH request of one key moves its RH to the new request.";
    FsaGrantRhSameKeyRefusesRw = "fsa.grant.rh_same_key.refuses_rw", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "A key that holds RH cannot trade handle caching for write caching.";
    FsaGrantRhSameKeyRwhUpgrades = "fsa.grant.rh_same_key.rwh_upgrades", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "A key that alone holds RH may raise it to RWH.";
    FsaGrantRhOtherKeyJoined = "fsa.grant.rh_other_key.joined", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "R or RH is granted beside the RH of another key, which stays as it is.";
    FsaGrantRhOtherKeyRefusesExclusive = "fsa.grant.rh_other_key.refuses_exclusive",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "RW and RWH are refused while another key holds RH.";
    FsaGrantMixedRefusesExclusive = "fsa.grant.mixed.refuses_exclusive", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "RW and RWH are refused where R and RH holders mix.";
    FsaGrantExclusiveSameKeySwitches = "fsa.grant.exclusive_same_key.switches",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "A second request of one key for the RW or RWH that it holds moves the oplock to the new \
         request.";
    FsaGrantExclusiveSameKeyUpgrades = "fsa.grant.exclusive_same_key.upgrades",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "A key that holds RW may raise it to RWH.";
    FsaGrantExclusiveSameKeyRefusesLower = "fsa.grant.exclusive_same_key.refuses_lower",
        "MS-FSA", "2.1.5.18.2", "Algorithm to Request a Shared Oplock",
        "A key that holds RW or RWH is refused anything lower, since a request never downgrades.";
    FsaGrantExclusiveRefusesOthers = "fsa.grant.exclusive.refuses_others", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "While RW or RWH is held, every legacy request and every request under another key is \
         refused.";
    FsaGrantLegacyExclusiveRefusesAll = "fsa.grant.legacy_exclusive.refuses_all",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "While Level 1, Batch or Filter is held, every request is refused.";
    FsaGrantBreakingRefusesAll = "fsa.grant.breaking.refuses_all", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "While the state of a stream is breaking, no request is granted, except inside an \
         acknowledgement.";
    FsaGrantRhQueueJoined = "fsa.grant.rh_queue.joined", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "R or RH is granted beside an unacknowledged RH break as long as the stream as a whole is \
         not breaking.";
    FsaGrantRhQueueRefusesExclusive = "fsa.grant.rh_queue.refuses_exclusive",
        "MS-FSA", "2.1.5.18.1", "Algorithm to Request an Exclusive Oplock",
        "RW and RWH are refused beside an unacknowledged RH break, even one of the same key.";
    FsaGrantFilterPendingRefusesOthers = "fsa.grant.filter_pending.refuses_others",
        "WDK", "FsRtlOplockFsctrl", "",
        "While a Filter oplock is pending by FILE_RESERVE_OPFILTER, requests on other handles are \
         refused as if it were held.";

    // fsa.switch: how replaced requests complete.
    FsaSwitchToExclusive = "fsa.switch.to_exclusive", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "A request replaced by RW or RWH of its own key completes as switched, naming the new \
         level, with nothing to acknowledge.";
    FsaSwitchToR = "fsa.switch.to_r", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "An R request replaced by R, or met by Level II, of its own key completes as switched, \
         naming R, with nothing to acknowledge.";
    FsaSwitchToRh = "fsa.switch.to_rh", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "An R or RH request replaced by RH of its own key completes as switched, naming RH, with \
         nothing to acknowledge.";
    FsaSwitchIiToNone = "fsa.switch.ii_to_none", "MS-FSA", "2.1.5.18.1",
        "Algorithm to Request an Exclusive Oplock",
        "A Level II request replaced by an exclusive legacy oplock completes as broken to none, \
         with nothing to acknowledge.";

    // fsa.recompute.
    FsaRecomputeEmpty = "fsa.recompute.empty", "MS-FSA", "2.1.4.13",
        "Algorithm to Recompute the State of a Shared Oplock",
        "A stream whose holder lists and break queue are all empty has no oplock.";
    FsaRecomputeMixed = "fsa.recompute.mixed", "MS-FSA", "2.1.4.13",
        "Algorithm to Recompute the State of a Shared Oplock",
        "R holders beside RH holders, breaking or not, make a mixed state.";
    FsaRecomputeRh = "fsa.recompute.rh", "MS-FSA", "2.1.4.13",
        "Algorithm to Recompute the State of a Shared Oplock",
        "RH holders without R holders make the state RH, whatever is still breaking beside them.";
    FsaRecomputeReadOnly = "fsa.recompute.read_only", "MS-FSA", "2.1.4.13",
        "Algorithm to Recompute the State of a Shared Oplock",
        "R holders, Level II holders or both, with no RH about, make the state just that.";
    FsaRecomputeAllBreakingAlike = "fsa.recompute.all_breaking_alike", "MS-FSA", "2.1.4.13",
        "Algorithm to Recompute the State of a Shared Oplock",
        "If all that is left are RH holders on their way to one level, the stream as a whole is \
         breaking to it.";
    FsaRecomputeBreakingDifferently = "fsa.recompute.breaking_differently", "MS-FSA", "2.1.4.13",
        "Algorithm to Recompute the State of a Shared Oplock",
        "If all that is left are RH holders on their way to different levels, the state reads RH \
         without a breaking mark.";

    // fsa.create: order of checks.
    FsaCreateNameNotFound = "fsa.create.name_not_found", "MS-FSA", "2.1.5.1",
        "Server Requests an Open of a File",
        "A disposition that needs an existing file fails on a missing one.";
    FsaCreateNewStream = "fsa.create.new_stream", "WDK", "IRP_MJ_CREATE", "",
        "A stream that this create brings into being has no holders, so nothing can break.";
    FsaCreateDeletePending = "fsa.create.delete_pending", "MS-FSA", "2.1.5.1",
        "Server Requests an Open of a File",
        "A file marked for deletion refuses every new open before any oplock is looked at.";
    FsaCreateNameCollision = "fsa.create.name_collision", "MS-FSA", "2.1.5.1.2",
        "Open of an Existing File",
        "Creating over an existing name collides before any oplock is looked at.";
    FsaCreateImpliedAccess = "fsa.create.implied_access", "WDK", "fastfat sample", "",
        "Superseding implies DELETE, overwriting implies writing data and extended attributes; \
         that access counts as asked for.";
    FsaCreateAccessDenied = "fsa.create.access_denied", "MS-FSA", "2.1.5.1.2.1",
        "Algorithm to Check Access to an Existing File",
        "A caller without the rights is turned away before sharing, so all but Batch and Filter \
         oplocks stay untouched.";
    FsaCreateOverwriteHiddenOrSystem = "fsa.create.overwrite_hidden_or_system", "MS-FSA",
        "2.1.5.1.2", "Open of an Existing File",
        "A hidden or system file is not overwritten by who does not say the same attributes, and \
         all but Batch and Filter oplocks stay untouched.";
    FsaCreateAttributesNeverConflict = "fsa.create.attributes_never_conflict",
        "MS-FSA", "2.1.5.1.2.2",
        "Algorithm to Check Sharing Access to an Existing Stream or Directory",
        "An open without read, write, append, execute or delete access can violate nobody's \
         sharing.";
    FsaCreateSharingViolation = "fsa.create.sharing_violation", "MS-FSA", "2.1.5.1.2.2",
        "Algorithm to Check Sharing Access to an Existing Stream or Directory",
        "An open that conflicts with another's access or share mode fails, if no handle caching \
         of a stranger can be taken away.";
    FsaCreateSharingViolationAfterBreak = "fsa.create.sharing_violation_after_break",
        "MS-FSA", "2.1.5.1.2", "Open of an Existing File",
        "An open that waited for a handle break and still conflicts fails with the sharing \
         violation.";

    FsaCreateCompleteIfOplocked = "fsa.create.complete_if_oplocked", "WDK", "Breaking Oplocks", "",
        "An open that asks not to wait starts the break, gets its handle at once and is told that \
         a break is in progress.";
    FsaCreateCompleteIfOplockedSharing = "fsa.create.complete_if_oplocked.sharing",
        "WDK", "fastfat sample", "",
        "An open that asks not to wait fails a sharing violation without taking handle caching \
         away.";
    FsaCreateRequiringOplockRefused = "fsa.create.requiring_oplock.refused", "WDK", "NtCreateFile",
        "",
        "An open that requires an oplock fails, breaking nothing, where others hold what it would \
         break or what no RH could stand beside.";
    FsaCreateRequiringOplockReserves = "fsa.create.requiring_oplock.reserves", "WDK",
        "NtCreateFile", "",
        "An open that requires an oplock reserves the stream until it asks for one or closes; \
         opens of other keys wait until then.";
    FsaCreateRequiringOplockBlocks = "fsa.create.requiring_oplock.blocks", "choice",
        "spec/07 D23", "",
        "While a stream is reserved, opens under other keys wait, whatever access they ask for, \
         and nothing else does.";
    FsaCreateRequiringOplockUsed = "fsa.create.requiring_oplock.used", "WDK", "NtCreateFile", "",
        "The oplock granted to who reserved the stream ends the reservation, and the opens that \
         it blocked go on to be checked.";
    FsaCreateReserveFilterPending = "fsa.create.reserve_filter.pending", "WDK",
        "FsRtlOplockFsctrl", "",
        "A create that may reserve a Filter oplock leaves it pending for its handle.";
    FsaCreateReserveFilterDropped = "fsa.create.reserve_filter.dropped", "choice",
        "spec/04 section 4", "",
        "A pending Filter oplock is gone without notice or wait once another does what a Filter \
         oplock would break for.";
    FsaCreateReserveFilterContradicted = "fsa.create.reserve_filter.contradicted", "MS-FSA",
        "2.1.5.1", "Server Requests an Open of a File",
        "Reserving a Filter oplock contradicts opening a directory and asking not to wait, and \
         makes the parameters invalid.";
    FsaCreateReserveFilterRefused = "fsa.create.reserve_filter.refused", "WDK", "NtCreateFile", "",
        "A Filter oplock is reserved only for the sole open, with nothing but FILE_READ_ATTRIBUTES \
         and everything shared.";

    // fsa.check_break: common.
    FsaCheckBreakNothingHeld = "fsa.check_break.nothing_held", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "On a stream without an oplock nothing breaks and nothing waits.";
    FsaCheckBreakSameKey = "fsa.check_break.same_key", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A holder loses nothing by an operation of its own handle or key.";
    FsaCheckBreakIiNoExemption = "fsa.check_break.ii_no_exemption", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Level II knows no key: what breaks it breaks it for every holder, the operator's own \
         handle included.";
    FsaCheckBreakQuery = "fsa.check_break.query", "MS-FSA", "2.1.5.12",
        "Server Requests a Query of File Information",
        "Asking for information through a handle breaks nothing.";
    FsaCheckBreakStreamsIndependent = "fsa.check_break.streams.independent",
        "observed", "smb2.oplock.stream1", "",
        "An operation on one stream leaves the oplocks on other streams of the file alone.";
    FsaCheckBreakStreamsOverwriteCrosses = "fsa.check_break.streams.overwrite_crosses",
        "WDK", "IRP_MJ_CREATE", "",
        "Overwriting an alternate stream without sharing delete breaks Batch and Filter on the \
         primary stream, and overwriting the primary with delete access breaks them on the \
         alternates.";

    // fsa.check_break.open: dispositions that keep the data.
    FsaCheckBreakOpenStatOnly = "fsa.check_break.open.stat_only", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An open limited to attribute access and SYNCHRONIZE breaks nothing and waits for \
         nothing.";
    FsaCheckBreakOpenReadControlGranular = "fsa.check_break.open.read_control_granular",
        "MS-FSA", "2.1.4.12", "Algorithm to Check for an Oplock Break",
        "Against granular oplocks READ_CONTROL counts as attribute access and breaks nothing.";
    FsaCheckBreakOpenReadControlLegacy = "fsa.check_break.open.read_control_legacy",
        "MS-FSA", "2.1.4.12", "Algorithm to Check for an Oplock Break",
        "Against legacy oplocks READ_CONTROL is real access and breaks them.";
    FsaCheckBreakOpenData = "fsa.check_break.open.data", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An open for more than attributes ends write caching by others, even if it asks for no \
         data.";
    FsaCheckBreakOpenSharedKept = "fsa.check_break.open.shared_kept", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A plain open that violates no sharing leaves Level II, R and RH alone.";
    FsaCheckBreakOpenLevelOneToTwo = "fsa.check_break.open.level_one_to_two", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A plain open by another breaks Level 1 to Level II and waits for the acknowledgement.";
    FsaCheckBreakOpenBatchToTwo = "fsa.check_break.open.batch_to_two", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A plain open by another breaks Batch to Level II and waits for the acknowledgement.";
    FsaCheckBreakOpenFilterToNone = "fsa.check_break.open.filter_to_none", "WDK", "IRP_MJ_CREATE",
        "",
        "An open that can change the file, or does not share reading, breaks Filter to none and \
         waits for the acknowledgement.";
    FsaCheckBreakOpenFilterKept = "fsa.check_break.open.filter_kept", "WDK", "IRP_MJ_CREATE", "",
        "Filter lets in an open that only reads and shares reading.";
    FsaCheckBreakOpenRwOtherKey = "fsa.check_break.open.rw_other_key", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A plain open under another key breaks RW to R and waits for the acknowledgement.";
    FsaCheckBreakOpenRwhOtherKey = "fsa.check_break.open.rwh_other_key", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A plain open under another key breaks RWH to RH and waits for the acknowledgement.";

    FsaCheckBreakOpenReserveFilter = "fsa.check_break.open.reserve_filter", "WDK", "IRP_MJ_CREATE",
        "",
        "An open that reserves a Filter oplock breaks what others hold to none, even with \
         attribute access only.";

    // fsa.check_break.overwrite.
    FsaCheckBreakOverwriteIi = "fsa.check_break.overwrite.ii", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks every Level II to none, without acknowledgement or wait.";
    FsaCheckBreakOverwriteLevelOne = "fsa.check_break.overwrite.level_one", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks another's Level 1 to none and waits for the acknowledgement.";
    FsaCheckBreakOverwriteBatch = "fsa.check_break.overwrite.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks another's Batch to none and waits for the acknowledgement.";
    FsaCheckBreakOverwriteFilter = "fsa.check_break.overwrite.filter", "WDK", "IRP_MJ_CREATE", "",
        "Overwriting a file breaks another's Filter to none and waits for the acknowledgement.";
    FsaCheckBreakOverwriteR = "fsa.check_break.overwrite.r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks R of other keys to none, without acknowledgement or wait.";
    FsaCheckBreakOverwriteRh = "fsa.check_break.overwrite.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks RH of other keys to none; the holder owes an acknowledgement, \
         but the overwriter does not wait for it.";
    FsaCheckBreakOverwriteRw = "fsa.check_break.overwrite.rw", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks another key's RW to none and waits for the acknowledgement.";
    FsaCheckBreakOverwriteRwh = "fsa.check_break.overwrite.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Overwriting a file breaks another key's RWH to none in one step and waits for the \
         acknowledgement.";

    // fsa.check_break.sharing_violation.
    FsaCheckBreakSharingViolationRh = "fsa.check_break.sharing_violation.rh", "MS-FSA", "2.1.5.1.2",
        "Open of an Existing File",
        "An open that violates sharing breaks RH of other keys to R and waits for the \
         acknowledgements, since a cached handle may just be closed.";
    FsaCheckBreakSharingViolationRwh = "fsa.check_break.sharing_violation.rwh",
        "MS-FSA", "2.1.5.1.2", "Open of an Existing File",
        "An open that violates sharing breaks another key's RWH to RW and waits for the \
         acknowledgement, even if it would overwrite.";
    FsaCheckBreakSharingViolationBatchFirst = "fsa.check_break.sharing_violation.batch_first",
        "MS-FSA", "2.1.5.1.2", "Open of an Existing File",
        "Batch and Filter are dealt with before access and sharing are checked, so even an open \
         that then fails may have broken them.";
    FsaCheckBreakSharingViolationLevelOne = "fsa.check_break.sharing_violation.level_one",
        "MS-FSA", "2.1.5.1.2", "Open of an Existing File",
        "An open that violates sharing fails and leaves Level 1 alone.";
    FsaCheckBreakSharingViolationRw = "fsa.check_break.sharing_violation.rw", "MS-FSA", "2.1.5.1.2",
        "Open of an Existing File",
        "An open that violates sharing fails and leaves RW alone, which has no handle caching to \
         give up.";
    FsaCheckBreakSharingViolationIiOrR = "fsa.check_break.sharing_violation.ii_or_r",
        "MS-FSA", "2.1.5.1.2", "Open of an Existing File",
        "An open that violates sharing fails and leaves Level II and R alone, which have no \
         handle caching to give up.";
    FsaCheckBreakSharingViolationSameKey = "fsa.check_break.sharing_violation.same_key",
        "MS-FSA", "2.1.5.1.2", "Open of an Existing File",
        "Handle caching under the opener's own key is not taken away, so the sharing violation \
         stands at once.";

    // fsa.check_break.read.
    FsaCheckBreakReadZeroLength = "fsa.check_break.read.zero_length", "MS-FSA", "2.1.5.3",
        "Server Requests a Read",
        "A read of no bytes breaks nothing.";
    FsaCheckBreakReadSharedKept = "fsa.check_break.read.shared_kept", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A read leaves Level II, R, RH and Filter alone.";
    FsaCheckBreakReadLevelOne = "fsa.check_break.read.level_one", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A read through another's handle breaks Level 1 to Level II and waits for the \
         acknowledgement.";
    FsaCheckBreakReadBatch = "fsa.check_break.read.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A read through another's handle breaks Batch to Level II and waits for the \
         acknowledgement.";
    FsaCheckBreakReadRw = "fsa.check_break.read.rw", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A read under another key breaks RW to R and waits for the acknowledgement.";
    FsaCheckBreakReadRwh = "fsa.check_break.read.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A read under another key breaks RWH to RH and waits for the acknowledgement.";

    // fsa.check_break.flush: MS-FSA has the case, and its flush section never asks for it.
    FsaCheckBreakFlushLevelOne = "fsa.check_break.flush.level_one", "choice", "spec/07 D5", "",
        "A flush by another breaks Level 1 to Level II and waits for the acknowledgement, like a \
         read.";
    FsaCheckBreakFlushBatch = "fsa.check_break.flush.batch", "choice", "spec/07 D5", "",
        "A flush by another breaks Batch to Level II and waits for the acknowledgement, like a \
         read.";
    FsaCheckBreakFlushRw = "fsa.check_break.flush.rw", "choice", "spec/07 D5", "",
        "A flush by another breaks RW to R and waits for the acknowledgement, like a read.";
    FsaCheckBreakFlushRwh = "fsa.check_break.flush.rwh", "choice", "spec/07 D5", "",
        "A flush by another breaks RWH to RH and waits for the acknowledgement, like a read.";
    FsaCheckBreakFlushSharedKept = "fsa.check_break.flush.shared_kept", "choice", "spec/07 D5", "",
        "A flush leaves Level II, R, RH and Filter alone, like a read.";
    FsaCheckBreakFlushUnchecked = "fsa.check_break.flush.unchecked", "choice", "spec/07 D5", "",
        "Read as the flush section of MS-FSA stands, a flush asks no oplock and breaks nothing.";

    // fsa.check_break.write.
    FsaCheckBreakWriteZeroLength = "fsa.check_break.write.zero_length", "MS-FSA", "2.1.5.4",
        "Server Requests a Write",
        "A write of no bytes breaks nothing.";
    FsaCheckBreakWriteIi = "fsa.check_break.write.ii", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write breaks every Level II to none, the writer's own included, without \
         acknowledgement or wait.";
    FsaCheckBreakWriteLevelOne = "fsa.check_break.write.level_one", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write through another's handle breaks Level 1 to none and waits for the \
         acknowledgement.";
    FsaCheckBreakWriteBatch = "fsa.check_break.write.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write through another's handle breaks Batch to none and waits for the acknowledgement.";
    FsaCheckBreakWriteFilter = "fsa.check_break.write.filter", "WDK", "IRP_MJ_WRITE", "",
        "A write through another's handle breaks Filter to none and waits for the \
         acknowledgement.";
    FsaCheckBreakWriteR = "fsa.check_break.write.r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write breaks R of other keys to none, without acknowledgement or wait.";
    FsaCheckBreakWriteRh = "fsa.check_break.write.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write breaks RH of other keys to none; the holders owe an acknowledgement, but the \
         writer does not wait for it.";
    FsaCheckBreakWriteRw = "fsa.check_break.write.rw", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write under another key breaks RW to none and waits for the acknowledgement.";
    FsaCheckBreakWriteRwh = "fsa.check_break.write.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A write under another key breaks RWH to none in one step and waits for the \
         acknowledgement.";

    // fsa.check_break.lock.
    FsaCheckBreakLockIi = "fsa.check_break.lock.ii", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks every Level II to none, the holder of its own handle included, \
         without acknowledgement or wait.";
    FsaCheckBreakLockLevelOne = "fsa.check_break.lock.level_one", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks another's Level 1 to none and waits for the acknowledgement.";
    FsaCheckBreakLockBatch = "fsa.check_break.lock.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks another's Batch to none and waits for the acknowledgement.";
    FsaCheckBreakLockR = "fsa.check_break.lock.r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks R of other keys to none, without acknowledgement or wait.";
    FsaCheckBreakLockRh = "fsa.check_break.lock.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks RH of other keys to none; the holders owe an acknowledgement, \
         but nobody waits for it.";
    FsaCheckBreakLockRw = "fsa.check_break.lock.rw", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks another key's RW to none and waits for the acknowledgement.";
    FsaCheckBreakLockRwh = "fsa.check_break.lock.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A byte-range lock breaks another key's RWH to none in one step and waits for the \
         acknowledgement.";
    FsaCheckBreakLockFilterKept = "fsa.check_break.lock.filter_kept",
        "WDK", "IRP_MJ_LOCK_CONTROL", "",
        "A byte-range lock leaves Filter alone.";
    FsaCheckBreakLockRwhContinues = "fsa.check_break.lock.rwh_continues",
        "choice", "spec/07 D13", "",
        "Read as the WDK article stands, a byte-range lock that breaks RWH does not wait for the \
         acknowledgement that is owed.";
    FsaCheckBreakLockBeyondAllocation = "fsa.check_break.lock.beyond_allocation",
        "MS-FSA", "2.1.5.8", "Server Requests a Byte-Range Lock",
        "A byte-range lock that starts at or beyond the allocated space of the file asks no \
         oplock and breaks nothing.";
    FsaCheckBreakLockUnlock = "fsa.check_break.lock.unlock", "MS-FSA", "2.1.5.9",
        "Server Requests an Unlock of a Byte-Range",
        "Unlocking a byte range asks no oplock and breaks nothing.";

    // fsa.check_break.size: end of file, allocation size, valid data length.
    FsaCheckBreakSizeIi = "fsa.check_break.size.ii", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks every Level \
         II to none, the holder of its own handle included, without acknowledgement or wait.";
    FsaCheckBreakSizeLevelOne = "fsa.check_break.size.level_one", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks another's \
         Level 1 to none and waits for the acknowledgement.";
    FsaCheckBreakSizeBatch = "fsa.check_break.size.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks another's \
         Batch to none and waits for the acknowledgement.";
    FsaCheckBreakSizeFilter = "fsa.check_break.size.filter", "WDK", "IRP_MJ_SET_INFORMATION", "",
        "Setting the end of file, the allocation size or the valid data length breaks another's \
         Filter to none and waits for the acknowledgement.";
    FsaCheckBreakSizeR = "fsa.check_break.size.r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks R of other \
         keys to none, without acknowledgement or wait.";
    FsaCheckBreakSizeRh = "fsa.check_break.size.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks RH of other \
         keys to none; the holders owe an acknowledgement, but nobody waits for it.";
    FsaCheckBreakSizeRw = "fsa.check_break.size.rw", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks another \
         key's RW to none and waits for the acknowledgement.";
    FsaCheckBreakSizeRwh = "fsa.check_break.size.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the end of file, the allocation size or the valid data length breaks another \
         key's RWH to none in one step and waits for the acknowledgement.";
    FsaCheckBreakSizeValidDataLength = "fsa.check_break.size.valid_data_length",
        "choice", "spec/07 D6", "",
        "Setting the valid data length breaks what setting the end of file breaks, though MS-FSA \
         has no case for it.";
    FsaCheckBreakSizeValidDataLengthUnchecked = "fsa.check_break.size.valid_data_length_unchecked",
        "choice", "spec/07 D6", "",
        "By the text of MS-FSA a new valid data length is no case of the check and breaks nothing.";

    // fsa.check_break.zero_data.
    FsaCheckBreakZeroDataIi = "fsa.check_break.zero_data.ii", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks every Level II to none, the holder of its own handle \
         included, without acknowledgement or wait.";
    FsaCheckBreakZeroDataLevelOne = "fsa.check_break.zero_data.level_one", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks another's Level 1 to none and waits for the \
         acknowledgement.";
    FsaCheckBreakZeroDataBatch = "fsa.check_break.zero_data.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks another's Batch to none and waits for the \
         acknowledgement.";
    FsaCheckBreakZeroDataFilter = "fsa.check_break.zero_data.filter",
        "WDK", "IRP_MJ_FILE_SYSTEM_CONTROL", "",
        "Zeroing a range of a file breaks another's Filter to none and waits for the \
         acknowledgement.";
    FsaCheckBreakZeroDataR = "fsa.check_break.zero_data.r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks R of other keys to none, without acknowledgement or \
         wait.";
    FsaCheckBreakZeroDataRh = "fsa.check_break.zero_data.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks RH of other keys to none; the holders owe an \
         acknowledgement, but nobody waits for it.";
    FsaCheckBreakZeroDataRw = "fsa.check_break.zero_data.rw", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks another key's RW to none and waits for the \
         acknowledgement.";
    FsaCheckBreakZeroDataRwh = "fsa.check_break.zero_data.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Zeroing a range of a file breaks another key's RWH to none in one step and waits for the \
         acknowledgement.";
    FsaCheckBreakZeroDataNoRange = "fsa.check_break.zero_data.no_range", "MS-FSA", "2.1.5.10.39",
        "FSCTL_SET_ZERO_DATA",
        "Zeroing an empty range, or one that starts at or beyond the end of the stream, succeeds \
         and breaks nothing.";

    // fsa.check_break.control: every other control.
    FsaCheckBreakControlCopyChunk = "fsa.check_break.control.copy_chunk", "choice", "spec/07 D16", "",
        "A copy by chunks asks the oplock of the source like a read and that of the destination \
         like a write.";
    FsaCheckBreakControlOthers = "fsa.check_break.control.others", "choice", "spec/07 D16", "",
        "Trimming, duplicating extents, offloaded writes, sparseness and compression ask no \
         oplock of the stream and break nothing.";
    FsaCheckBreakControlOthersAsWrite = "fsa.check_break.control.others_as_write",
        "choice", "spec/07 D16", "",
        "Read as a change of data, a control that trims, duplicates, offloads, or sets sparseness \
         or compression breaks what a write breaks.";

    // fsa.check_break.rename: names; fsa.check_break.disposition; fsa.check_break.security.
    FsaCheckBreakRenameBatch = "fsa.check_break.rename.batch", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A new name, by rename, short name or a link in its place, breaks another's Batch to none \
         and waits for the acknowledgement.";
    FsaCheckBreakRenameFilter = "fsa.check_break.rename.filter",
        "WDK", "IRP_MJ_SET_INFORMATION", "",
        "A new name, by rename, short name or a link in its place, breaks another's Filter to none \
         and waits for the acknowledgement.";
    FsaCheckBreakRenameRh = "fsa.check_break.rename.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A new name, by rename, short name or a link in its place, breaks RH of other keys to R \
         and waits for the acknowledgements.";
    FsaCheckBreakRenameRwh = "fsa.check_break.rename.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A new name, by rename, short name or a link in its place, breaks another key's RWH to RW \
         and waits for the acknowledgement.";
    FsaCheckBreakRenameKept = "fsa.check_break.rename.kept", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A new name, by rename, short name or a link in its place, leaves Level 1, Level II, R and \
         RW alone.";
    FsaCheckBreakRenameLinkKept = "fsa.check_break.rename.link_kept", "MS-FSA", "2.1.5.15.7",
        "FileLinkInformation",
        "Giving a file one more name breaks nothing on the file itself.";
    FsaCheckBreakRenameShortNameUnchecked = "fsa.check_break.rename.short_name_unchecked",
        "choice", "spec/07 D15", "",
        "By the text of MS-FSA a new short name checks no oplock of the file itself.";
    FsaCheckBreakDispositionRh = "fsa.check_break.disposition.rh",
        "WDK", "IRP_MJ_SET_INFORMATION", "",
        "Marking a file for deletion breaks RH of other keys to R and waits for the \
         acknowledgements.";
    FsaCheckBreakDispositionRwh = "fsa.check_break.disposition.rwh",
        "WDK", "IRP_MJ_SET_INFORMATION", "",
        "Marking a file for deletion breaks another key's RWH to RW and waits for the \
         acknowledgement.";
    FsaCheckBreakDispositionKept = "fsa.check_break.disposition.kept",
        "WDK", "IRP_MJ_SET_INFORMATION", "",
        "Marking a file for deletion leaves every legacy oplock, R and RW alone.";
    FsaCheckBreakDispositionUndelete = "fsa.check_break.disposition.undelete",
        "WDK", "IRP_MJ_SET_INFORMATION", "",
        "Taking a deletion back breaks nothing.";
    FsaCheckBreakDispositionUnchecked = "fsa.check_break.disposition.unchecked",
        "choice", "spec/07 D7", "",
        "By the text of MS-FSA marking a file for deletion checks no oplock.";
    FsaCheckBreakOtherInformation = "fsa.check_break.other_information", "MS-FSA", "2.1.5.15",
        "Server Requests Setting of File Information",
        "Setting times, attributes, extended attributes, position or mode breaks nothing on the \
         stream itself.";
    FsaCheckBreakSecurityRh = "fsa.check_break.security.rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the security of a file breaks RH of other keys to R and waits for the \
         acknowledgements.";
    FsaCheckBreakSecurityRwh = "fsa.check_break.security.rwh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the security of a file breaks another key's RWH to RW and waits for the \
         acknowledgement.";
    FsaCheckBreakSecurityKept = "fsa.check_break.security.kept", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Setting the security of a file leaves every legacy oplock, R and RW alone.";
    FsaCheckBreakSecurityUnchecked = "fsa.check_break.security.unchecked",
        "choice", "spec/07 D8", "",
        "Read without the newest MS-FSA, setting the security of a file asks no oplock and breaks \
         nothing.";

    // fsa.check_break.section: a writable user section is created.
    FsaCheckBreakSectionGranular = "fsa.check_break.section.granular",
        "WDK", "FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION", "",
        "Creating a writable section breaks R, RH, RW and RWH of everybody to none, with nothing \
         to acknowledge and nothing to wait for.";
    FsaCheckBreakSectionMeetsBreak = "fsa.check_break.section.meets_break",
        "choice", "spec/02 section 11", "",
        "Creating a writable section turns a running break of RH, RW or RWH into one to none and \
         goes ahead.";
    FsaCheckBreakSectionLegacyKept = "fsa.check_break.section.legacy_kept",
        "WDK", "FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION", "",
        "Creating a writable section leaves legacy oplocks alone.";
    FsaCheckBreakSectionReadOnly = "fsa.check_break.section.read_only",
        "WDK", "FS_FILTER_ACQUIRE_FOR_SECTION_SYNCHRONIZATION", "",
        "Creating a section that cannot be written through breaks nothing.";

    // fsa.check_break.close and .parent.
    FsaCheckBreakCloseDeleteOnClose = "fsa.check_break.close.delete_on_close", "choice",
        "spec/02 section 9", "",
        "Closing a handle that deletes takes handle caching from other keys and waits for the \
         acknowledgement.";
    FsaCheckBreakParentOtherKey = "fsa.check_break.parent.other_key", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A change to a child breaks R and RH on its directory to none under every key but the \
         child's parent key, and never waits.";
    FsaCheckBreakParentSameKey = "fsa.check_break.parent.same_key", "MS-FSA", "2.1.4.12.2",
        "Algorithm to Compare Oplock Keys",
        "Who changes a child under the parent key of a directory's holder leaves that holder \
         alone.";
    FsaCheckBreakParentCreate = "fsa.check_break.parent.create", "MS-FSA", "2.1.5.1.1",
        "Creation of a New File",
        "A new file or directory changes the directory that it is made in.";
    FsaCheckBreakParentOverwrite = "fsa.check_break.parent.overwrite", "WDK", "fastfat sample", "",
        "Overwriting or superseding a file changes the directory that it is in, at once.";
    FsaCheckBreakParentRemoved = "fsa.check_break.parent.removed", "MS-FSA", "2.1.5.5",
        "Server Requests Closing an Open",
        "A close that removes a file or a name of it changes the directory that it was in; \
         marking for deletion does not.";
    FsaCheckBreakParentDeletersDiffer = "fsa.check_break.parent.deleters_differ",
        "observed", "smb2.dirlease.unlink_different_set_and_close", "",
        "Where the handle that marked a file for deletion and the last one to close carry unequal \
         parent keys, neither spares a holder on the directory.";
    FsaCheckBreakParentWrittenAtClose = "fsa.check_break.parent.written_at_close",
        "observed", "smb2.dirlease.v2_request", "",
        "Written data changes the directory when the handle closes that wrote it, and not before.";
    FsaCheckBreakParentDataKept = "fsa.check_break.parent.data_kept", "choice", "spec/07 D17", "",
        "Where MS-FSA's silence is taken as it is, replaced or written data breaks nothing on the \
         parent directory.";
    FsaCheckBreakParentSize = "fsa.check_break.parent.size", "MS-FSA", "2.1.5.15.5",
        "FileEndOfFileInformation",
        "Setting the end of file or the allocation size changes the directory that the file is \
         in, even if the size stays as it is.";
    FsaCheckBreakParentBasic = "fsa.check_break.parent.basic", "MS-FSA", "2.1.5.15.2",
        "FileBasicInformation",
        "Attributes that change, or a time that is really set, change the directory that the file \
         is in.";
    FsaCheckBreakParentBasicUnchanged = "fsa.check_break.parent.basic_unchanged",
        "MS-FSA", "2.1.5.15.2", "FileBasicInformation",
        "Basic information that changes no attribute and sets no time changes no directory.";
    FsaCheckBreakParentRename = "fsa.check_break.parent.rename", "MS-FSA", "2.1.5.15.12",
        "FileRenameInformation",
        "A rename changes the directory that the file leaves.";
    FsaCheckBreakParentRenameMoves = "fsa.check_break.parent.rename_moves",
        "MS-FSA", "2.1.5.15.12", "FileRenameInformation",
        "A rename into another directory changes that one too.";
    FsaCheckBreakParentLink = "fsa.check_break.parent.link", "MS-FSA", "2.1.5.15.7",
        "FileLinkInformation",
        "A new hard link changes the directory that it is made in, and no other.";
    FsaCheckBreakParentShortName = "fsa.check_break.parent.short_name", "MS-FSA", "2.1.5.15.14",
        "FileShortNameInformation",
        "A new short name that differs changes the directory that the file is in.";
    FsaCheckBreakParentShortNameUnchanged = "fsa.check_break.parent.short_name_unchanged",
        "MS-FSA", "2.1.5.15.14", "FileShortNameInformation",
        "Removing a short name, or setting the one that is there, changes no directory.";
    FsaCheckBreakParentEncryption = "fsa.check_break.parent.encryption", "MS-FSA", "2.1.5.10.32",
        "FSCTL_SET_ENCRYPTION",
        "Encrypting or decrypting a file changes the directory that it is in.";

    // fsa.rename: what a new name takes besides the check of the stream.
    FsaRenameSameName = "fsa.rename.same_name", "MS-FSA", "2.1.5.15.12", "FileRenameInformation",
        "A rename to the unchanged name has taken handle caching away all the same, and then \
         changes nothing.";
    FsaRenameTargetExists = "fsa.rename.target_exists", "MS-FSA", "2.1.5.15.12",
        "FileRenameInformation",
        "A new name that is taken collides unless it shall be replaced, and breaks nothing on \
         what has it.";
    FsaRenameTargetProtected = "fsa.rename.target_protected", "MS-FSA", "2.1.5.15.12",
        "FileRenameInformation",
        "A directory or a read-only file is never replaced, and nothing on it is broken.";
    FsaRenameTargetDeleted = "fsa.rename.target_deleted", "MS-FSA", "2.1.5.15.12",
        "FileRenameInformation",
        "A file marked for deletion is not replaced, and nothing on it is broken.";
    FsaRenameTargetOpen = "fsa.rename.target_open", "observed",
        "smb2.lease.v2_rename_target_overwrite", "",
        "A file that is still open once its handle caching is taken away is not replaced.";
    FsaRenameDestinationShared = "fsa.rename.destination_shared", "MS-FSA", "2.1.5.15.12",
        "FileRenameInformation",
        "A new name fails where another handle on the destination directory does not share what \
         opening it for the purpose takes.";
    FsaRenameDestinationBreaksHandle = "fsa.rename.destination_breaks_handle",
        "observed", "smb2.dirlease.rename_dst_parent", "",
        "Handle caching on a destination directory in the way is first taken away, and its \
         acknowledgement waited for.";
    FsaRenameBelowOpen = "fsa.rename.below_open", "MS-FSA", "2.1.4.2",
        "Algorithm for Determining If a Directory Contains Open Files",
        "A directory keeps its name as long as anything below it is open without Batch, Filter or \
         handle caching to be taken away.";
    FsaRenameBelowBreaksHandle = "fsa.rename.below_breaks_handle", "MS-FSA", "2.1.4.2",
        "Algorithm for Determining If a Directory Contains Open Files",
        "What holds Batch, Filter or handle caching below a directory that gets a new name is \
         broken, one after the other, so that its handle may close.";
    FsaRenameBelowNotFewer = "fsa.rename.below_not_fewer", "WDK", "fastfat sample", "",
        "A directory keeps its name where a break below it left as many files open as before.";


    // fsa.breaking: a further operation meets a running break.
    FsaBreakingStatOnlyProceeds = "fsa.breaking.stat_only_proceeds", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An open with attribute access only does not wait for a running break.";
    FsaBreakingSameKeyProceeds = "fsa.breaking.same_key_proceeds", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "The breaking holder's own handle or key does not wait for its break.";
    FsaBreakingUnaffectedProceeds = "fsa.breaking.unaffected_proceeds", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that takes nothing from the breaking oplock does not wait for it.";
    FsaBreakingFilterWaits = "fsa.breaking.filter_waits", "choice", "spec/02 section 14", "",
        "What would break Filter waits while Filter is breaking, and what would not goes ahead.";
    FsaBreakingLegacyJoins = "fsa.breaking.legacy_joins", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation for which the running legacy break goes low enough joins the wait.";
    FsaBreakingTwoDeepenedToNone = "fsa.breaking.two_deepened_to_none", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that needs none turns a running break to Level II into one to none and \
         waits.";
    FsaBreakingGranularJoins = "fsa.breaking.granular_joins", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation for which the running break of RW or RWH goes low enough joins the wait.";
    FsaBreakingRwDeepenedToNone = "fsa.breaking.rw_deepened_to_none", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that needs read caching gone turns a break of RW to R into one to none and \
         waits.";
    FsaBreakingRwhToRwDeepenedToR = "fsa.breaking.rwh_to_rw_deepened_to_r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that needs write caching gone turns a break of RWH to RW into one to R and \
         waits.";
    FsaBreakingRwhToRhDeepenedToR = "fsa.breaking.rwh_to_rh_deepened_to_r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that needs handle caching gone turns a break of RWH to RH into one to R and \
         waits.";
    FsaBreakingRwhDeepenedToNone = "fsa.breaking.rwh_deepened_to_none", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that needs read caching gone turns any running break of RWH into one to \
         none and waits.";
    FsaBreakingRhHandleWaits = "fsa.breaking.rh_handle_waits", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An operation that needs handle caching gone waits until no stranger's RH break is \
         unacknowledged, whatever its target.";
    FsaBreakingRhToRDeepenedToNone = "fsa.breaking.rh_to_r_deepened_to_none", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "An overwrite or write silently turns breaks of RH to R under other keys into breaks to \
         none and goes ahead.";
    FsaBreakingRhToNoneProceeds = "fsa.breaking.rh_to_none_proceeds", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "A further overwrite or write does not wait for RH breaks that already go to none.";
    FsaBreakingRhMoreHoldersToR = "fsa.breaking.rh_more_holders_to_r", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Beside a running RH break, an operation that needs handle caching gone also breaks the \
         remaining RH holders of other keys to R and waits.";
    FsaBreakingRhMoreHoldersToNone = "fsa.breaking.rh_more_holders_to_none", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Beside a running RH break, an overwrite or write also breaks the remaining RH and R \
         holders of other keys to none and goes ahead.";

    // fsa.lock: byte-range locks.
    FsaLockGranted = "fsa.lock.granted", "MS-FSA", "2.1.5.8", "Server Requests a Byte-Range Lock",
        "A byte range is locked where no other lock stands in the way.";
    FsaLockNotGranted = "fsa.lock.not_granted", "MS-FSA", "2.1.5.8",
        "Server Requests a Byte-Range Lock",
        "A lock that conflicts and shall not wait fails at once, after oplocks were broken.";
    FsaLockWaits = "fsa.lock.waits", "MS-FSA", "2.1.5.8", "Server Requests a Byte-Range Lock",
        "A lock that conflicts and may wait does so until the locks in its way are gone.";
    FsaLockWaiterHandleClosed = "fsa.lock.waiter_handle_closed", "observed", "smb2.lock.cancel", "",
        "A lock that waits ends as not locked when its handle closes.";
    FsaLockDirectory = "fsa.lock.directory", "MS-FSA", "2.1.5.8",
        "Server Requests a Byte-Range Lock",
        "Locking or unlocking a range of a directory is an invalid parameter, before any oplock \
         is asked.";
    FsaLockConflictsWithData = "fsa.lock.conflicts_with_data", "MS-FSA", "2.1.4.10",
        "Algorithm to Determine If a Range Access Conflicts with Byte-Range Locks",
        "A read or a change of data meets the byte-range locks in its way only after it has asked \
         the oplock.";
    FsaLockUnlockNotLocked = "fsa.lock.unlock_not_locked", "MS-FSA", "2.1.5.9",
        "Server Requests an Unlock of a Byte-Range",
        "Only what the same open locked just so can be unlocked.";

    // fsa.control.
    FsaControlZeroDataDeleted = "fsa.control.zero_data_deleted", "MS-FSA", "2.1.5.10.39",
        "FSCTL_SET_ZERO_DATA",
        "Zeroing a range of a file marked for deletion fails before any oplock is asked.";
    FsaControlUnknown = "fsa.control.unknown", "MS-FSA", "2.1.5.10",
        "Server Requests an FsControl Request",
        "A control that the store does not know is an invalid device request and breaks nothing.";


    // fsa.release.
    FsaReleaseRepeatsCheck = "fsa.release.repeats_check", "MS-FSA", "2.1.4.12.1",
        "Algorithm for Request Processing After an Oplock Breaks",
        "A released operation repeats its whole check and may break and wait again.";
    FsaReleaseExclusiveBreakOver = "fsa.release.exclusive_break_over", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "The end of an exclusive break releases everybody who waited for it.";
    FsaReleaseRhQueueDone = "fsa.release.rh_queue_done", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Those who wait for RH breaks go on once none under another key is left.";
    FsaReleaseRhQueueKeepsWaiting = "fsa.release.rh_queue_keeps_waiting", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A waiter stays as long as another key's RH break is unacknowledged.";
    FsaReleaseHeldBackWhileDeepened = "fsa.release.held_back_while_deepened",
        "choice", "spec/07 D20", "",
        "An acknowledgement releases nobody while some waiter needs less than what was \
         acknowledged.";

    // fsa.close.
    FsaCloseNoOplock = "fsa.close.no_oplock", "MS-FSA", "2.1.5.5",
        "Server Requests Closing an Open",
        "Closing a handle that holds no oplock changes nobody's.";
    FsaCloseIi = "fsa.close.ii", "MS-FSA", "2.1.4.12", "Algorithm to Check for an Oplock Break",
        "Closing a handle completes each of its Level II requests as broken to none and leaves \
         other holders alone.";
    FsaCloseLegacyExclusive = "fsa.close.legacy_exclusive", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Closing the handle that holds Level 1, Batch or Filter completes the request as broken \
         to none and frees the stream.";
    FsaCloseROrRh = "fsa.close.r_or_rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Closing a handle that holds R or RH completes the request as closed and recomputes the \
         state.";
    FsaCloseGranularExclusive = "fsa.close.granular_exclusive", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Closing the handle that holds RW or RWH completes the request as closed and frees the \
         stream.";
    FsaCloseBreakingExclusive = "fsa.close.breaking_exclusive", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Closing the handle of a breaking exclusive oplock ends the break and releases all who \
         waited.";
    FsaCloseBreakingRh = "fsa.close.breaking_rh", "MS-FSA", "2.1.4.12",
        "Algorithm to Check for an Oplock Break",
        "Closing the handle of a breaking RH takes it off the break queue and releases those for \
         whom none is left.";
    FsaCloseRemovesLocks = "fsa.close.removes_locks", "MS-FSA", "2.1.5.5",
        "Server Requests Closing an Open",
        "Closing a handle removes its byte-range locks last, and those who wait for them try \
         again.";

    // fsa.cancel.
    FsaCancelWaiter = "fsa.cancel.waiter", "MS-FSA", "2.1.5.20",
        "Server Requests Canceling an Operation",
        "Cancelling a call that waits ends that call alone: the break runs on and is still to be \
         acknowledged.";
    FsaCancelRequest = "fsa.cancel.request", "choice", "spec/07 D21", "",
        "Cancelling a granted request gives the oplock up and releases all who wait.";

    // fsa.break_notify.
    FsaBreakNotifyNothingBreaks = "fsa.break_notify.nothing_breaks", "WDK",
        "FSCTL_OPLOCK_BREAK_NOTIFY", "",
        "Asking to be told of the end of a break succeeds at once where none is in progress.";
    FsaBreakNotifyWaits = "fsa.break_notify.waits", "WDK", "FSCTL_OPLOCK_BREAK_NOTIFY", "",
        "Asking to be told of the end of a break waits while one is in progress, whoever caused \
         it.";
    FsaBreakNotifyOver = "fsa.break_notify.over", "WDK", "FSCTL_OPLOCK_BREAK_NOTIFY", "",
        "Who waits for the end of a break is told once every acknowledgement is in or the holders \
         have closed.";

    // fsa.ack.legacy.
    FsaAckLegacyNotOwner = "fsa.ack.legacy.not_owner", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Only the handle that holds the exclusive oplock can acknowledge its break.";
    FsaAckLegacyNotBreaking = "fsa.ack.legacy.not_breaking", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A legacy acknowledgement where no legacy oplock is breaking, or nothing is held at all, \
         is a protocol error.";
    FsaAckLegacyTwoGranted = "fsa.ack.legacy.two_granted", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Acknowledging a break to Level II turns the acknowledgement into a pending Level II \
         request.";
    FsaAckLegacyTwoDeclined = "fsa.ack.legacy.two_declined", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "The holder may decline the offered Level II and is then left with none.";
    FsaAckLegacyNone = "fsa.ack.legacy.none", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Acknowledging a break to none succeeds and frees the stream.";
    FsaAckLegacyTwoDeepenedToNone = "fsa.ack.legacy.two_deepened_to_none", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Acknowledging Level II after the break deepened completes at once as broken to none, \
         with nothing more to acknowledge.";
    FsaAckClosePendingLevelOne = "fsa.ack.close_pending.level_one",
        "WDK", "FSCTL_OPBATCH_ACK_CLOSE_PENDING", "",
        "For Level 1 the close-pending form is a full acknowledgement to none.";
    FsaAckClosePendingBatch = "fsa.ack.close_pending.batch",
        "WDK", "FSCTL_OPBATCH_ACK_CLOSE_PENDING", "",
        "For Batch and Filter the close-pending form promises a close, and all who wait, \
         newcomers too, wait for it.";
    FsaAckClosePendingNotBreaking = "fsa.ack.close_pending.not_breaking",
        "WDK", "FSCTL_OPBATCH_ACK_CLOSE_PENDING", "",
        "The close-pending form without a running break, or a second time, is a protocol error.";

    // fsa.ack granular.
    FsaAckGranularNotBreaking = "fsa.ack.granular.not_breaking", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A granular acknowledgement where no granular oplock is breaking, or nothing is held at \
         all, is a protocol error.";
    FsaAckGranularNotInRhQueue = "fsa.ack.granular.not_in_rh_queue", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A handle without an unacknowledged RH break of its own cannot acknowledge, not even one \
         of its own key.";
    FsaAckGranularNotOwner = "fsa.ack.granular.not_owner", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Only the handle that held RW or RWH can acknowledge its break.";
    FsaAckGranularIllegalLevel = "fsa.ack.granular.illegal_level", "choice", "spec/03 section 4",
        "",
        "Acknowledging with H, W or HW is an invalid parameter and leaves the break running.";
    FsaAckGranularOnClose = "fsa.ack.granular.on_close", "choice", "spec/01 section 1", "",
        "A granular acknowledgement to be completed on close succeeds at once and keeps all who \
         wait, newcomers too, waiting until the handle closes.";
    FsaAckRhKeptAgainstWaiter = "fsa.ack.rh.kept_against_waiter", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A holder told none cannot keep anything while somebody waits; its acknowledgement is \
         turned down and still owed.";
    FsaAckRhCannotGrant = "fsa.ack.rh.cannot_grant", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A holder told R cannot ask for write caching while somebody waits; its acknowledgement \
         is turned down and still owed.";
    FsaAckRhWriteRefused = "fsa.ack.rh.write_refused", "choice", "spec/07 D19", "",
        "A breaking RH cannot rise to RW or RWH by its acknowledgement, even if nobody waits.";
    FsaAckRhNone = "fsa.ack.rh.none", "MS-FSA", "2.1.5.19", "Server Acknowledges an Oplock Break",
        "An RH holder that acknowledges none leaves the break queue with nothing.";
    FsaAckRhGranted = "fsa.ack.rh.granted", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "An RH holder that acknowledges R or RH keeps just that, whatever others hold.";
    FsaAckRhDeletePending = "fsa.ack.rh.delete_pending", "MS-FSA", "2.1.5.18.2",
        "Algorithm to Request a Shared Oplock",
        "An RH holder that wants to keep RH on a file marked for deletion loses everything, and \
         its break is over all the same.";
    FsaAckExclusiveHandleNotHeld = "fsa.ack.exclusive.handle_not_held", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "A breaking RW cannot rise to RWH by its acknowledgement while somebody waits.";
    FsaAckExclusiveDeletePending = "fsa.ack.exclusive.delete_pending", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "Handle caching cannot be acknowledged on a file marked for deletion; the break runs on, \
         and nobody is released.";
    FsaAckExclusiveAboveBreakLevel = "fsa.ack.exclusive.above_break_level", "choice", "spec/07 D19",
        "",
        "An acknowledgement above the level that the holder was told is turned down, and the \
         break runs on.";
    FsaAckExclusiveNone = "fsa.ack.exclusive.none", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "An RW or RWH holder that acknowledges none frees the stream.";
    FsaAckExclusiveShared = "fsa.ack.exclusive.shared", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "An RW or RWH holder that acknowledges R or RH becomes a shared holder with that level.";
    FsaAckExclusiveExclusive = "fsa.ack.exclusive.exclusive", "MS-FSA", "2.1.5.19",
        "Server Acknowledges an Oplock Break",
        "An RWH holder that acknowledges RW stays the exclusive holder with that level.";
    FsaAckDeepenedRwBrokenOn = "fsa.ack.deepened.rw_broken_on", "choice", "spec/07 D20", "",
        "RW acknowledged while a waiter needs less is granted and at once broken further.";
    FsaAckDeepenedRhToR = "fsa.ack.deepened.rh_to_r", "observed", "smb2.lease.breaking3", "",
        "RH acknowledged while a waiter needs less is granted and at once broken to R, which is \
         to be acknowledged again.";
    FsaAckDeepenedRToNone = "fsa.ack.deepened.r_to_none", "observed", "smb2.lease.breaking3", "",
        "R acknowledged while a waiter needs less is granted and at once broken to none, without \
         acknowledgement.";

    // smb2.create.
    Smb2CreateLevelNone = "smb2.create.level_none", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "A create that asks for no oplock gets none.";
    Smb2CreateOplockGranted = "smb2.create.oplock_granted", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "After a successful open the server asks the store for the requested oplock level and \
         grants it if the store does.";
    Smb2CreateOplockFallsBackToIi = "smb2.create.oplock_falls_back_to_ii", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "If the store refuses the requested oplock, the server tries Level II.";
    Smb2CreateOplockFallsBackToNone = "smb2.create.oplock_falls_back_to_none", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "If the store refuses Level II too, the create still succeeds, without an oplock.";
    Smb2CreateDirectoryOplock = "smb2.create.directory_oplock", "observed", "smb2.dirlease.oplocks",
        "",
        "A directory never gets an oplock level; the create succeeds with none.";
    Smb2CreateForceLevelTwo = "smb2.create.force_level_two", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "On a share that forces Level II, exclusive and batch requests become Level II.";
    Smb2CreateScaleOutBatch = "smb2.create.scale_out_batch", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "On a scale-out share of an SMB 3 connection, a batch request becomes Level II.";
    Smb2CreateCompleteIfOplockedCleared = "smb2.create.complete_if_oplocked_cleared",
        "MS-SMB2", "3.3.5.9", "Receiving an SMB2 CREATE Request",
        "Over SMB2 the option to complete despite a break is cleared, so the create waits for the \
         break like any other.";
    Smb2CreateOpenRequiringOplockIgnored = "smb2.create.open_requiring_oplock_ignored",
        "MS-SMB2", "2.2.13", "SMB2 CREATE Request",
        "Over SMB2 the option to require an oplock has no effect.";
    Smb2CreateOptionIgnored = "smb2.create.option_ignored", "MS-SMB2", "2.2.13",
        "SMB2 CREATE Request",
        "Over SMB2 the options to refuse exclusive oplocks and to open a remote instance have no \
         effect.";
    Smb2CreateOptionCleared = "smb2.create.option_cleared", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "The options for synchronous handles and for free space queries are cleared before the \
         open, so that every handle of the server can carry an oplock.";
    Smb2CreateOptionRefused = "smb2.create.option_refused", "MS-SMB2", "2.2.13",
        "SMB2 CREATE Request",
        "Over SMB2 the option to reserve a filter oplock, and any unknown option, is not \
         supported.";
    Smb2CreateInterim = "smb2.create.interim", "MS-SMB2", "3.3.4.2",
        "Sending an Interim Response for an Asynchronous Operation",
        "A create that has to wait for a break may be answered by an interim first.";
    Smb2IoctlOplockControlRefused = "smb2.ioctl.oplock_control_refused", "MS-SMB2", "3.3.5.15",
        "Receiving an SMB2 IOCTL Request",
        "Oplock controls sent by a client are not supported and never reach the store.";
    Smb2IoctlAckNo2 = "smb2.ioctl.ack_no_2", "choice", "spec/07 D25", "",
        "The acknowledgement that wants no Level II stands in no list of blocked controls; it is \
         refused like the others, unless the choice is to hand it to the store.";
    Smb2IoctlPassedOn = "smb2.ioctl.passed_on", "MS-SMB2", "3.3.5.15.8",
        "Handling a Pass-Through Operation Request",
        "A control that the server does not know itself goes to the store, and the store's status \
         comes back.";
    Smb2IoctlCopyChunkSource = "smb2.ioctl.copy_chunk_source", "MS-SMB2", "3.3.5.15.6",
        "Handling a Server-Side Data Copy Request",
        "A server-side copy whose source is no open of the session fails as object name not found.";
    Smb2IoctlDuplicateSource = "smb2.ioctl.duplicate_source", "MS-SMB2", "3.3.5.15.17",
        "Handling a Duplicate Extents To File Request",
        "A duplication of extents whose source is no open of the session fails as invalid handle.";

    // smb2.operation: every request on an open, cancels, compounds, and requests as they stand.
    Smb2OperationFileClosed = "smb2.operation.file_closed", "MS-SMB2", "3.3.5.12",
        "Receiving an SMB2 READ Request",
        "A request on a file id that the session has no open for fails as file closed and does \
         nothing.";
    Smb2OperationInterim = "smb2.operation.interim", "MS-SMB2", "3.3.4.2",
        "Sending an Interim Response for an Asynchronous Operation",
        "A byte-range lock or a server-side copy that has to wait may be answered by an interim \
         first.";
    Smb2OperationWithoutInterim = "smb2.operation.without_interim",
        "observed", "smb2.compound_async.rename_non_compound_no_async", "",
        "Any other request that has to wait for a break waits without an interim.";
    Smb2OperationLocalOnly = "smb2.operation.local_only", "choice", "spec/05 section 3", "",
        "What only a caller on the server itself can do has no request and is not supported.";
    Smb2OperationMalformed = "smb2.operation.malformed", "MS-SMB2", "3.3.5.2.6",
        "Handling Incorrectly Formatted Requests",
        "A request of a size that its command does not have is an invalid parameter.";
    Smb2OperationUnknownCommand = "smb2.operation.unknown_command", "MS-SMB2", "3.3.5.2.6",
        "Handling Incorrectly Formatted Requests",
        "A command that nobody knows ends the connection without an answer.";
    Smb2OperationNotRead = "smb2.operation.not_read", "choice", "spec/05 section 6", "",
        "A well-formed request in raw form is read only if it is an acknowledgement or an echo; \
         any other is not supported.";
    Smb2LockCount = "smb2.lock.count", "MS-SMB2", "3.3.5.14", "Receiving an SMB2 LOCK Request",
        "A lock request without a range is an invalid parameter.";
    Smb2LockSeveralMustNotWait = "smb2.lock.several_must_not_wait", "MS-SMB2", "3.3.5.14.2",
        "Processing Locks",
        "A request for several locks of which one may wait for another lock is an invalid \
         parameter.";
    Smb2LockTakenBack = "smb2.lock.taken_back", "MS-SMB2", "3.3.5.14.2", "Processing Locks",
        "If one of several locks of a request is not granted, the ones before it are taken back.";
    Smb2LockUnlockedStays = "smb2.lock.unlocked_stays", "MS-SMB2", "3.3.5.14.1",
        "Processing Unlocks",
        "If one of several unlocks of a request fails, the ones before it stay unlocked and the \
         ones after it stay locked.";
    Smb2CancelWaiting = "smb2.cancel.waiting", "MS-SMB2", "3.3.5.16",
        "Receiving an SMB2 CANCEL Request",
        "A call that waits ends as cancelled; the break that it waited for runs on.";
    Smb2CancelOver = "smb2.cancel.over", "MS-SMB2", "3.3.5.16",
        "Receiving an SMB2 CANCEL Request",
        "A cancel of a call that does not wait, or of another connection, does nothing.";
    Smb2CompoundRelated = "smb2.compound.related", "MS-SMB2", "3.3.5.2.7.2",
        "Handling Compounded Related Requests",
        "A related request works on the open of the request before it, and waits where that one \
         waits.";
    Smb2CompoundUnrelated = "smb2.compound.unrelated", "MS-SMB2", "3.3.5.2.7.1",
        "Handling Compounded Unrelated Requests",
        "The requests of an unrelated compound are taken one by one; none waits for another.";
    Smb2CompoundNothingBefore = "smb2.compound.nothing_before", "MS-SMB2", "3.3.5.2.7.2",
        "Handling Compounded Related Requests",
        "A related request after one that neither names nor makes an open is an invalid handle.";
    Smb2CompoundFailedBefore = "smb2.compound.failed_before", "MS-SMB2", "3.3.5.2.7.2",
        "Handling Compounded Related Requests",
        "What relates to a create that failed fails with the create's status.";

    // smb2.lease.
    Smb2LeaseOn202 = "smb2.lease.on_2_0_2", "observed", "DirectoryLeasing_Negative_SMB2002", "",
        "On dialect 2.0.2 a lease request is passed over: the create succeeds without an oplock.";
    Smb2LeaseV2On21 = "smb2.lease.v2_on_2_1", "MS-SMB2", "3.3.5.9.11",
        "Handling the SMB2_CREATE_REQUEST_LEASE_V2 Create Context",
        "On dialect 2.1 a version 2 lease context is passed over: the create succeeds without an \
         oplock.";
    Smb2LeaseV2On21Refused = "smb2.lease.v2_on_2_1_refused", "choice", "spec/07 D50", "",
        "Where the length test is taken literally, a version 2 lease context on dialect 2.1 is an \
         invalid parameter, found only after the open.";
    Smb2LeaseDirectory = "smb2.lease.directory", "MS-SMB2", "3.3.5.9.11",
        "Handling the SMB2_CREATE_REQUEST_LEASE_V2 Create Context",
        "Where both sides know directory leases, a version 2 request brings a lease on a \
         directory.";
    Smb2LeaseDirectoryWithoutWrite = "smb2.lease.directory_without_write",
        "MS-SMB2", "3.3.5.9.11", "Handling the SMB2_CREATE_REQUEST_LEASE_V2 Create Context",
        "Write caching is taken out of every lease request on a directory.";
    Smb2LeaseOnDirectory = "smb2.lease.on_directory", "observed", "smb2.lease.request", "",
        "Where the server has no directory leases, a lease asked for on a directory yields no \
         oplock.";
    Smb2LeaseContextLength = "smb2.lease.context_length", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "A lease context whose length fits neither version is an invalid parameter, found only \
         after the open and its breaks.";
    Smb2LeaseLevelWithoutContext = "smb2.lease.level_without_context", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "The lease level without a lease context gets no oplock.";
    Smb2LeaseContextWithoutLevel = "smb2.lease.context_without_level", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A lease context without the lease level is passed over; the oplock level counts.";
    Smb2LeaseContextWithoutLevelTaken = "smb2.lease.context_without_level_taken",
        "MS-SMB2", "3.3.5.9.8", "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "Older servers take a lease context whatever the level says.";
    Smb2LeaseServerWithoutLeasing = "smb2.lease.server_without_leasing", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A server without leasing passes over the lease context.";
    Smb2LeaseStoreWithoutLeasing = "smb2.lease.store_without_leasing", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "If the store knows no granular oplocks, the server asks for Batch in place of a lease.";
    Smb2LeasePerClient = "smb2.lease.per_client", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A lease belongs to a client guid and a lease key; clients with equal keys do not share \
         it.";
    Smb2LeaseKeyAlone = "smb2.lease.key_alone", "choice", "spec/07 D26", "",
        "Where the lease key alone is the store's key, equal keys of two clients are one owner to \
         the store.";
    Smb2LeaseKeyToStore = "smb2.lease.key_to_store", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "Only a create that asks for a lease brings a key to the store; every other create is a \
         stranger to all.";
    Smb2LeaseOtherFileName = "smb2.lease.other_file_name", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A lease key in use for one file cannot be used for another; the create fails before the \
         open.";
    Smb2LeaseDeleteOnClose = "smb2.lease.delete_on_close", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A create with delete on close marks the lease, so that its key may name another file \
         from then on.";
    Smb2LeaseForceLevelTwo = "smb2.lease.force_level_two", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "On a share that forces Level II, write caching is taken out of every lease request.";
    Smb2LeaseScaleOut = "smb2.lease.scale_out", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "On a scale-out share of an SMB 3 connection, only R is left of a lease request.";
    Smb2LeaseIllegalState = "smb2.lease.illegal_state", "observed", "smb2.lease.request", "",
        "H, W or HW without R yields a lease with state none.";
    Smb2LeaseGranted = "smb2.lease.granted", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "A new lease gets the requested state if the store grants it.";
    Smb2LeaseFallbackWithoutWrite = "smb2.lease.fallback_without_write", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "If the store refuses a lease that holds nothing, the server tries again without write \
         caching.";
    Smb2LeaseFallbackWithoutHandle = "smb2.lease.fallback_without_handle", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "If the store refuses again, the server tries without handle caching too.";
    Smb2LeaseFallbackToNone = "smb2.lease.fallback_to_none", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "If the store refuses every step of the fallback, the lease exists with state none.";
    Smb2LeaseLevelKeptWithStateNone = "smb2.lease.level_kept_with_state_none",
        "observed", "smb2.lease.request", "",
        "The answer names the lease level even if the granted state is none.";
    Smb2LeaseEqualRequest = "smb2.lease.equal_request", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A request that equals the held state changes nothing.";
    Smb2LeaseNotSuperset = "smb2.lease.not_superset", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A request that does not include the held state changes nothing, and the held state is \
         returned.";
    Smb2LeasePromoted = "smb2.lease.promoted", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A request that exceeds the held state raises the lease if the store agrees.";
    Smb2LeasePromotionRefused = "smb2.lease.promotion_refused", "observed", "smb2.lease.upgrade3",
        "",
        "A refused promotion leaves the lease as it is; no lesser step is tried.";
    Smb2LeasePromotionFallback = "smb2.lease.promotion_fallback", "choice", "spec/07 D27", "",
        "Where the fallback is taken literally, a refused promotion is tried again without write \
         and without handle caching.";
    Smb2LeaseUnion = "smb2.lease.union", "choice", "spec/07 D27", "",
        "Where requests add up, a request that does not include the held state asks for both \
         together.";
    Smb2LeaseRenamed = "smb2.lease.renamed", "observed", "smb2.lease.v2_rename", "",
        "A rename changes the name that the lease of the file knows, so that its key fits the new \
         name.";
    Smb2LeaseBreakInProgress = "smb2.lease.break_in_progress", "MS-SMB2", "3.3.5.9.8",
        "Handling the SMB2_CREATE_REQUEST_LEASE Create Context",
        "A create on a breaking lease succeeds, returns the state before the break and says that \
         a break is running.";
    Smb2LeaseRequestFlagsIgnored = "smb2.lease.request_flags_ignored",
        "observed", "smb2.lease.v2_flags_breaking", "",
        "A breaking flag sent by the client has no meaning.";
    Smb2LeaseParentKey = "smb2.lease.parent_key", "MS-SMB2", "3.3.5.9.11",
        "Handling the SMB2_CREATE_REQUEST_LEASE_V2 Create Context",
        "A parent key is remembered if the create that brings the lease into being carries it, \
         and later answers repeat it.";
    Smb2LeaseVersionOfFirstRequest = "smb2.lease.version_of_first_request",
        "observed", "smb2.lease.v2_epoch2", "",
        "The version of a lease's first request decides the form of all its answers until its \
         last open is gone.";
    Smb2LeaseEndsWithLastOpen = "smb2.lease.ends_with_last_open", "MS-SMB2", "3.3.4.17",
        "Server Application Requests Closing an Open",
        "A lease ends with its last open; the next create with its key starts a new one.";
    Smb2LeaseCloseKeepsLease = "smb2.lease.close_keeps_lease", "MS-SMB2", "3.3.4.17",
        "Server Application Requests Closing an Open",
        "Closing one of several opens leaves the lease and a running break as they are.";
    Smb2LeaseCloseEndsBreak = "smb2.lease.close_ends_break", "MS-SMB2", "3.3.4.17",
        "Server Application Requests Closing an Open",
        "Closing the last open of a breaking lease ends the break with none; nothing is left to \
         acknowledge.";

    // smb2.mixed.
    Smb2MixedLeaseRThenOplock = "smb2.mixed.lease_r_then_oplock", "observed", "smb2.lease.oplock",
        "",
        "Beside a lease with R, any oplock request gets Level II and breaks nothing.";
    Smb2MixedLeaseRhThenOplock = "smb2.mixed.lease_rh_then_oplock", "observed", "smb2.lease.oplock",
        "",
        "Beside a lease with RH, any oplock request gets none and breaks nothing.";
    Smb2MixedLeaseRwThenOplock = "smb2.mixed.lease_rw_then_oplock", "observed", "smb2.lease.oplock",
        "",
        "An oplock request breaks a lease with RW to R and gets Level II.";
    Smb2MixedLeaseRwhThenOplock = "smb2.mixed.lease_rwh_then_oplock",
        "observed", "smb2.lease.oplock", "",
        "An oplock request breaks a lease with RWH to RH and gets none.";
    Smb2MixedIiThenLease = "smb2.mixed.ii_then_lease", "observed", "smb2.lease.oplock", "",
        "Beside Level II, any lease request gets R and breaks nothing.";
    Smb2MixedExclusiveThenLease = "smb2.mixed.exclusive_then_lease",
        "observed", "smb2.lease.oplock", "",
        "A lease request breaks an exclusive or batch oplock to Level II and gets R.";

    // smb2.epoch.
    Smb2EpochCreate = "smb2.epoch.create", "observed", "smb2.lease.v2_epoch1", "",
        "A new version 2 lease starts one above the epoch that the client sent.";
    Smb2EpochPromotion = "smb2.epoch.promotion", "MS-SMB2", "3.3.5.9.11",
        "Handling the SMB2_CREATE_REQUEST_LEASE_V2 Create Context",
        "A promotion that changes the state raises the epoch by one.";
    Smb2EpochUnchanged = "smb2.epoch.unchanged", "observed", "smb2.lease.v2_epoch2", "",
        "A create that does not change the state returns the epoch as it is, whatever epoch the \
         client sent.";
    Smb2EpochNotGranted = "smb2.epoch.not_granted", "observed", "smb2.lease.lease-epoch", "",
        "A lease that is granted nothing echoes the client's epoch.";
    Smb2EpochBreak = "smb2.epoch.break", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A break notification raises the epoch by one and carries the new value.";
    Smb2EpochFollowUp = "smb2.epoch.follow_up", "observed", "smb2.lease.v2_breaking3", "",
        "A further break sent out of an acknowledgement does not raise the epoch again.";
    Smb2EpochV1Zero = "smb2.epoch.v1_zero", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A notification for a version 1 lease carries epoch zero.";
    Smb2EpochFailover = "smb2.epoch.failover", "MS-SMB2", "3.3.5.9.12",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 Create Context",
        "A persistent handle claimed back on another node gives its lease the epoch of the \
         request where W is held, else that plus one.";

    // smb2.notify.
    Smb2NotifyOplock = "smb2.notify.oplock", "MS-SMB2", "3.3.4.6",
        "Object Store Indicates an Oplock Break",
        "A broken oplock is announced to its holder with the highest level that it may \
         acknowledge, II or none.";
    Smb2NotifyOplockIiToNone = "smb2.notify.oplock_ii_to_none", "MS-SMB2", "3.3.4.6",
        "Object Store Indicates an Oplock Break",
        "A lost Level II is announced although the client has nothing to acknowledge, and the \
         open's level falls to none at once.";
    Smb2NotifyOplockUndeliverable = "smb2.notify.oplock_undeliverable", "MS-SMB2", "3.3.4.6",
        "Object Store Indicates an Oplock Break",
        "An oplock break that no connection can carry closes the open.";
    Smb2NotifyLease = "smb2.notify.lease", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A broken lease of more than R is announced with the acknowledgement flag, and its timer \
         starts.";
    Smb2NotifyLeaseNoAck = "smb2.notify.lease_no_ack", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lost R is announced without the acknowledgement flag, and the lease falls to none at \
         once.";
    Smb2NotifyLeaseOnce = "smb2.notify.lease_once", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lease break is announced once for the lease, not once for each of its opens.";
    Smb2NotifyLeaseFollowUp = "smb2.notify.lease_follow_up", "observed", "smb2.lease.breaking3", "",
        "An acknowledgement after the break deepened is answered with success, and the next break \
         is announced at once.";
    Smb2NotifyLeaseWithoutOpens = "smb2.notify.lease_without_opens", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A break for a lease that no longer has opens is settled with none and not announced.";
    Smb2NotifyLeaseUndeliverable = "smb2.notify.lease_undeliverable", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lease break that no connection can carry closes the opens of the lease.";
    Smb2NotifySwitchSilent = "smb2.notify.switch_silent", "choice", "spec/05 section 5", "",
        "A request that was switched to a newer one of its key is not announced.";
    Smb2NotifyCloseSilent = "smb2.notify.close_silent", "choice", "spec/05 section 5", "",
        "An oplock or lease that ends because its handle closes is not announced.";
    Smb2NotifyOplockFirstChannel = "smb2.notify.oplock_first_channel", "MS-SMB2", "3.3.4.6",
        "Object Store Indicates an Oplock Break",
        "An oplock break is sent on the first channel of the open's session that still stands.";
    Smb2NotifyOplockNewestChannel = "smb2.notify.oplock_newest_channel",
        "observed", "smb2.multichannel.oplocks.test3_windows", "",
        "Read as servers do it, an oplock break is sent on the newest channel of the open's \
         session.";
    Smb2NotifyOplockOwnConnection = "smb2.notify.oplock_own_connection", "MS-SMB2", "3.3.4.6",
        "Object Store Indicates an Oplock Break",
        "Before SMB 3 an oplock break is sent on the connection of the open.";
    Smb2NotifyLeaseFirstConnection = "smb2.notify.lease_first_connection", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lease break is sent on the first connection of the lease's client that can be used, \
         whichever made the lease.";
    Smb2NotifyLeaseDurableClosed = "smb2.notify.lease_durable_closed", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lease break that no connection can carry and that takes handle caching away closes the \
         durable opens of the lease.";
    Smb2NotifyLeaseRwhClosed = "smb2.notify.lease_rwh_closed", "observed", "durable-open.lease",
        "",
        "A disconnected durable open with RWH is closed by a break to RH, so that the contender \
         gets all it asks for.";
    Smb2NotifyLeaseRwhKept = "smb2.notify.lease_rwh_kept", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "Read as the text stands, a disconnected durable open with RWH survives a break to RH, \
         with no state left.";
    Smb2NotifyLeaseSettled = "smb2.notify.lease_settled", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lease break that no connection can carry and that leaves opens behind is settled with \
         none.";
    Smb2NotifyServerClose = "smb2.notify.server_close", "choice", "MS-SMB2 <248>", "",
        "If the server itself closes the last open of a lease, its client is told none with the \
         status file closed.";
    Smb2NotifyOplockSettled = "smb2.notify.oplock_settled", "choice", "MS-SMB2 3.3.4.6", "",
        "An oplock break that no connection can carry leaves a resilient open, and the Level II \
         of a persistent one, with none.";

    // smb2.ack.
    Smb2AckSize = "smb2.ack.size", "choice", "spec/05 section 6", "",
        "An acknowledgement whose size fits neither an oplock nor a lease is an invalid \
         parameter.";
    Smb2AckSessionDeleted = "smb2.ack.session_deleted", "MS-SMB2", "3.3.5.2.9",
        "Verifying the Session",
        "An acknowledgement on an unknown session fails as user session deleted.";
    Smb2AckSessionExpired = "smb2.ack.session_expired", "MS-SMB2", "3.3.5.2.9",
        "Verifying the Session",
        "An acknowledgement on an expired session fails as network session expired.";
    Smb2AckTreeDeleted = "smb2.ack.tree_deleted", "MS-SMB2", "3.3.5.2.11",
        "Verifying the Tree Connect",
        "An acknowledgement on an unknown tree connect fails as network name deleted.";
    Smb2AckOplock = "smb2.ack.oplock", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "A valid oplock acknowledgement settles the break and returns the acknowledged level.";
    Smb2AckOplockFileClosed = "smb2.ack.oplock_file_closed", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement for an unknown file id fails as file closed.";
    Smb2AckOplockNotBreaking = "smb2.ack.oplock_not_breaking", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement without a running break is an invalid device state and changes \
         nothing.";
    Smb2AckOplockLeaseLevel = "smb2.ack.oplock_lease_level", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement with the lease level is an invalid parameter and ends the \
         break with none.";
    Smb2AckOplockLevelMismatch = "smb2.ack.oplock_level_mismatch", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement with a level that the held one cannot break to is a protocol \
         error and ends the break with none.";
    Smb2AckOplockExclusive = "smb2.ack.oplock_exclusive", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "A batch holder that acknowledges exclusive is left with none.";
    Smb2AckOplockStoreError = "smb2.ack.oplock_store_error", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "If the store turns an oplock acknowledgement down, the client gets the store's status \
         and is left with none.";
    Smb2AckOplockDeepened = "smb2.ack.oplock_deepened", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement above what the deepened break still allows is not accepted.";
    Smb2AckOplockIiAfterNone = "smb2.ack.oplock_ii_after_none", "choice", "spec/07 D53", "",
        "A holder that was told none and acknowledges Level II is left with none.";
    Smb2AckLease = "smb2.ack.lease", "MS-SMB2", "3.3.5.22.2", "Processing a Lease Acknowledgment",
        "A valid lease acknowledgement sets the lease to the acknowledged state and ends the \
         break.";
    Smb2AckLeaseSmallerState = "smb2.ack.lease_smaller_state", "observed", "smb2.lease.breaking6",
        "",
        "A client may acknowledge less than it was offered and is left with just that.";
    Smb2AckLeaseAnyConnection = "smb2.ack.lease_any_connection",
        "observed", "smb2.lease.v2_complex2", "",
        "A lease break may be acknowledged on any connection of the lease's client.";
    Smb2AckLeaseUnknown = "smb2.ack.lease_unknown", "MS-SMB2", "3.3.5.22.2",
        "Processing a Lease Acknowledgment",
        "A lease acknowledgement with a key that its client has no lease for fails as object name \
         not found.";
    Smb2AckLeaseNotBreaking = "smb2.ack.lease_not_breaking", "MS-SMB2", "3.3.5.22.2",
        "Processing a Lease Acknowledgment",
        "A lease acknowledgement without a running break is unsuccessful and changes nothing.";
    Smb2AckLeaseNotSubset = "smb2.ack.lease_not_subset", "MS-SMB2", "3.3.5.22.2",
        "Processing a Lease Acknowledgment",
        "A lease acknowledgement beyond the offered state is not accepted, and the break runs on.";

    // smb2.timer.
    Smb2TimerOplockBreak = "smb2.timer.oplock_break", "MS-SMB2", "3.3.6.1",
        "Oplock Break Acknowledgment Timer Event",
        "An oplock break that is not acknowledged in time is settled by the server, and the \
         holder is left with none.";
    Smb2TimerLeaseBreak = "smb2.timer.lease_break", "MS-SMB2", "3.3.6.5",
        "Lease Break Acknowledgment Timer Event",
        "A lease break that is not acknowledged in time is settled by the server, and the whole \
         lease falls to none.";
    Smb2TimerOpenSurvives = "smb2.timer.open_survives", "observed", "smb2.lease.timeout", "",
        "A break that timed out takes the caching, not the handle.";
    Smb2TimerLateOplockAck = "smb2.timer.late_oplock_ack", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement after the time ran out is an invalid device state.";
    Smb2TimerLateLeaseAck = "smb2.timer.late_lease_ack", "observed", "smb2.lease.timeout", "",
        "A lease acknowledgement after the time ran out is unsuccessful.";
    Smb2TimerPersistentOplock = "smb2.timer.persistent_oplock", "MS-SMB2", "3.3.2.1",
        "Oplock Break Acknowledgment Timer",
        "The holder of a persistent open has 60 seconds to acknowledge an oplock break.";
    Smb2TimerPersistentLease = "smb2.timer.persistent_lease", "MS-SMB2", "3.3.2.5",
        "Lease Break Acknowledgment Timer",
        "The holder of a lease with a persistent open has 180 seconds, on older servers 60, to \
         acknowledge a break.";

    // smb2.session. and smb2.channel.
    Smb2SessionDeleted = "smb2.session.deleted", "MS-SMB2", "3.3.5.2.9", "Verifying the Session",
        "A request on a connection without a session fails as user session deleted.";
    Smb2SessionExpired = "smb2.session.expired", "MS-SMB2", "3.3.5.2.9", "Verifying the Session",
        "A request on an expired session fails as network session expired, unless it closes, \
         locks or logs off.";
    Smb2SessionTreeDeleted = "smb2.session.tree_deleted", "MS-SMB2", "3.3.5.2.11",
        "Verifying the Tree Connect",
        "A request on a session without a tree connect fails as network name deleted.";
    Smb2SessionLogOff = "smb2.session.log_off", "MS-SMB2", "3.3.5.6",
        "Receiving an SMB2 LOGOFF Request",
        "A logoff ends the session on all its channels and closes the opens that are not to be \
         kept.";
    Smb2SessionTreeDisconnect = "smb2.session.tree_disconnect", "MS-SMB2", "3.3.5.8",
        "Receiving an SMB2 TREE_DISCONNECT Request",
        "A tree disconnect closes every open of the tree, durable ones too.";
    Smb2SessionLost = "smb2.session.lost", "MS-SMB2", "3.3.7.1", "Handling Loss of a Connection",
        "A session ends with its last connection, and its opens are closed unless they are to be \
         kept.";
    Smb2SessionReplaced = "smb2.session.replaced", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "A client that sets up a new session in place of its old one loses the old one as if its \
         connection were gone.";
    Smb2ChannelBound = "smb2.channel.bound", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "A connection that binds to a session of its client becomes a further channel of it and \
         works on its opens.";
    Smb2ChannelOldDialect = "smb2.channel.old_dialect", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "Before SMB 3 a session cannot be bound to a second connection.";
    Smb2ChannelNoSession = "smb2.channel.no_session", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "Binding to a session that does not exist fails as user session deleted.";
    Smb2ChannelOtherClient = "smb2.channel.other_client", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "Binding to a session of another ClientGuid fails as user session deleted.";
    Smb2ChannelExpired = "smb2.channel.expired", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "Binding to an expired session fails as network session expired.";
    Smb2ChannelTwice = "smb2.channel.twice", "MS-SMB2", "3.3.5.5",
        "Receiving an SMB2 SESSION_SETUP Request",
        "Binding a connection to a session that it already carries is not accepted.";
    Smb2ChannelOtherUser = "smb2.channel.other_user",
        "observed", "smb2.session.bind_different_user", "",
        "Binding to the session of another user is denied.";
    Smb2ChannelLost = "smb2.channel.lost", "MS-SMB2", "3.3.7.1", "Handling Loss of a Connection",
        "A session that loses one of several channels lives on with all its opens.";
    Smb2ChannelCreateGoesOn = "smb2.channel.create_goes_on",
        "observed", "smb2.replay.dhv2-pending2", "",
        "A create with a CreateGuid that waits outlives the loss of its channel while its session \
         stands.";

    // smb2.durable.
    Smb2DurableV1Granted = "smb2.durable.v1_granted", "MS-SMB2", "3.3.5.9.6",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST Create Context",
        "A durable handle of version 1 is given to an open with Batch or with a lease that has \
         handle caching.";
    Smb2DurableV1NotAsked = "smb2.durable.v1_not_asked", "MS-SMB2", "3.3.5.9.6",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST Create Context",
        "A durable handle of version 1 is not considered unless Batch or handle caching is asked \
         for with it.";
    Smb2DurableV1NotHeld = "smb2.durable.v1_not_held", "observed", "durable-open.open-oplock", "",
        "A durable handle of version 1 is not given where neither Batch nor handle caching was \
         granted.";
    Smb2DurableV2Granted = "smb2.durable.v2_granted", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A durable handle of version 2 is given to an open with Batch or with a lease that has \
         handle caching.";
    Smb2DurableV2NotHeld = "smb2.durable.v2_not_held", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "The answer says nothing of a durable handle of version 2 where neither Batch nor handle \
         caching was granted.";
    Smb2DurableV2OldDialect = "smb2.durable.v2_old_dialect", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "Before SMB 3 the contexts of durable handles of version 2 are not looked at.";
    Smb2DurableDirectory = "smb2.durable.directory", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A directory gets no durable handle.";
    Smb2DurableTimeoutAsked = "smb2.durable.timeout_asked", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A durable handle of version 2 is kept as long as the client asks, up to 300 seconds.";
    Smb2DurableTimeoutDefault = "smb2.durable.timeout_default", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A durable handle whose client asks for no time is kept for 60 seconds.";
    Smb2DurableKept = "smb2.durable.kept", "MS-SMB2", "3.3.7.1", "Handling Loss of a Connection",
        "A durable open with Batch, or with a lease that has handle caching, is kept when its \
         connection is lost.";
    Smb2DurableNotHeldAnyMore = "smb2.durable.not_held_any_more", "MS-SMB2", "3.3.7.1",
        "Handling Loss of a Connection",
        "A durable open that has meanwhile lost Batch or handle caching is closed with its \
         connection.";
    Smb2DurableBreaking = "smb2.durable.breaking", "MS-SMB2", "3.3.7.1",
        "Handling Loss of a Connection",
        "A durable open whose oplock or lease is breaking is closed with its connection.";
    Smb2DurableLocked = "smb2.durable.locked", "observed", "durable-open.lock-noW-lease", "",
        "A durable open with a byte-range lock under RH is closed with its connection.";
    Smb2DurableLogOff = "smb2.durable.log_off", "observed", "durable-open.reopen4", "",
        "A logoff keeps durable opens.";
    Smb2DurableScavenged = "smb2.durable.scavenged", "MS-SMB2", "3.3.6.2",
        "Durable Open Scavenger Timer Event",
        "A durable open that nobody claims back in time is closed.";

    // smb2.persistent. and smb2.resilient.
    Smb2PersistentGranted = "smb2.persistent.granted", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "On a continuously available share a handle is persistent if it is asked to be, whatever \
         oplock it has.";
    Smb2PersistentShare = "smb2.persistent.share", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "On any other share a persistent handle is treated as a durable one.";
    Smb2PersistentKept = "smb2.persistent.kept", "MS-SMB2", "3.3.7.1",
        "Handling Loss of a Connection",
        "A persistent open is kept when its connection is lost, also while its oplock or lease is \
         breaking.";
    Smb2PersistentNotAvailable = "smb2.persistent.not_available", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "An open of a file whose persistent handle waits for its client fails as file not \
         available.";
    Smb2PersistentBreaks = "smb2.persistent.breaks",
        "observed", "persistent-open-reconnect-contended", "",
        "An open of a file whose persistent handle waits for its client with Batch or handle \
         caching goes on and breaks what it has to.";
    Smb2PersistentLocked = "smb2.persistent.locked",
        "observed", "persistent-open-reconnect-contended", "",
        "A persistent handle with byte-range locks needs write caching too for others to be let \
         in.";
    Smb2PersistentNoticeKept = "smb2.persistent.notice_kept", "MS-SMB2", "3.3.4.7",
        "Object Store Indicates a Lease Break",
        "A lease break of a persistent handle that waits for its client is kept for the \
         reconnect.";
    Smb2PersistentOplockKept = "smb2.persistent.oplock_kept", "choice", "MS-SMB2 3.3.4.6", "",
        "An oplock break of a persistent handle that waits for its client is kept for the \
         reconnect.";
    Smb2PersistentNoticeSent = "smb2.persistent.notice_sent", "MS-SMB2", "3.3.5.9.12",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 Create Context",
        "A break that was kept for a persistent handle is announced when its client claims the \
         handle back, and its timer starts.";
    Smb2ResilientGranted = "smb2.resilient.granted", "MS-SMB2", "3.3.5.15.9",
        "Handling a Resiliency Request",
        "An open can be made resilient, for the time asked or 120 seconds; it is no durable one \
         then.";
    Smb2ResilientOldDialect = "smb2.resilient.old_dialect", "MS-SMB2", "3.3.5.15.9",
        "Handling a Resiliency Request",
        "Resiliency on 2.0.2 is an invalid device request.";
    Smb2ResilientTooLong = "smb2.resilient.too_long", "MS-SMB2", "3.3.5.15.9",
        "Handling a Resiliency Request",
        "Resiliency for more than 300 seconds is an invalid parameter.";
    Smb2ResilientKept = "smb2.resilient.kept", "MS-SMB2", "3.3.7.1",
        "Handling Loss of a Connection",
        "A resilient open is kept when its connection is lost, whatever oplock it has.";
    Smb2ResilientScavenged = "smb2.resilient.scavenged", "MS-SMB2", "3.3.6.4",
        "Resilient Open Scavenger Timer Event",
        "A resilient open that nobody claims back in time is closed.";

    // smb2.reconnect.
    Smb2ReconnectV1 = "smb2.reconnect.v1", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect of version 1 gives the open to the new session, under a new volatile id.";
    Smb2ReconnectV2 = "smb2.reconnect.v2", "MS-SMB2", "3.3.5.9.12",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 Create Context",
        "A reconnect of version 2 gives the open to the new session, under a new volatile id.";
    Smb2ReconnectUnknown = "smb2.reconnect.unknown", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect to an open that does not exist fails as object name not found.";
    Smb2ReconnectStillConnected = "smb2.reconnect.still_connected", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect to an open whose session stands fails as object name not found.";
    Smb2ReconnectCreateGuid = "smb2.reconnect.create_guid", "MS-SMB2", "3.3.5.9.12",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 Create Context",
        "A reconnect of version 2 with another CreateGuid fails as object name not found.";
    Smb2ReconnectNotPersistent = "smb2.reconnect.not_persistent", "MS-SMB2", "3.3.5.9.12",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2 Create Context",
        "A persistent reconnect to an open that is not persistent fails as object name not found.";
    Smb2ReconnectClientGuid = "smb2.reconnect.client_guid", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect to a lease of another ClientGuid fails as object name not found.";
    Smb2ReconnectLeaseMissing = "smb2.reconnect.lease_missing", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect without the lease context to an open with a lease fails as object name not \
         found.";
    Smb2ReconnectLeaseUnexpected = "smb2.reconnect.lease_unexpected", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect with a lease context to an open without a lease fails as object name not \
         found.";
    Smb2ReconnectLeaseKey = "smb2.reconnect.lease_key", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect with another lease key fails as object name not found.";
    Smb2ReconnectLeaseVersion = "smb2.reconnect.lease_version", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect whose lease context is of another version than the lease fails as object \
         name not found.";
    Smb2ReconnectFileName = "smb2.reconnect.file_name", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect to a lease with another file name is an invalid parameter.";
    Smb2ReconnectFileNameIgnored = "smb2.reconnect.file_name_ignored",
        "observed", "durable-open.reopen2", "",
        "A reconnect to an open without a lease does not look at the file name.";
    Smb2ReconnectContextBeforeName = "smb2.reconnect.context_before_name",
        "observed", "durable-open.reopen2-lease", "",
        "A reconnect that has neither the lease context nor the name right fails as object name \
         not found.";
    Smb2ReconnectOtherUser = "smb2.reconnect.other_user", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect by another user is denied, after everything else was found right.";
    Smb2ReconnectCurrentState = "smb2.reconnect.current_state", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "The answer to a reconnect carries the current oplock level, or the current state and \
         epoch of the lease, whatever was asked.";
    Smb2ReconnectNotHeld = "smb2.reconnect.not_held", "MS-SMB2", "3.3.5.9.7",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_RECONNECT Create Context",
        "A reconnect to a durable open that has neither Batch nor handle caching any more fails \
         as object name not found.";

    // smb2.replay. and smb2.app_instance.
    Smb2ReplayAnswered = "smb2.replay.answered", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A replayed create is answered from the open that it made the first time.";
    Smb2ReplayLevelEchoed = "smb2.replay.level_echoed",
        "observed", "smb2.replay.replay-dhv2-oplock1", "",
        "The answer to a replayed create names the oplock level that the replay asks for, and the \
         open keeps its own.";
    Smb2ReplayDuplicate = "smb2.replay.duplicate", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A create whose CreateGuid is in use and that is no replay fails as duplicate object id.";
    Smb2ReplayPending = "smb2.replay.pending", "MS-SMB2", "3.3.5.9",
        "Receiving an SMB2 CREATE Request",
        "A replay of a create that still waits fails as file not available.";
    Smb2ReplayOtherSession = "smb2.replay.other_session",
        "observed", "smb2.replay.durable-reconnect-replay2", "",
        "A replay on another session while the first one stands fails as duplicate object id.";
    Smb2ReplayOtherUser = "smb2.replay.other_user", "MS-SMB2", "3.3.5.9.10",
        "Handling the SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2 Create Context",
        "A replay by another user is denied.";
    Smb2ReplayLeaseMismatch = "smb2.replay.lease_mismatch",
        "observed", "smb2.replay.replay-dhv2-lease3", "",
        "A replay with another lease key, or with a lease in place of an oplock or the reverse, \
         is denied.";
    Smb2ReplayReattached = "smb2.replay.reattached",
        "observed", "smb2.replay.durable-reconnect-replay3", "",
        "A replay on a new session, once the old one is gone, gives the open to the new one.";
    Smb2ReplayNotEligible = "smb2.replay.not_eligible",
        "observed", "smb2.replay.replay-twice-durable", "",
        "A replay of a create whose open was used since is taken for a new create.";
    Smb2ReplayLostByOperation = "smb2.replay.lost_by_operation", "MS-SMB2", "3.3.1.10",
        "Per Open",
        "The first operation on an open ends the time in which its create can be replayed.";
    Smb2ReplayLostByOplockAck = "smb2.replay.lost_by_oplock_ack", "MS-SMB2", "3.3.5.22.1",
        "Processing an Oplock Acknowledgment",
        "An oplock acknowledgement ends the time in which the create can be replayed, even if it \
         fails later.";
    Smb2ReplayLostByLeaseAck = "smb2.replay.lost_by_lease_ack", "MS-SMB2", "3.3.5.22.2",
        "Processing a Lease Acknowledgment",
        "A lease acknowledgement ends the time in which the creates of the lease can be replayed, \
         even if it fails later.";
    Smb2AppInstanceCloses = "smb2.app_instance.closes", "MS-SMB2", "3.3.5.9.13",
        "Handling the SMB2_CREATE_APP_INSTANCE_ID Create Context",
        "A create with the application instance of another client's open of the file closes that \
         open first.";
    Smb2AppInstanceIgnored = "smb2.app_instance.ignored", "MS-SMB2", "3.3.5.9.13",
        "Handling the SMB2_CREATE_APP_INSTANCE_ID Create Context",
        "An application instance without a durable handle of version 2 is not looked at.";
}

impl RuleId {
    /// How many rules there are.
    pub const COUNT: usize = RuleId::ALL.len();

    /// The rule's entry in the table.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        // In bounds: the macro writes one entry per variant, in the same order.
        &RULES[usize::from(self as u16)]
    }

    /// The rule's name as cases and reports spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.rule().name
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RuleId, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = RuleId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a rule, such as `fsa.check_break.open.stat_only`")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<RuleId, E> {
        RuleId::parse(name).ok_or_else(|| {
            E::custom(format_args!("unknown rule `{name}`; the `rules` command lists all of them"))
        })
    }
}
