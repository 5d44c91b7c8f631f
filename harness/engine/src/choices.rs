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
    /// Whether equal lease keys of two clients name one lease to the store (D26).
    lease_key_scope: LeaseKeyScope {
        /// The ClientGuid is mixed in.
        ClientGuid = "client_guid",
        /// The lease key alone counts, as Windows 8 and later do.
        LeaseKey = "lease_key",
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
