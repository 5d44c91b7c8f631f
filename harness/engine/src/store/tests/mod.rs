//! Tables transcribed from the specification, one file for each algorithm, and a random walk.

mod acks;
mod bench;
mod breaking;
mod breaks;
mod calls;
mod closes;
mod control;
mod directory;
mod grants;
mod invariants;
mod notify;
mod operations;
mod local_vectors;
mod links;
mod locks;
mod options;
mod parent;
mod random;
mod rename;
mod section;
mod set_info;
mod requests;
mod reservations;
mod vectors;
mod walk;
