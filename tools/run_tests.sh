#!/bin/sh
# Passes the tests: contracts, then all of them in two processes side by side, then line coverage.
# The rooms named here go with the second process, so that both take about as long. Campaigns are many runs over lines
# that the rooms' own tests measure: they go without the measure, which would take half their time again.
beside='tests/system tests/ledger tests/evaluate'
campaigns='tests/statistics tests/benchmarks tests/sense/test_mutation.py tests/warn/test_policy_always.py'
set -eu
cd "$(dirname "$0")/.."
echo '== style and import contracts'
.venv/bin/ruff check -q .
.venv/bin/lint-imports --no-cache >/dev/null || .venv/bin/lint-imports --no-cache
rm -f .coverage .coverage.*
# on another core: the unit cases of kernels, uncompiled so that their lines are measured, then the rest
log=$(mktemp)
{
    RAMPART_KERNELS=python .venv/bin/python -m coverage run -m pytest -m uncompiled -p no:cacheprovider &&
        .venv/bin/python -m coverage run -m pytest $beside -p no:cacheprovider &&
        .venv/bin/python -m pytest $campaigns -p no:cacheprovider
} >"$log" 2>&1 &
other=$!
trap 'kill $other 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
echo '== the rooms'
.venv/bin/python -m coverage run -m pytest $(printf -- '--ignore=%s ' $beside $campaigns) "$@"
echo '== kernels, uncompiled; whole programs, ledger and reports; campaigns'
wait $other || { cat "$log"; exit 1; }
grep -v '^\.*  *\[ *[0-9]*%\]$' "$log" | tail -n 6
.venv/bin/python -m coverage combine -q
.venv/bin/python -m coverage report --skip-covered --fail-under=90
