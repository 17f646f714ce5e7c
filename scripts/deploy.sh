#!/bin/sh
# Deploys the preprocessing pipeline into a named environment.
set -eu

usage() {
  cat <<'USAGE'
Usage: scripts/deploy.sh [name] [options of `crucible up`]

Deploys preprocessing into the environment of that name, or brings that to what the program says now.

  name                  [default: preprocessing]
  --env STAGE           dev, test or prod                          [default: dev]
  --target aws          into the AWS account of your credentials  [default: the local cloud]
  --keep                until `crucible down`, instead of two hours
  --set KEY=VALUE       a setting, e.g. preprocessing.container.imageTag=v2
  --help

Examples:
  scripts/deploy.sh pre
  scripts/deploy.sh pre --set preprocessing.task.memoryMiB=2048
  scripts/deploy.sh pre --target aws --set image=none      then scripts/build-docker.sh --repository URI
USAGE
}

for word in "$@"; do
  case $word in
    -h | --help)
      usage
      exit 0
      ;;
  esac
done
name=preprocessing
case ${1-} in
  "" | -*) ;;
  *)
    name=$1
    shift
    ;;
esac
folder=$(cd "$(dirname "$0")" && pwd)
exec node "$folder/../bin/crucible.mjs" up preprocessing --name "$name" "$@"
