#!/bin/sh
# Deploys the preprocessing pipeline into a named environment: scripts/deploy.sh [name] [options of `crucible up`]
set -eu
name=${1:-preprocessing}
[ $# -eq 0 ] || shift
exec node "$(dirname "$0")/../bin/crucible.mjs" up preprocessing --name "$name" "$@"
