//! Entry of the target `server`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| oplock_fuzz::server::play(bytes));
