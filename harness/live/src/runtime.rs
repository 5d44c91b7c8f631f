//! The runtimes below the synchronous calls of this crate.

use oplock_model::TargetFault;
use tokio::runtime::{Builder, Runtime};

/// Threads of a target's runtime: reader tasks do little each, and cells wait on threads of their own.
const WORKERS: usize = 2;

/// A runtime for a target and all its connections.
pub(crate) fn of_target() -> Result<Runtime, TargetFault> {
    built(Builder::new_multi_thread().worker_threads(WORKERS).thread_name("live"))
}

/// A runtime for a few calls one after another, on the caller's own thread.
pub(crate) fn of_caller() -> Result<Runtime, TargetFault> {
    built(&mut Builder::new_current_thread())
}

fn built(builder: &mut Builder) -> Result<Runtime, TargetFault> {
    let failed = |error| TargetFault::Internal(format!("no runtime: {error}"));
    builder.enable_all().build().map_err(failed)
}
