# Each target does its own set-up: a machine with Python 3.11 or newer and this directory is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NIGHT := instances/real/nl-winter-day.json

.PHONY: night test lint clean golden library smoke-values readme picture

night: $(VENV)/.app  ## plan a real station's next day, show it, check it
	$(BIN)/swapcharge solve $(NIGHT) -o night.plan.json
	$(BIN)/swapcharge check $(NIGHT) night.plan.json
	@echo "To run swapcharge yourself: . $(BIN)/activate   (or call $(BIN)/swapcharge)"

test: $(VENV)/.dev lint  ## everything CI asks
	$(BIN)/pytest -n logical --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What tests hold the code against, written anew: read the difference before you keep it.
HELPED := PYTHONPATH=tests/support:tests/bench/support $(BIN)/python

golden: $(VENV)/.dev  ## golden LPs
	$(HELPED) tests/formulations/golden.py --update

library: $(VENV)/.dev  ## instances of new families
	$(HELPED) tests/bench/support/bench_library.py --update

smoke-values: $(VENV)/.dev  ## what `bench smoke` must give
	$(HELPED) tests/bench/support/bench_smoke.py --update

readme: $(VENV)/.dev  ## the console sessions of the documentation
	$(HELPED) tests/cli/readme_sessions.py

picture: $(VENV)/.dev  ## the picture in README.md
	$(HELPED) tests/reports/plan_picture.py

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "swapcharge needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.app: pyproject.toml | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.app

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
