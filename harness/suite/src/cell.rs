//! One cell: its steps read in order, with what is known at each of them.

mod acks;
mod answers;
mod calls;
mod expects;
mod generate;
mod implied;
mod levels;
mod opens;
mod scope;
mod steps;

pub(crate) use scope::Scope;
pub(crate) use steps::{StepTree, read_steps};
