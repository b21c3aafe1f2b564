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

# Tests on other machines under qemu, bare metal builds, WebAssembly: all, or some of "aarch64 armv7 s390x bare wasm".
targets NAMES="aarch64 armv7 s390x bare wasm":
    CI_TARGETS="{{NAMES}}" .ci/targets

# Every registered method on adversarial arrays, until so many values of lossy methods under a bound are checked, from a case on.
bounds VALUES="1000000000" FIRST="0":
    cargo run --release -p tolzip-tests --example bounds -- {{VALUES}} {{FIRST}}

# Licences, sources, duplicates and advisories of the dependencies.
deny:
    cargo deny --all-features check

# Fuzzes a target for so many seconds, beginning with the kept corpus; needs nightly and cargo-fuzz.
fuzz TARGET SECONDS="60":
    cargo +nightly fuzz run {{TARGET}} -- -max_total_time={{SECONDS}} -timeout=20 -rss_limit_mb=2500 -malloc_limit_mb=600

# Which lines of the decoders inputs of fuzzers reach; needs `rustup component add llvm-tools`. The seeds are made anew.
coverage *FOLDERS="fuzz/corpus target/seeds":
    cargo run --release -p tolzip-fuzz-targets --example seeds -- target/seeds
    rm -rf target/coverage/profiles target/coverage/built
    # Build scripts are instrumented as well, and leave profiles of their own.
    LLVM_PROFILE_FILE={{justfile_directory()}}/target/coverage/built/%p-%m.profraw RUSTFLAGS=-Cinstrument-coverage cargo build --release -p tolzip-fuzz-targets --example run --target-dir target/coverage
    LLVM_PROFILE_FILE=target/coverage/profiles/%p.profraw target/coverage/release/examples/run {{FOLDERS}}
    $(dirname $(rustc --print target-libdir))/bin/llvm-profdata merge target/coverage/profiles/*.profraw -o target/coverage/profile
    $(dirname $(rustc --print target-libdir))/bin/llvm-cov report target/coverage/release/examples/run -instr-profile=target/coverage/profile --ignore-filename-regex='/(registry|rustc|rustlib|fuzz|tests)/'

# The C header, after a change of the C interface.
header:
    TOLZIP_WRITE_HEADER=1 cargo test --release -p tolzip-capi --test header

# Criterion benches of kernels and codecs.
bench *ARGS:
    cargo bench -p tolzip-benches {{ARGS}}

# The main job, small.
demo:
    cargo run --release -- demo
