#!/bin/sh
# Passes the tests: contracts, then all of them in two processes side by side, then line coverage.
set -eu
cd "$(dirname "$0")/.."
echo '== style and import contracts'
.venv/bin/ruff check -q .
.venv/bin/lint-imports --no-cache >/dev/null || .venv/bin/lint-imports --no-cache
rm -f .coverage .coverage.*
# on another core: the unit cases of kernels, uncompiled so that their lines are measured, then whole programs at work
log=$(mktemp)
{
    RAMPART_KERNELS=python .venv/bin/python -m coverage run -m pytest -m uncompiled -p no:cacheprovider &&
        .venv/bin/python -m coverage run -m pytest tests/system -p no:cacheprovider
} >"$log" 2>&1 &
beside=$!
trap 'kill $beside 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
echo '== every room, compiled'
.venv/bin/python -m coverage run -m pytest --ignore=tests/system "$@"
echo '== kernels, uncompiled, and whole programs'
wait $beside || { cat "$log"; exit 1; }
grep -v '^\.*  *\[ *[0-9]*%\]$' "$log" | tail -n 4
.venv/bin/python -m coverage combine -q
.venv/bin/python -m coverage report --skip-covered --fail-under=90
