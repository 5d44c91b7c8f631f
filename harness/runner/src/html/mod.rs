//! `report.html`: one file that needs nothing else, for a browser on any machine, now or years later.
//!
//! Summary, transition grid and everything that is not as it should be stand in it as HTML. The other cells are data, from which a
//! script of its own makes a list that can be searched; what a cell shows when it is opened is HTML that was made here too.

mod cells;
mod detail;
mod heat;
mod lanes;
mod notes;
mod page;
mod put;
mod summary;
mod tally;
mod tone;
mod wrong;

pub use page::write;
