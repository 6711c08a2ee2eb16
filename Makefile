# Every job is one word. Each sets up what it needs in this folder first, and says what it is doing.
PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= data
DURATION ?= 60
BUILD = @python3 tools/build.py
SYSTEM = chromium rustc-web rust-web-src iproute2 tcpdump fonts-dejavu-core

.PHONY: serve test meetings check fmt bench generate deps

serve: ## builds what changed and starts the server
	$(BUILD)
	@exec .venv/bin/ringfence serve --host $(HOST) --port $(PORT) --data $(DATA)

test: check ## everything that CI runs
	cargo test --release --workspace --exclude ringfence-py --exclude ringfence-wasm
	.venv/bin/pytest tests --ignore tests/browser --ignore tests/lying --ignore tests/interop

meetings: ## meetings in real browsers, the lying server and the other MLS library (as root, on Debian)
	$(BUILD) --develop
	cargo build --release -p ringfence-attacker
	cd tests/interop && npm ci --no-audit --no-fund
	.venv/bin/pytest tests/browser tests/lying tests/interop

check: ## formatters, linters, types and the quick tests
	$(BUILD) --develop
	cargo fmt --check
	.venv/bin/ruff format --check -q src tests tools
	.venv/bin/ruff check -q src tests tools
	.venv/bin/mypy
	cd web && npm run -s format:check && npm run -s lint && npm run -s types && npm run -s test
	.venv/bin/pytest -q tests --ignore tests/browser --ignore tests/lying --ignore tests/interop

fmt: ## formats everything
	$(BUILD) --develop
	cargo fmt
	.venv/bin/ruff format -q src tests tools
	.venv/bin/ruff check -q --fix src tests tools
	cd web && npm run -s format

bench: ## the benchmarks, each beside its baseline
	cargo run --release -p ringfence-sfu --example forward

generate: ## the files that are made from others
	$(BUILD) --develop
	.venv/bin/python tools/generate.py

deps: ## the system packages of tests and of the browser's core, on Debian
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SYSTEM)
