# `just` lists the recipes.
default:
    @just --list

# What CI runs.
ci:
    .ci/run

# All tests.
test:
    cargo test --workspace --release

# Formatting and lints, as CI checks them.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# The documentation, warnings denied.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# The library as firmware sees it.
no-std:
    cargo build -p tolzip --no-default-features
    cargo tree -p tolzip --no-default-features -e normal

# Every registered method on adversarial arrays: at least so many values checked, from the case with that number on.
bounds VALUES="1000000000" FIRST="0":
    cargo run --release -p tolzip-tests --example bounds -- {{VALUES}} {{FIRST}}

# Criterion benches of kernels and codecs.
bench *ARGS:
    cargo bench -p tolzip-benches {{ARGS}}

# The main job, small.
demo:
    cargo run --release -- demo
