//! What each rule stands for: every row of the specification, and the rules that carry it out or the reason why there is none.
//!
//! The specification is our own digest in eight documents, 01 to 08, of what MS-FSA, MS-SMB2, the WDK and observations
//! say. A row is one line of its tables or one sentence that prescribes something. [`beyond`] holds the rules that rest
//! on the documents directly, because the digest has no row for them.

mod acknowledgement;
pub mod beyond;
mod breaks_by_operation;
mod create_options;
mod documents;
mod open_questions;
mod row;
mod smb2_mapping;
mod status_codes;
mod test_vectors;
mod types_and_granting;

pub use documents::{DOCUMENTS, Document};
pub use row::{Reason, Row, Stand};
