# Every job is one word. Each sets up what it needs in this folder first, and says what it is doing.
PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= data
DURATION ?= 60
# TLS=local: for other devices on this network, with a certificate authority of this server's own.
LOCAL = $(if $(filter local,$(TLS)), --tls-local)
BUILD = @python3 tools/build.py
SYSTEM = chromium rustc-web rust-web-src iproute2 tcpdump fonts-dejavu-core

MEETINGS = tests/browser tests/lying tests/interop

.PHONY: serve test check fmt bench generate deps

serve: ## builds what changed and starts the server
	$(BUILD)
	@exec .venv/bin/ringfence serve$(if $(LOCAL),, --host $(HOST)) --port $(PORT) --data $(DATA)$(LOCAL)

test: check ## everything that CI runs; the meetings in browsers want Debian's packages (make deps) and root
	cargo test --release --workspace --exclude ringfence-py --exclude ringfence-wasm
	cd web && npm run -s axe
	cargo build --release -p ringfence-attacker
	cd tests/interop && npm ci --no-audit --no-fund --loglevel=error
	.venv/bin/pytest $(MEETINGS)

check: ## formatters, linters, types and the quick tests
	$(BUILD) --develop
	cargo fmt --check
	cargo clippy -q --release --workspace --all-targets -- -D warnings
	.venv/bin/ruff format --check -q src tests tools
	.venv/bin/ruff check -q src tests tools
	.venv/bin/mypy
	cd web && npm run -s format:check && npm run -s lint && npm run -s types && npm run -s test
	.venv/bin/pytest -q tests $(MEETINGS:%=--ignore=%)

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
