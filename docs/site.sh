#!/bin/sh
# The site: `./workbook docs` and the tests come here.
#
#   docs/site.sh serve [PORT] builds it, and serves it on localhost
#   docs/site.sh dev          for authors: on localhost, with each change of a page at once
#   docs/site.sh build        into build/docs
#   docs/site.sh test WHAT    build, unit, site or browser; the last two look at build/docs
#
# Without Node.js a test is skipped (77), except where CI is set.
set -eu
cd "$(dirname "$0")"

missing() {
    echo "The site needs $1, which is missing here. On Debian: apt-get install nodejs npm chromium" >&2
    [ "$command" = test ] && [ -z "${CI:-}" ] && exit 77
    exit 2
}

# Again only when the list of packages has changed.
packages() {
    command -v node >/dev/null || missing "Node.js 18 or later"
    command -v npm >/dev/null || missing npm
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] ||
        missing "Node.js 18 or later (this is $(node --version))"
    cmp -s package-lock.json node_modules/.lock && return
    echo "Fetching the packages of the site…" >&2
    npm ci --no-audit --no-fund --loglevel=error >&2
    cp package-lock.json node_modules/.lock
}

command=${1:-serve}
[ $# -eq 0 ] || shift
case $command in
    serve)
        packages
        npx vitepress build .
        exec node serve.js "$@"
        ;;
    dev)
        packages
        exec npx vitepress dev . --host 127.0.0.1 "$@"
        ;;
    build)
        packages
        exec npx vitepress build .
        ;;
    test)
        packages
        if [ "${1:-}" = browser ] && [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
            missing Chromium
        fi
        [ "${1:-}" != build ] || exec npx vitepress build .
        exec npx vitest run "test/${1:-}"
        ;;
    *)
        echo "docs/site.sh serve | dev | build | test build|unit|site|browser" >&2
        exit 2
        ;;
esac
