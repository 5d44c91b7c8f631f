//! Asking, judging, telling: plays the cells of a corpus on a target, judges what came, and reports it.

pub mod bench;
pub mod bless;
pub mod cases;
pub mod chart;
pub mod claim;
pub mod cli;
pub mod command;
pub mod console;
pub mod corpus;
pub mod deviations;
pub mod drive;
pub mod embed;
pub mod exit;
pub mod expect;
pub mod history;
pub mod jsonl;
pub mod judge;
pub mod junit;
pub mod lint;
pub mod listing;
pub mod names;
pub mod outcome;
mod print;
pub mod recorder;
pub mod run;
pub mod screen;
pub mod signals;
pub mod snapshot;
pub mod stop;
pub mod target;
pub mod tell;
#[cfg(test)]
mod testing;
pub mod trace;
pub mod verdict;
pub mod waits;
pub mod words;
