# Two commands do everything on a fresh Debian-like machine with Python 3.11 and Node 20:
#   make run    the product with its embedded database; prints the address and the sign-ins
#   make test   the whole test suite, in Python, TypeScript and a real browser
PYTHON ?= python3
BIN    := .venv/bin
VENV   := .venv/.ready
UI_DEPS := ui/node_modules/.ready
UI      := src/tongmai/web/_ui/.ready

.DEFAULT_GOAL := help
.PHONY: help ui run speech test test-quick lint fmt bench screens docs lock browser clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV): requirements-dev.lock pyproject.toml
	PYTHON=$(PYTHON) tools/venv.sh
	@touch $@

$(UI_DEPS): ui/package.json ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	@touch $@

$(UI): $(UI_DEPS) ui/index.html ui/vite.config.ts $(shell find ui/src ui/public ui/build-steps -type f)
	cd ui && npm run --silent build
	@touch $@

ui: $(UI) ## Build the screens

run: $(VENV) $(UI) ## Start Tongmai here; the data lie in ./var
	$(BIN)/tongmai quickstart

speech: $(VENV) ## Add the making of text from speech (about 250 MB)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-speech.lock

browser: ## The browser of the tests, from Debian
	tools/browser.sh

test: $(VENV) $(UI) browser ## All tests
	cd ui && npm run --silent test
	tools/tests.sh $(BIN)/python

test-quick: $(VENV) ## Tests but for the slow ones and the browser's
	$(BIN)/python -m pytest -n 2 -q -m "not slow and not e2e"

lint: $(VENV) $(UI_DEPS) ## Style, types, the layers of the rooms
	$(BIN)/ruff check src tests bench tools examples
	$(BIN)/ruff format --check src tests bench tools examples
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd ui && npm run --silent lint && npm run --silent check && npm run --silent api:check

fmt: $(VENV) $(UI_DEPS) ## Format everything
	$(BIN)/ruff check --fix src tests bench tools examples
	$(BIN)/ruff format src tests bench tools examples
	cd ui && npx biome check --write src test

bench: $(VENV) ## Ratios against hand-written SQL and a bare program, in one run (BENCH_FULL=1 for full size)
	$(BIN)/python -m bench

screens: $(VENV) $(UI) browser ## Take the pictures of docs/screens again
	$(BIN)/python tools/screens.py

docs: $(VENV) $(UI_DEPS) ## Write the generated pages of docs/ and the screens' API client
	$(BIN)/python tools/write_docs.py
	cd ui && npm run --silent api

lock: $(VENV) ## Resolve the dependencies anew
	tools/lock.sh

clean: ## Remove what was built (the data in ./var stay)
	rm -rf .venv ui/node_modules src/tongmai/web/_ui .mypy_cache .ruff_cache .pytest_cache .hypothesis
