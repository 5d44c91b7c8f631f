//! Bytes become calls: what the fuzzer finds is an input on which the engine, the codec or a reader panics or contradicts itself.
//!
//! A run of one target, with what it learns kept outside the tree:
//!
//! ```text
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir harness/fuzz store $(mktemp -d) harness/fuzz/corpus/store \
//!     -- -max_total_time=600 -max_len=512
//! ```
//!
//! Each module is one target; `corpus` holds a few short inputs for each, from which a run starts.
#![forbid(unsafe_code)]

mod bytes;
mod operations;
pub mod record;
pub mod server;
pub mod store;
pub mod wire;
