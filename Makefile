# Two commands do everything: `make demo` and `make test`. Both set up what they need and say so.
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input

.PHONY: help demo test check bench lint lock clean

help:
	@echo 'make demo    set everything up, run the attack of 17 November 2020, write rampart-demo/report.html'
	@echo 'make test    set everything up and pass the tests (about ten minutes from nothing, on two cores)'
	@echo 'make check   ruff, mypy, import contracts, tests'
	@echo 'make bench   measure speed and accuracy, write benchmarks/results/'
	@echo 'make lock    write the locked requirements anew (needs uv)'
	@echo 'make clean   remove the environment and what was built'

demo: .venv/kernels
	@.venv/bin/rampart demo

test: .venv/dev .venv/kernels
	@sh tools/system_packages.sh
	@sh tools/run_tests.sh

check: .venv/dev lint test

lint: .venv/dev
	@echo '== ruff'; .venv/bin/ruff check . && .venv/bin/ruff format --check .
	@echo '== mypy'; .venv/bin/mypy
	@echo '== import contracts'; .venv/bin/lint-imports

bench: .venv/dev .venv/kernels
	@$(PY) -m benchmarks

# Each stamp is older than what it was made from when its step must run again.
.venv/base: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "rampart needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version)"; exit 1; }
	@echo '== setting up: virtual environment in .venv'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo '== setting up: libraries, locked with hashes (a minute or so)'
	@$(PIP) install --quiet --require-hashes -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/base requirements/dev.txt
	@echo '== setting up: what the tests need'
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.venv/kernels: .venv/base $(shell grep -rlF --include='*.py' rampart.numerics.jit src 2>/dev/null)
	@echo '== setting up: compiling kernels (once)'
	@$(PY) -m rampart.warmup
	@touch $@

lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--extra setup --extra terrain -o requirements/run.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--extra setup --extra terrain --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .coverage*
