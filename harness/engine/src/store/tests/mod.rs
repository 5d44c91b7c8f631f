//! Tables transcribed from the specification, one file for each algorithm, and a random walk.

mod acks;
mod bench;
mod breaking;
mod breaks;
mod closes;
mod grants;
mod invariants;
mod options;
mod vectors;
mod walk;
