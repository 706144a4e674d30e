# What a newcomer needs: `make demo`, `make test`. Everything is set up on the way, in .venv.
SHELL := /bin/bash
BIN := .venv/bin
DEMO_ARGS ?=
PYTEST_ARGS ?= -q
BENCH_ARGS ?=
SOAK_ARGS ?=

# An installation in production, as far as its settings go: for `check --deploy`.
PRODUCTION := ADVOSYNC_ENV_FILE= DEBUG=false SANDBOX=false \
	SECRET_KEY=Zk3vR8yQ1mTn6uWxB4cJ9dLf2gHs7pEa5rKt0iOqVbNzXyMw8hQ \
	ALLOWED_HOSTS=sync.example.org PUBLIC_URL=https://sync.example.org TRUST_PROXY_HEADERS=true \
	ESPOCRM_API_BASE_URL=https://crm.example.org/api/v1 ESPOCRM_API_KEY=key \
	ADVOWARE_API_BASE_URL=https://relay.example.org:90/ \
	ADVOWARE_AUTH_URL=https://security.example.org/api/v1/Token ADVOWARE_APP_ID=app ADVOWARE_API_KEY=a2V5 \
	ADVOWARE_KANZLEI=1 ADVOWARE_DATABASE=firm ADVOWARE_USER=user ADVOWARE_PASSWORD=password
DEVELOPER := ADVOSYNC_ENV_FILE= DEBUG=true SANDBOX=true

.PHONY: help demo test lint machine mutation chaos soak bench format docs pictures translations wheel install-check upgrade-check clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# A stamp for each list of packages: an unchanged list costs no pip run.
.venv/.runs: requirements.txt constraints.txt
	@PYTHON="$(PYTHON)" bash scripts/make-venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.develops: requirements-dev.txt .venv/.runs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: .venv/.runs translations  ## everything at work on this machine, with stand-ins; DEMO_ARGS=--check walks through it
	@exec $(BIN)/python -m demo $(DEMO_ARGS)

test: .venv/.develops translations  ## all tests, on SQLite and on PostgreSQL
	@bash scripts/install-test-programs
	@$(BIN)/python -m tests.suite $(PYTEST_ARGS)

machine: .venv/.develops  ## properties and state machines, the long profile
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/core tests/machine tests/security

mutation: .venv/.develops  ## which changes of the merge, the contact plan and the markers no test would notice
	@bash scripts/mutation $(MUTANTS)

chaos: .venv/.develops translations  ## every fault at every write, with real processes
	@bash scripts/install-test-programs pgbouncer $(if $(CI),prometheus)
	$(BIN)/python -m pytest -q -n 2 -m chaos -p tests.chaos.report tests

soak: .venv/.develops translations  ## eight hours of a firm's life in one, with faults and restarts; SOAK_ARGS="--minutes 5 --records 2000" is a short one
	@$(BIN)/python -m tests.soak $(SOAK_ARGS)

bench: .venv/.develops translations  ## the benchmarks, as ratios and counts, into benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

lint: .venv/.develops translations  ## ruff, mypy, import contracts, migrations, system checks, bandit, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(DEVELOPER) $(BIN)/python manage.py makemigrations --check --dry-run
	$(DEVELOPER) $(BIN)/python manage.py check --fail-level WARNING
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/bandit -q -c pyproject.toml -r advosync_project syncapp manage.py
	@$(BIN)/python -m tests.support.audit

format:  ## put every file into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.runs  ## write what is rendered from tables
	$(DEVELOPER) $(BIN)/python manage.py render_docs

pictures: .venv/.develops translations  ## take the documents' pictures anew, to be looked at before they are kept
	ADVOSYNC_PICTURES=1 $(BIN)/python -m pytest -q tests/browser/test_pictures.py

# The German texts: .mo files are made here, not kept; Python alone can do it where gettext is missing.
translations: .venv/.runs
	@$(BIN)/python -m advosync_project.translations

wheel: .venv/.develops  ## the product as one file, into dist/
	@rm -rf dist && $(BIN)/python -m build --outdir dist . >/dev/null && ls dist

install-check: .venv/.develops translations  ## a machine set up from DEPLOYMENT's lines, from the wheel to a page over TLS, a restored backup and an update
	@$(BIN)/python -m tests.install

upgrade-check: .venv/.develops translations  ## every older release restored, brought to this version, and put to work
	@$(BIN)/python -m tests.upgrade

clean:  ## forget the virtual environment and all run-time files
	rm -rf .venv var staticfiles dist
