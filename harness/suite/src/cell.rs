//! One cell: its steps read in order, with what is known at each of them.

mod acks;
mod answers;
mod by_handle;
mod calls;
mod connections;
mod controls;
mod durable;
mod expects;
mod generate;
mod implied;
mod levels;
mod locks;
mod opens;
mod scope;
mod sends;
mod sets;
mod steps;

pub(crate) use scope::Scope;
pub(crate) use steps::{StepTree, read_steps};
