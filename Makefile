# Everything a person needs. `make demo` and `make test` do all the set-up on a machine that has
# only Python 3.11 to 3.13 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=

.PHONY: demo demo-reset test check lint types bench docs words lock clean

demo: $(VENV)/ready
	@exec $(BIN)/python -m portal.demo

demo-reset: $(VENV)/ready
	@exec $(BIN)/python -m portal.demo --reset

test: $(VENV)/ready
	$(BIN)/python -m pytest -n auto --dist loadgroup $(PYTEST_ARGS)

check: lint types test

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tests.with_engines manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.with_engines manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m tests.with_engines manage.py spectacular --validate --fail-on-warn --file /dev/null

types: $(VENV)/ready
	$(BIN)/python -m tests.with_engines -m mypy

# The pages that the code writes: permissions, states, events.
docs: $(VENV)/ready
	$(BIN)/python -m tests.with_engines manage.py write_docs

# The catalogs of each language that customers read: new phrases in, old ones out, compiled.
words: $(VENV)/ready
	$(BIN)/python -m tests.translations

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks

# Pins every dependency with hashes, for Python 3.11 to 3.13, without naming an index.
lock: $(VENV)/ready
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(UPGRADE) pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet $(UPGRADE) --extra dev pyproject.toml -o requirements-dev.lock

$(VENV)/ready: requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .golden .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
