# The Yokohama resident guide. `make help` lists the targets.

.DEFAULT_GOAL := help
.PHONY: help serve test train lint format eval bench clean environment environment-dev lock

# The interpreter that makes the environment; found by itself when not given.
PYTHON ?=
export PYTHON
# Programs run from the project's own environment only.
# Compiled modules are kept: without them every start of Rasa costs several seconds more.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: environment ## install, import, train if needed, start everything (HOST, PORT)
	@$(PY) -m bot.supervisor serve

test: environment-dev ## everything that is checked: lint, unit tests, stories, the three real processes
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest -m "not e2e"
	@$(PY) -m bot.supervisor train
	@$(PY) -m bot.supervisor stories
	@$(PY) -m pytest -m e2e

train: environment ## import the knowledge and train when something changed
	@$(PY) -m bot.supervisor train

lint: environment-dev ## ruff and mypy
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

format: environment-dev ## put the code into its canonical form
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

eval: environment-dev train ## score the held-out questions, per language
	@$(PY) -m tests.eval.run

bench: environment-dev train ## measure beside stock Rasa; writes docs/benchmarks.md
	@$(PY) -m bench

clean: ## remove models, logs and caches; .venv and the databases in var/ stay
	@rm -rf var/log models results .rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +

lock: ## write the hash-locked requirement files anew
	@scripts/lock

environment:
	@scripts/environment runtime

environment-dev:
	@scripts/environment dev
