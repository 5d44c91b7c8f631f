#!/usr/bin/env bash
# Builds the command of this version into a folder: ci/github/build.sh DIR, then DIR/bin/oplock-conformance is there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
into=${1:?name the folder}

# The oldest Rust that builds it, which runners need not have.
rust=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
if command -v rustup >/dev/null; then
    rustup toolchain install "$rust" --profile minimal --no-self-update
    export RUSTUP_TOOLCHAIN=$rust
fi
cargo install --locked --path "$root" --root "$into"
