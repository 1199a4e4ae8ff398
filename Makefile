# The two commands of a fresh machine are `make demo` and `make test`; `make help` lists the rest.

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
LOWEST ?= $(VENV)-lowest
WORKERS ?= 2
TESTS ?=

# Modules that write generated files; with --check each compares instead and fails on a difference.
GENERATORS := catalog.publish catalog.api.publish

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := $(PIP) install --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types lowest bench schema lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: $(VENV)/.installed ## Load the example estate; show a lineage, an impact report and how to serve them
	@$(BIN)/headwater demo

test: $(VENV)/.installed-dev ## Run every test, on a real Neo4j where there is one (TESTS=path runs some)
	@$(BIN)/pytest -n $(WORKERS) $(TESTS)

check: lint types lowest ## What CI runs: lint, import contracts, fresh generated files, types, tests
	@$(BIN)/pytest -n $(WORKERS)

lint: $(VENV)/.installed-dev ## Check style, import contracts and that generated files are fresh
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@for module in $(GENERATORS); do $(BIN)/python -m $$module --check || exit 1; done

format: $(VENV)/.installed-dev ## Mend what can be mended by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.installed-dev ## Check types with mypy and pyright
	@$(BIN)/mypy
	@$(BIN)/pyright

lowest: $(LOWEST)/.installed ## Run the tests of readers, commands and API with the oldest dependencies that are allowed
	@$(LOWEST)/bin/python -m pytest -n $(WORKERS) -q -p no:cacheprovider tests/ingestors/test_contract.py tests/cli tests/api

bench: $(VENV)/.installed-dev ## Run the benchmarks; takes long
	@$(BIN)/python -m bench

schema: $(VENV)/.installed-dev ## Write the generated files anew
	@for module in $(GENERATORS); do $(BIN)/python -m $$module || exit 1; done

lock: $(VENV)/.installed-dev ## Resolve the dependencies anew and pin them by hash
	@$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	@$(COMPILE) --upgrade -c requirements.lock --group pyproject.toml:dev pyproject.toml -o requirements-dev.lock
	@$(COMPILE) --upgrade -c requirements-dev.lock --group pyproject.toml:build -o requirements-build.lock
	@$(COMPILE) --upgrade --resolution lowest-direct --no-generate-hashes pyproject.toml -o $(VENV)/lowest.txt
	@$(COMPILE) --upgrade -c $(VENV)/lowest.txt --group pyproject.toml:test pyproject.toml -o requirements-lowest.lock

clean: ## Remove the environment and everything that tools left behind
	@rm -rf $(VENV) $(LOWEST) .headwater .neo4j .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find catalog ingestors tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'make: Python 3.11 or later is needed; install it or name one: make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo 'Installing Headwater into $(VENV) ...' >&2
	@$(LOCKED) -r requirements-build.lock -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo 'Installing the development tools into $(VENV) ...' >&2
	@$(LOCKED) -r requirements-dev.lock
	@touch $@

$(LOWEST)/.installed: requirements-lowest.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo 'Installing the oldest dependencies that are allowed into $(LOWEST) ...' >&2
	@$(PYTHON) -m venv $(LOWEST)
	@$(LOWEST)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-lowest.lock
	@$(LOWEST)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	@touch $@
