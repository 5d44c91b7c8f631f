//! One cell: its steps read in order, with what is known at each of them.

mod answers;
mod calls;
mod expects;
mod generate;
mod implied;
mod opens;
mod scope;
mod steps;

pub(crate) use scope::Scope;
pub(crate) use steps::{StepTree, read_steps};
