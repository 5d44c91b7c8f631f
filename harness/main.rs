//! The `oplock-conformance` command.

fn main() {}
