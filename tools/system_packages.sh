#!/bin/sh
# Installs the Debian packages that tests hold Rampart against, where this user may; says what is missing where not.
set -u
missing=""
# servers lie where an ordinary user's PATH does not look
PATH="$PATH:/usr/sbin"
for pair in chromium:chromium tshark:tshark xmlsec1:xmlsec1 xmllint:libxml2-utils \
    mosquitto:mosquitto mosquitto_sub:mosquitto-clients; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "== setting up: Debian packages for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null 2>&1 ||
        echo "   could not install them; the tests that use them will be skipped"
else
    echo "== not installed:$missing; the tests that use them will be skipped (as root: apt-get install$missing)"
fi
