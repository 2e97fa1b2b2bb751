# Two commands for a newcomer: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
# dependencies come from hashed files; nothing but the pins decides what is installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --progress-bar on --require-hashes --no-deps -r
STATIC := src/zhengtong/toolkit/ui/static/dist/manifest.json
MESSAGES := $(patsubst %.po,%.mo,$(wildcard src/zhengtong/project/locale/*/LC_MESSAGES/django.po))

.PHONY: help demo test lint format bench setup setup-dev pins clean check-db

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: setup ## bring up the demo city, prove the loop, serve it (ONCE=1: stop after the proof; SCALE=small|city)
	@exec $(BIN)/zhengtong demo --scale $(or $(SCALE),small) $(if $(ONCE),--once)

test: setup-dev ## every test; sets itself up
	ZHENGTONG_VAR=$(CURDIR)/var/test $(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

lint: setup-dev ## ruff, mypy strict, import contracts, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	DATABASE_URL=postgresql://lint@/lint $(BIN)/mypy
	$(BIN)/djlint --lint --quiet src
	$(BIN)/python -m zhengtong.project.translations check

format: setup-dev ## let the formatters have their way
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev $(STAMPS)/bench ## measure against the peers, print ratios (ARGS=name to choose)
	$(BIN)/python -m tests.benchmarks $(ARGS)

setup: $(STAMPS)/base $(STATIC) $(MESSAGES) ## virtual environment, dependencies, front end, translations

setup-dev: setup $(STAMPS)/dev

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/base: requirements/base.txt pyproject.toml | $(BIN)/python
	@mkdir -p $(STAMPS)
	$(PIP) requirements/base.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/base
	$(PIP) requirements/dev.txt
	@touch $@

$(STAMPS)/bench: requirements/bench.txt $(STAMPS)/dev
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r requirements/bench.txt
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --no-fund --no-audit
	@touch $@

$(STATIC): frontend/node_modules/.package-lock.json $(shell find frontend/src -type f 2>/dev/null) frontend/build.mjs
	cd frontend && node build.mjs
	@touch $@

%.mo: %.po | $(STAMPS)/base
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

pins: $(STAMPS)/dev ## recompile requirements/*.txt from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 --extra install pyproject.toml -o requirements/base.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 --extra install --extra dev -c requirements/base.txt pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 --extra bench -c requirements/base.txt pyproject.toml -o requirements/bench.txt

clean: ## remove what was built (the data in var/ stays)
	rm -rf $(VENV) $(VENV)-bench $(STAMPS) frontend/node_modules src/zhengtong/toolkit/ui/static/dist build
