//! The profile of a target: `target.yaml`, which says where a server is, who logs in, what it claims and how long it may take.
//!
//! A profile is read by the reader of case files, so that all that is wrong with it is told in one go, each with its place.
//! No password ever stands in one; see [`Secrets`].

mod asked;
mod claims;
mod duration;
mod file;
mod found;
mod hooks;
mod keys;
mod mask;
mod places;
mod schema;
mod secrets;
#[cfg(test)]
mod tests;
mod waits;

pub use file::{Logins, Shares, TargetProfile};
pub use found::{Found, find};
pub use hooks::HookPlan;
pub use schema::schema;
pub use secrets::Secrets;
pub use waits::WaitPlan;
