# Every job is one word. Each sets up what it needs in this folder first, and says what it is doing.
PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= data
DURATION ?= 60
# TLS=local: for other devices on this network, with a certificate authority of this server's own; it listens on
# every address. What is said and would not be done is refused.
LOCAL = $(if $(filter local,$(TLS)), --tls-local)
CHECK = $(if $(filter-out local,$(TLS)),$(error TLS=$(TLS) is unknown: say TLS=local, or leave it out))\
$(if $(LOCAL),$(if $(filter file,$(origin HOST)),,$(error TLS=local listens on every address: leave HOST out)))
SCHEDULES ?= 10000
BUILD = @python3 tools/build.py
# What each took is told at the end.
STAGE = python3 tools/stage.py
SYSTEM = chromium rustc-web rust-web-src iproute2 tcpdump tshark valgrind fonts-dejavu-core
# Of these the auditor is tested with what they send.
SYSTEM += bind9-dnsutils coturn curl dnsmasq-base ffmpeg janus openssl

MEETINGS = tests/browser tests/client tests/lying tests/interop tests/audit/real
# Compiles for the browser first.
AGREEMENT = tests/agreement
# What measures time, or loads the machine so that others would: not beside others.
ALONE = $(patsubst %,tests/browser/test_%.py,faults moving narrow_network sleep_and_crash vp9)
# What is tested from Python and from the browser.
GLUE = ringfence-py ringfence-wasm ringfence-wasm-home xtask
# These bring another provider of cryptography along: with them every library would be compiled anew, with its features.
BESIDE = ringfence-e2ee ringfence-attacker

.PHONY: serve test check develop check-rust check-pages check-python fmt bench fuzz soak generate deps

serve: ## builds what changed and starts the server
	$(CHECK)
	$(BUILD)
	@exec .venv/bin/ringfence serve$(if $(LOCAL),, --host $(HOST)) --port $(PORT) --data $(DATA)$(LOCAL)

test: check ## everything that CI runs; the meetings in browsers want Debian's packages (make deps) and root
	$(STAGE) "Rust" cargo test --release --workspace $(GLUE:%=--exclude %) $(BESIDE:%=--exclude %)
	$(STAGE) "Rust, groups" cargo test --release $(BESIDE:%=-p %)
	$(STAGE) "fuzzers" .venv/bin/python tools/fuzz.py
	$(STAGE) "pages, accessibility" npm --prefix web run -s axe
	cd tests/interop && npm ci --no-audit --no-fund --loglevel=error
	$(STAGE) "servers that lie, programs" .venv/bin/pytest -n 3 tests/lying tests/client $(AGREEMENT)
	$(STAGE) "meetings" .venv/bin/pytest -n 2 --dist loadfile tests/browser tests/interop tests/audit/real $(ALONE:%=--ignore=%)
	$(STAGE) "meetings, alone" .venv/bin/pytest $(ALONE)
	@$(STAGE)

check: ## formatters, linters, types and the quick tests, two at a time: each shows what it said when it is done
	@rm -f target/stages
	@$(STAGE) "build" $(MAKE) --no-print-directory develop
	@$(MAKE) --no-print-directory --output-sync=target -j 2 check-rust check-pages check-python

develop:
	$(BUILD) --develop

check-rust:
	cargo fmt --check
	$(STAGE) "clippy" cargo clippy -q --release --workspace --all-targets -- -D warnings

check-pages:
	cd web && npm run -s format:check && npm run -s lint && npm run -s types
	$(STAGE) "pages" npm --prefix web run -s test

check-python:
	.venv/bin/ruff format --check -q src tests tools bench
	.venv/bin/ruff check -q src tests tools bench
	.venv/bin/mypy
	$(STAGE) "Python" .venv/bin/pytest -q -n 2 tests $(patsubst %,--ignore=%,$(MEETINGS) $(AGREEMENT))

fmt: ## formats everything
	$(BUILD) --develop
	cargo fmt
	.venv/bin/ruff format -q src tests tools bench
	.venv/bin/ruff check -q --fix src tests tools bench
	cd web && npm run -s format

bench: ## the benchmarks, each beside its budget or baseline; PARTS="weight core" for some
	$(BUILD) --develop
	.venv/bin/python -m bench $(PARTS)

fuzz: ## each reader of outside bytes for DURATION seconds; KEEP=1 adds what was reached to the kept corpora
	$(BUILD) --develop
	.venv/bin/python tools/fuzz.py $(if $(KEEP),--keep,--seconds $(DURATION)) $(TARGETS)

soak: ## thousands of simulated meetings with faults: SCHEDULES= how many; SEED=, in the environment, one of them
	SCHEDULES=$(SCHEDULES) cargo test --release -p ringfence-e2ee --test e2ee -- --nocapture soak

generate: ## the files that are made from others
	$(BUILD) --develop
	.venv/bin/python tools/generate.py

deps: ## the system packages of tests and of the browser's core, on Debian
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SYSTEM)
	@systemctl disable -q --now coturn janus 2>/dev/null || true # tests start their own, and nobody else is asked for one
