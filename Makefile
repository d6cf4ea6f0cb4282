# Two commands: `make run` and `make test`. Both set up what they need in .venv; doing so again is quick.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TWO := -n 2 --dist worksteal

.PHONY: run test quick static test-all test-beyond test-long costs browser checkers exchange systems schemas diagrams suites golden docs site bench mutants clean

run: $(VENV)/.run
	@$(BIN)/simsync overview scenarios/severing.yaml:3
	@$(BIN)/simsync play --out play.html
	@echo "simsync is $(BIN)/simsync, and just that after: source $(BIN)/activate"

test: $(VENV)/.test
	@$(MAKE) --no-print-directory -j 2 static quick

quick: $(VENV)/.test  # the quick tests
	$(if $(COVERAGE),$(BIN)/coverage erase)
	$(if $(COVERAGE),$(BIN)/coverage run -m pytest,$(BIN)/pytest) $(TWO) -m "not thorough and not long"
	$(if $(COVERAGE),$(BIN)/coverage combine -q)
	$(if $(COVERAGE),$(BIN)/coverage report)

static: $(VENV)/.test  # the checks that run nothing: lint, format, types, layers, diagrams
	$(BIN)/ruff check src tests bench docs examples
	$(BIN)/ruff format --check src tests bench docs examples
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/simsync diagrams --check

test-beyond: $(VENV)/.test  # what test-all has beyond test
	$(BIN)/pytest $(TWO) -m "thorough and not long"

test-all:
	@$(MAKE) test COVERAGE=yes
	@$(MAKE) test-beyond

test-long: $(VENV)/.test
	$(BIN)/pytest -m "long"

costs: $(VENV)/.test  # what each test takes of the processor's time, measured anew
	PYTHONPATH=tests $(BIN)/pytest -p costs --costs tests/dearest/quick.toml -n 2 --dist loadfile -m "not thorough and not long"
	PYTHONPATH=tests $(BIN)/pytest -p costs --costs tests/dearest/thorough.toml -n 2 --dist loadfile -m "thorough and not long"

browser:  # what the tests in a browser need; without it they are skipped, and say so
	@tests/browser/install

checkers:  # what the tests of exported models need; without it they are skipped, and say so
	@tests/checkers/install

exchange:  # the tools of others that run exported machines; without them those tests are skipped, and say so
	@tests/exchange/install

systems: $(VENV)/.test  # the products of others that examples are held against; without them those tests are skipped, and say so
	@tests/systems/install

schemas: $(VENV)/.run
	$(BIN)/simsync schema --out schemas

diagrams: $(VENV)/.run
	$(BIN)/simsync diagrams

suites: $(VENV)/.run
	$(BIN)/simsync generate --cover pairs --out scenarios/generated

golden: $(VENV)/.test
	$(BIN)/python tests/drawing/test_golden.py

docs: $(VENV)/.run
	$(BIN)/python docs/refresh.py
	$(BIN)/python docs/walkthrough.py

site: $(VENV)/.site  # the documentation as a site, with the page to act in and the rulebook: site/index.html
	@$(BIN)/python docs/website/build.py

bench: $(VENV)/.bench
	$(BIN)/python bench/speed.py
	$(BIN)/python bench/exploring.py
	$(BIN)/python bench/suites.py
	$(BIN)/python bench/statespace.py
	$(BIN)/python bench/replaying.py
	PYTHONPATH=. $(BIN)/python bench/conforming.py
	$(BIN)/python bench/playing.py

mutants: $(VENV)/.mutants  # minutes to an hour: are the quick tests able to see each change of what judges?
	PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python tests/mutants/check.py $(MUTANTS)

clean:
	rm -rf $(VENV) mutants site tests/browser/node_modules tests/exchange/node_modules .mypy_cache .pytest_cache .ruff_cache .coverage*

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "set-up: $(PYTHON) is not here; install Python 3.11 or newer, or say make PYTHON=/path/to/it" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "set-up: $$($(PYTHON) --version) is too old; simsync needs Python 3.11 or newer; say make PYTHON=/path/to/it" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "set-up: Python's venv module is missing; on Debian, apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "set-up: the virtual environment could not be made in $(VENV)" >&2; exit 1; }

$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "setting up (once) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[render,xlsx]' || { echo "set-up: pip could not install simsync's dependencies; is a package index within reach?" >&2; exit 1; }
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "setting up the checks (once) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[test]' || { echo "set-up: pip could not install what the tests need; is a package index within reach?" >&2; exit 1; }
	@touch $@ $(VENV)/.run

$(VENV)/.site: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[site]' || { echo "set-up: pip could not install what makes the site" >&2; exit 1; }
	@touch $@

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[test,bench]' || { echo "set-up: pip could not install the peers to measure against" >&2; exit 1; }
	@touch $@ $(VENV)/.run $(VENV)/.test

$(VENV)/.mutants: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[test,mutants]' || { echo "set-up: pip could not install what makes mutants" >&2; exit 1; }
	@touch $@ $(VENV)/.run $(VENV)/.test
