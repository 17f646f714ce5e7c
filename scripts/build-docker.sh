#!/bin/sh
# Builds the preprocessing image for Fargate, and pushes it when a repository is named.
set -eu

usage() {
  cat <<'USAGE'
Usage: scripts/build-docker.sh [options]

Builds the preprocessing image for linux/amd64, which Fargate runs, as localhost/test-preprocessing:latest.

  --repository URI      pushes it there, as `latest` too, e.g.
                        123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/test-preprocessing
  --platform PLATFORM   builds for another one                     [default: linux/amd64]
  --engine CLI          docker or podman, or a path                [default: the first that answers]
  --no-latest           does not move the tag `latest`
  --tag-only            prints the tag of the content and does nothing else
  --help

It takes what scripts/push-image.mjs takes, and credentials from where the AWS SDK finds them.
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
folder=$(cd "$(dirname "$0")" && pwd)
# The platform comes first: one that is given after it is taken.
exec node "$folder/push-image.mjs" preprocessing --platform linux/amd64 "$@"
