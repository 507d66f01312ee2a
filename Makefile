# Understudy. `make help` lists what there is; every target installs what it needs, and only what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Without byte-code `import aws_cdk` takes seconds instead of tenths: never inherit the switch that forbids it.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

APP ?= generator-platform
ENV ?= dev
PORT ?=

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | while IFS=$$'\t' read -r name text; do printf '  %-16s %s\n' "$$name" "$$text"; done

# --- set-up -----------------------------------------------------------------------------------------------------

PYTHON_READY := .venv/.python-ready
NODE_READY := node_modules/.cdk-ready
JUDGES_READY := .venv-judges/.ready

LAYER_READY := build/lambda-layer.zip
SIGNING_LAYER_READY := build/lambda-signing-layer.zip

.PHONY: setup servers
setup: $(PYTHON_READY) $(NODE_READY) $(LAYER_READY) $(SIGNING_LAYER_READY) ## Install everything `up` needs into .venv, node_modules and build

servers: ## Install the servers that tests and rehearsals start (Debian packages; as root or by sudo)
	@tools/system-packages

$(PYTHON_READY): requirements.lock pyproject.toml tools/new-venv
	@echo '› Python packages (hash-locked) into .venv: about a minute, once'
	@PYTHON='$(PYTHON)' tools/new-venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(NODE_READY): package.json package-lock.json $(PYTHON_READY)
	@echo '› the CDK CLI, pinned, into node_modules'
	@npm ci --loglevel=error --no-progress
	@touch $@

$(LAYER_READY): lambdas/requirements.lock tools/build-layer $(PYTHON_READY) $(NODE_READY)
	@echo '› packages of the Lambda functions, for arm64, into build/lambda-layer'
	@python tools/build-layer build/lambda-layer

$(SIGNING_LAYER_READY): lambdas/requirements-signing.lock tools/build-layer $(PYTHON_READY) $(NODE_READY)
	@echo '› what signs for AWS APIs that belong to no region, for arm64, into build/lambda-signing-layer'
	@python tools/build-layer build/lambda-signing-layer lambdas/requirements-signing.lock

$(JUDGES_READY): requirements-judges.lock tools/new-venv
	@echo '› cfn-lint and checkov into .venv-judges: about a minute, once'
	@PYTHON='$(PYTHON)' tools/new-venv .venv-judges
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-judges.lock
	@touch $@

# --- the embedded AWS ---------------------------------------------------------------------------------------------

.PHONY: up down diff status
up: setup ## Deploy APP's environment ENV to an embedded AWS, and leave it running (APP=storefront ENV=prod)
	@understudy up --app '$(APP)' --env '$(ENV)' $(if $(PORT),--port '$(PORT)')

down: $(PYTHON_READY) ## Stop the embedded AWS
	@understudy down

diff: setup ## Show what a deploy of ENV would change in the embedded AWS (`cdk diff`)
	@understudy diff --app '$(APP)' --env '$(ENV)'

status: $(PYTHON_READY) ## Say what the embedded AWS runs, and where
	@understudy status

.PHONY: rehearse-release
STRATEGY ?= canary
ENGINE ?= codedeploy
VERSION ?= good
rehearse-release: setup servers ## Release a VERSION (good, errors, slow, crash, ...) by STRATEGY and ENGINE, with real requests
	@understudy rehearse-release --strategy '$(STRATEGY)' --engine '$(ENGINE)' --version '$(VERSION)'

.PHONY: rehearse-rotation rehearse-rotations-long
ROTATIONS ?= 20
rehearse-rotation: setup servers ## Rotate the secrets of real servers under load (ENGINE=postgresql, redis, rabbitmq; ROTATIONS=20)
	@understudy rehearse-rotation --rotations '$(ROTATIONS)' $(if $(filter file,$(origin ENGINE)),,--engine '$(ENGINE)')

rehearse-rotations-long: setup servers ## 1,000 rotations of each engine, written into docs/rotations-rehearsed.md: an hour or two
	@understudy rehearse-rotation --rotations 1000 --write docs/rotations-rehearsed.md

.PHONY: rehearse-failover rehearse-failovers rehearse-failovers-soak
FAULT ?=
AT ?=
SEED ?=
RUNS ?= 200
rehearse-failover: setup servers ## Lose a region while users write (FAULT=dark, split, lag, ...; AT=promote or seconds; SEED=n draws both)
	@understudy rehearse-failover $(if $(FAULT),--fault '$(FAULT)') $(if $(AT),--at '$(AT)') $(if $(SEED),--seed '$(SEED)')

rehearse-failovers: setup servers ## Every fault at every step that docs/failovers-rehearsed.md lacks, written into it: some hours
	@understudy rehearse-failover --all --write docs/failovers-rehearsed.md

rehearse-failovers-soak: setup servers ## RUNS=200 failovers whose fault and moment are drawn, beginning with SEED (without it: any)
	@understudy rehearse-failover --runs '$(RUNS)' $(if $(SEED),--seed '$(SEED)')

# --- checks -------------------------------------------------------------------------------------------------------

.PHONY: check test test-full bench
check: setup $(JUDGES_READY) ## Let the judges see every application and environment: CDK, preflight, nag, cfn-lint, checkov, ruff, mypy, imports
	@python -m judges

test: check servers ## Run `check`, then every test (sampled where a matrix is large)
	@python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not full'

POSTGRESQL_READY := tools/postgresql/node_modules/.ready

.PHONY: postgresql
postgresql: $(POSTGRESQL_READY) ## Install PostgreSQL 16 and 17 beside the system's, for `test-full`

$(POSTGRESQL_READY): tools/postgresql/package.json tools/postgresql/package-lock.json $(PYTHON_READY)
	@npm ci --prefix tools/postgresql --loglevel=error --no-progress
	@touch $@

test-full: check servers postgresql ## Run everything that `test` samples, in full; writes the table of crashes
	@HYPOTHESIS_PROFILE=full UNDERSTUDY_WRITE_CRASHES=1 python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: setup ## Measure synthesis and start, as medians and as ratios within one run
	@python -m benchmarks

# --- what is generated and committed ------------------------------------------------------------------------------

.PHONY: format schema picture compliance lock clean
format: $(PYTHON_READY) ## Format the code
	@ruff check --fix --quiet . && ruff format --quiet .

schema: $(PYTHON_READY) ## Write spec/schema.json from the models
	@python -m spec.schema

picture: setup ## Draw docs/architecture.svg from the synthesized production environment
	@python -m pictures

compliance: setup $(JUDGES_READY) ## Write docs/compliance.md, the report for auditors
	@python -m judges --write-report

lock: $(PYTHON_READY) ## Resolve the newest allowed versions into the lock files
	@python -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@.venv-lock/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements.lock
	@.venv-lock/bin/uv pip compile lambdas/requirements.in --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o lambdas/requirements.lock
	@.venv-lock/bin/uv pip compile lambdas/requirements-signing.in --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o lambdas/requirements-signing.lock
	@.venv-lock/bin/uv pip compile requirements-judges.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements-judges.lock
	@npm install --package-lock-only --loglevel=error
	@rm -rf .venv-lock

clean: ## Stop the embedded AWS, and remove everything that `setup` and the other targets made
	-@[ ! -x $(BIN)/understudy ] || $(BIN)/understudy down
	@rm -rf .venv .venv-judges node_modules tools/postgresql/node_modules build .rehearsal cdk.out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
