//! What a target can do, how each answer was found, and what follows for a run.
//!
//! [`calibration`] chooses waits from measured latencies, for every live run; [`command`] is the `probe` command,
//! [`report`] what it says, [`themes`] in which order, [`text`] how a person reads it.

pub mod calibration;
pub mod command;
pub mod report;
mod text;
mod themes;

#[cfg(test)]
mod tests;
