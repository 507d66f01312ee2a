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
PORT ?= 5555

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | while IFS=$$'\t' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

# --- set-up -----------------------------------------------------------------------------------------------------

PYTHON_READY := .venv/.python-ready
NODE_READY := node_modules/.cdk-ready
JUDGES_READY := .venv-judges/.ready

.PHONY: setup
setup: $(PYTHON_READY) $(NODE_READY) ## Install everything `up` and `test` need into .venv and node_modules

$(PYTHON_READY): requirements.lock pyproject.toml tools/new-venv
	@echo '› Python packages (hash-locked) into .venv: about a minute, once'
	@PYTHON='$(PYTHON)' tools/new-venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(NODE_READY): package.json package-lock.json $(PYTHON_READY)
	@echo '› the CDK CLI, pinned, into node_modules'
	@npm ci --silent --no-progress
	@touch $@

$(JUDGES_READY): requirements-judges.lock tools/new-venv
	@echo '› cfn-lint and checkov into .venv-judges: about a minute, once'
	@PYTHON='$(PYTHON)' tools/new-venv .venv-judges
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-judges.lock
	@touch $@
