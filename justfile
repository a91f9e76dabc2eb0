# What a developer runs. `just` alone lists it.

[private]
default:
    @just --list --unsorted

# Serve on http://localhost:3001; with nothing configured, SQLite under ./data
run *arguments:
    cargo run --locked -- {{ arguments }}

# Run every test; Postgres cases are ignored when no Postgres can be had
test *arguments:
    cargo test --workspace --locked {{ arguments }}

# Race payment against disable and kill processes this many times on each database; every test run does a tenth
soak races="1000" kills="150":
    KL_TEST_RACES={{ races }} KL_TEST_KILLS={{ kills }} cargo test --workspace --locked --test crash -- --nocapture

# Tell the events of a sale in all 5,040 orders; every test run does a sixtieth
orders:
    KL_TEST_ALL_ORDERS=1 cargo test --release --locked -p billing-simulation --test lives -- orders

# Live whole lives of the service in one process, a seed each; `just simulate 1 --seed 7 --trace` tells one
simulate lives="1000000" *arguments:
    cargo run --release --locked -p billing-simulation -- --lives {{ lives }} {{ arguments }}

# Run the tests in the browser; needs Node 20, Chromium and Python 3.11
e2e:
    cargo build -p billing-server -p stripe-sandbox --locked
    cd e2e && npm ci --no-audit --no-fund && npm run setup && npm test

# Check formatting and lints exactly as CI does
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    cargo clippy --workspace --no-default-features --bin billing-server --test architecture --locked -- -D warnings

# Everything that must hold, as CI runs it; installs Postgres, Chromium and Node when they are missing
ci:
    bash .ci/run

# Measure the service beside a bare handler; needs wrk and Postgres binaries
bench:
    python3 crates/billing-bench/bench.py

# Bring the schema of KL_DATABASE_URL up to date
migrate:
    cargo run --locked -- migrate

# Print a dashboard token for this machine's service, in development
token workspace="ws_demo" role="owner":
    @cargo run --quiet --locked -- token dashboard --workspace {{ workspace }} --role {{ role }}
