//! How a record ends: what its footer says that follows from its cells, at the end of a run or later.

use super::line::{CaseLine, Footer, Header};
use super::read::Brief;
use super::speed;
use crate::claim::{Claim, claims};
use crate::exit::{self, Exit};
use crate::verdict;

impl Footer {
    /// This footer with the counts, claims, speeds and the exit that follow from these cells; the rest stays as it is.
    #[must_use]
    pub fn ending(self, header: &Header, cases: &[CaseLine], cells: &[Brief]) -> (Footer, Exit) {
        let themes = cells
            .iter()
            .filter_map(|brief| Some((cases.get(brief.case)?.suite.as_str(), &brief.latencies)));
        let mut footer = Footer {
            counts: verdict::counts(cells.iter().map(|brief| brief.verdict)),
            claims: claims(header, cases, cells).iter().map(Claim::line).collect(),
            speeds: speed::by_theme(themes),
            ..self
        };
        let exit = exit::of_record(header, cells, &footer);
        footer.exit = exit.code();
        (footer, exit)
    }
}
