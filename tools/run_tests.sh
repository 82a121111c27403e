#!/bin/sh
# Passes the tests: contracts, then the compiled run, then the kernels' unit cases uncompiled, then line coverage.
set -eu
cd "$(dirname "$0")/.."
echo '== style and import contracts'
.venv/bin/ruff check -q .
.venv/bin/lint-imports --no-cache >/dev/null || .venv/bin/lint-imports --no-cache
rm -f .coverage .coverage.*
echo '== kernels, uncompiled, so that their lines are measured'
RAMPART_KERNELS=python .venv/bin/python -m coverage run -m pytest -m uncompiled -p no:cacheprovider
echo '== everything, compiled'
.venv/bin/python -m coverage run -m pytest "$@"
.venv/bin/python -m coverage combine -q
.venv/bin/python -m coverage report --skip-covered --fail-under=90
