//! Asking, judging, telling: plays the cells of a corpus on a target, judges what came, and reports it.

pub mod history;
pub mod verdict;
