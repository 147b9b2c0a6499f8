#!/usr/bin/env bash
# Everything that must hold before a change lands: format, lints, documentation, all
# tests, and the comparison with outside programs and networks (fetched once, by hash).
set -euo pipefail
cd "$(dirname "$0")/.."

# `cargo run` must mean the program, as the README says.
cargo metadata --no-deps --format-version 1 --locked | python3 -c '
import json, sys
m = json.load(sys.stdin)
found = [t["name"] for p in m["packages"] if p["id"] in m["workspace_default_members"]
         for t in p["targets"] if "bin" in t["kind"]]
assert found == ["blackstart"], found'
cargo fmt --all --check
cargo clippy --workspace --all-targets --features blackstart-io/peers,blackstart-cli/peers --locked -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
python3 testdata/peers/setup.py
BLACKSTART_PEERS="${BLACKSTART_PEERS:-$PWD/.cache/peers}" \
    cargo test --workspace --features blackstart-io/peers,blackstart-cli/peers --locked
