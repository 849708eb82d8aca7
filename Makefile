# Each target does its own set-up: a machine with Python 3.11 or newer and this directory is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NIGHT := instances/real/nl-winter-day.json

.PHONY: night test slowest lint clean speed golden library smoke-values speed-baseline results readme picture lock test-unlocked sbom mutants fuzz kills proofs explained

night: $(VENV)/.app  ## plan a real station's next day, show it, check it
	$(BIN)/swapcharge solve $(NIGHT) -o night.plan.json
	$(BIN)/swapcharge check $(NIGHT) night.plan.json
	@echo "To run swapcharge yourself: . $(BIN)/activate   (or call $(BIN)/swapcharge)"

# Bytecode is kept even where the environment says otherwise: the many children would compile their modules each time.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n logical --dist loadfile

test: $(VENV)/.dev lint  ## everything CI asks
	$(PYTEST)

slowest: $(VENV)/.dev  ## all tests, and which twenty took longest
	$(PYTEST) --durations=20

speed: $(VENV)/.dev  ## processor seconds by workload against the committed baseline; alone, as little else as possible beside it
	$(BIN)/swapcharge bench speed

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

speed-baseline: $(VENV)/.dev  ## what `bench speed` holds processor seconds against
	$(BIN)/swapcharge bench speed --update --rounds 7

SUITE := mini
SECONDS := 60
CONTENDERS := engine,engine-levels,engine-patterns,rolling-engine,aggregate-battery,cp-sat,on-arrival,cheapest-first,levels-lp:pdlp,reference:highs
RESULTS = build/results/$(SUITE)-$(SECONDS)s

results: $(VENV)/.dev  ## a suite by all contenders, one run on each of two cores: instances/bench/results; alone, and it goes on where it was broken off
	$(BIN)/swapcharge bench run $(SUITE) --contenders $(CONTENDERS) --time-limit $(SECONDS) --gap 0.001 --jobs 2 -o $(RESULTS) \
	  || [ $$? -eq 1 ]  # a run that is WRONG is told in the report
	mkdir -p instances/bench/results
	$(BIN)/swapcharge bench report $(RESULTS) --library instances/bench --at 10,$(SECONDS) -o instances/bench/results/$(SUITE)-$(SECONDS)s.md

readme: $(VENV)/.dev  ## the console sessions of the documentation
	$(HELPED) tests/cli/readme_sessions.py
	$(HELPED) tests/studies/notebook_page.py

picture: $(VENV)/.dev  ## the picture in README.md
	$(HELPED) tests/reports/plan_picture.py

SEED := 1
COUNT := 250

mutants: $(VENV)/.dev  ## small changes of checker and bill: does a test fail for each? SEED= and COUNT= of the sample
	$(BIN)/python tests/check/mutants.py --seed $(SEED) --count $(COUNT)

fuzz: COUNT := 20000
fuzz: $(VENV)/.dev  ## damaged files for every reader; faults are kept in build/fuzz
	PYTHONPATH=tests/support:tests/fuzz $(BIN)/python tests/fuzz/campaign.py --seed $(SEED) --count $(COUNT)

proofs: COUNT := 3000
proofs: $(VENV)/.dev  ## as many tiny nights over all pairs of features: no bound above the truth, no plan below; goes on where it was broken off
	PYTHONPATH=tests/support:tests/proofs $(BIN)/python tests/proofs/proof_campaign.py --seed $(SEED) --count $(COUNT)

explained: COUNT := 200
explained: $(VENV)/.dev  ## as many nights with lost swaps, each of them explained, every repair verified
	PYTHONPATH=tests/support:tests/proofs:tests/explain $(BIN)/python tests/explain/explain_campaign.py --seed $(SEED) --count $(COUNT)

kills: COUNT := 100
kills: $(VENV)/.dev  ## as many SIGKILLs of nightly and study, spread over their progress; what is resumed must be the same bytes
	$(HELPED) tests/cli/kill_campaign.py --seed $(SEED) --count $(COUNT)

# Both lock files, resolved anew to the newest versions within the bounds of pyproject.toml. uv resolves for all systems
# and versions of Python at once (pip-compile only for its own); it is installed by this target alone, and by its hashes:
# for another version, write it here and run `make lock` twice.
UV := uv==0.13.9
RESOLVE = build/lock/bin/uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes
COMPILE = $(RESOLVE) --upgrade pyproject.toml build/lock/build-system.txt
LOCK_HEAD := '\# Written by `make lock`: refresh it so, not by hand.' \
  '\# Resolved for Python 3.11 and newer on Linux, macOS and Windows; a marker says where a line holds only there.' \
  '\# Hashes are those of all files of a version.'

lock:  ## refresh requirements.lock, requirements-dev.lock and requirements-uv.lock
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python $(PIP) $(LOCKED) requirements-uv.lock
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  > build/lock/build-system.txt
	$(COMPILE) > build/lock/requirements.lock
	{ printf '%s\n' $(LOCK_HEAD); cat build/lock/requirements.lock; } > requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock > build/lock/requirements-dev.lock
	{ printf '%s\n' $(LOCK_HEAD); cat build/lock/requirements-dev.lock; } > requirements-dev.lock
	echo '$(UV)' | $(RESOLVE) --no-annotate - > build/lock/requirements-uv.lock
	{ printf '%s\n' $(LOCK_HEAD); cat build/lock/requirements-uv.lock; } > requirements-uv.lock

test-unlocked:  ## what `pip install .` gives without the lock files plans a night, too
	$(PYTHON) -m venv --clear build/unlocked
	rm -rf build/lib  # what an older build left would go into the wheel
	build/unlocked/bin/python $(PIP) install .
	cd build && unlocked/bin/swapcharge solve ../$(NIGHT) -o unlocked/night.plan.json
	cd build && unlocked/bin/swapcharge check ../$(NIGHT) unlocked/night.plan.json

sbom: $(VENV)/.dev  ## CycloneDX list of what `make night` installs: build/swapcharge.cdx.json
	$(PYTHON) -m venv --clear --without-pip build/sbom
	$(BIN)/python -m pip --python build/sbom/bin/python --disable-pip-version-check --quiet $(LOCKED) requirements.lock
	$(BIN)/python -m pip --python build/sbom/bin/python --disable-pip-version-check --quiet $(SELF)
	$(BIN)/cyclonedx-py environment build/sbom/bin/python --pyproject pyproject.toml --mc-type application \
	  --output-reproducible --of JSON -o build/swapcharge.cdx.json

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "swapcharge needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Wheels only: building from source would run build tools that no lock file names. setuptools is in both lock files,
# so that the project itself is built without isolation, and from nothing but what was just installed.
PIP := -m pip --disable-pip-version-check --quiet
LOCKED := install --only-binary :all: --require-hashes --requirement
SELF := install --no-index --no-deps --no-build-isolation --editable .

$(VENV)/.app: pyproject.toml requirements.lock | $(VENV)/.python
	$(BIN)/python $(PIP) $(LOCKED) requirements.lock
	$(BIN)/python $(PIP) $(SELF)
	@touch $@

$(VENV)/.dev: pyproject.toml requirements-dev.lock | $(VENV)/.python
	$(BIN)/python $(PIP) $(LOCKED) requirements-dev.lock
	$(BIN)/python $(PIP) $(SELF)
	@touch $@ $(VENV)/.app

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
