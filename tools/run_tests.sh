#!/bin/sh
# Passes the tests: contracts, then the compiled run with the kernels' unit cases uncompiled beside it, then line coverage.
set -eu
cd "$(dirname "$0")/.."
echo '== style and import contracts'
.venv/bin/ruff check -q .
.venv/bin/lint-imports --no-cache >/dev/null || .venv/bin/lint-imports --no-cache
rm -f .coverage .coverage.*
# the unit cases of kernels, uncompiled so that their lines are measured, go beside the rest on another core
log=$(mktemp)
RAMPART_KERNELS=python nice .venv/bin/python -m coverage run -m pytest -m uncompiled -p no:cacheprovider >"$log" 2>&1 &
beside=$!
trap 'kill $beside 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
echo '== everything, compiled'
.venv/bin/python -m coverage run -m pytest "$@"
echo '== kernels, uncompiled'
wait $beside || { cat "$log"; exit 1; }
tail -n 1 "$log"
.venv/bin/python -m coverage combine -q
.venv/bin/python -m coverage report --skip-covered --fail-under=90
