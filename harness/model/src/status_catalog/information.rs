//! What IoStatus.Information says of an open and of an oplock request that ended.

/// One value of IoStatus.Information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InformationEntry {
    /// The value.
    pub value: u32,
    /// `FILE_OPLOCK_BROKEN_TO_NONE`.
    pub name: &'static str,
    /// Whose completion carries it.
    pub belongs_to: &'static str,
    /// What it means for oplocks, in one or two sentences.
    pub meaning: &'static str,
}

/// All named values, in their order (the ntifs header; 0 to 5 are create actions).
pub const INFORMATION: &[InformationEntry] = &[
    InformationEntry {
        value: 0,
        name: "FILE_SUPERSEDED",
        belongs_to: "an open",
        meaning: "The file existed and was replaced; oplocks of other keys were broken to none.",
    },
    InformationEntry {
        value: 1,
        name: "FILE_OPENED",
        belongs_to: "an open",
        meaning: "The file existed and was opened as it is.",
    },
    InformationEntry {
        value: 2,
        name: "FILE_CREATED",
        belongs_to: "an open",
        meaning: "The file is new, so it had no holder and nothing could break.",
    },
    InformationEntry {
        value: 3,
        name: "FILE_OVERWRITTEN",
        belongs_to: "an open",
        meaning: "The file existed and was emptied; oplocks of other keys were broken to none.",
    },
    InformationEntry {
        value: 4,
        name: "FILE_EXISTS",
        belongs_to: "an open",
        meaning: "The open failed because the file exists.",
    },
    InformationEntry {
        value: 5,
        name: "FILE_DOES_NOT_EXIST",
        belongs_to: "an open",
        meaning: "The open failed because the file does not exist.",
    },
    InformationEntry {
        value: 7,
        name: "FILE_OPLOCK_BROKEN_TO_LEVEL_2",
        belongs_to: "a granted Level 1 or Batch request",
        meaning: "The oplock was broken to Level II; the holder owes an acknowledgement.",
    },
    InformationEntry {
        value: 8,
        name: "FILE_OPLOCK_BROKEN_TO_NONE",
        belongs_to: "a granted Level 1, Level II, Batch or Filter request, or an acknowledgement",
        meaning: "The oplock was broken to none. A Level II holder owes nothing, nor does an \
                  acknowledgement that ends so because the break deepened.",
    },
    InformationEntry {
        value: 9,
        name: "FILE_OPBATCH_BREAK_UNDERWAY",
        belongs_to: "a failed open",
        meaning: "The open failed with a sharing violation, but it started the break of a Batch \
                  or Filter oplock: trying again soon is worth while.",
    },
];
