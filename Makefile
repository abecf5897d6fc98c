# Journeyman. `make run` shows it, `make test` proves it; both set themselves up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/runtime.installed
DEVELOPMENT := $(VENV)/development.installed

.PHONY: help install run test check format bench soak screenshots lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUNTIME) ## make .venv with the command journeyman in it

run: $(RUNTIME) ## the demo: a sign-up whose REST calls are secured, then keep serving
	@exec $(BIN)/journeyman demo

test: $(DEVELOPMENT) ## lint, types, import rules and every test
	@scripts/install-test-programs
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n 3 --dist worksteal

check: $(DEVELOPMENT) ## lint, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEVELOPMENT) ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEVELOPMENT) ## ratios to named baselines, all in one run
	@$(BIN)/python -m benchmarks

soak: $(DEVELOPMENT) ## the long forms of the proofs that make test runs shortly
	@JOURNEYMAN_SOAK=1 $(BIN)/python -m pytest -m slow
	@$(BIN)/python -m fuzz --seconds 60

screenshots: $(DEVELOPMENT) ## take the pictures of the documentation
	@scripts/install-test-programs
	@$(BIN)/python scripts/screenshots.py

lock: $(DEVELOPMENT) ## pin the newest versions that pyproject.toml allows
	@scripts/lock

clean: ## remove what was built; tenant folders stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis artifacts

$(BIN)/python:
	@scripts/make-venv $(PYTHON) $(VENV)

$(RUNTIME): requirements/build.txt requirements/runtime.txt pyproject.toml guard/pyproject.toml | $(BIN)/python
	@scripts/install $(BIN)/python requirements/runtime.txt
	@touch $@

$(DEVELOPMENT): requirements/development.txt $(RUNTIME)
	@scripts/install $(BIN)/python requirements/development.txt
	@touch $@
