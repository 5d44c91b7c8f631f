//! The eight documents in their order.

use super::row::Row;

/// One document of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// `01`.
    pub number: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Its rows.
    pub rows: &'static [Row],
}

/// All of them.
pub const DOCUMENTS: &[Document] = &[
    Document {
        number: "01",
        title: "types, constants, keys, granting",
        rows: super::types_and_granting::ROWS,
    },
    Document { number: "02", title: "breaks by operation", rows: super::breaks_by_operation::ROWS },
    Document {
        number: "03",
        title: "acknowledgement, close, cancel",
        rows: super::acknowledgement::ROWS,
    },
    Document {
        number: "04",
        title: "create options and ordering",
        rows: super::create_options::ROWS,
    },
    Document { number: "05", title: "the SMB2 server layer", rows: super::smb2_mapping::ROWS },
    Document { number: "06", title: "status codes", rows: super::status_codes::ROWS },
    Document { number: "07", title: "open questions", rows: super::open_questions::ROWS },
    Document { number: "08", title: "test vectors", rows: super::test_vectors::ROWS },
];
