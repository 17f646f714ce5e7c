#!/bin/sh
# Builds the preprocessing image for Fargate, and pushes it when a repository is named:
#   scripts/build-docker.sh [--repository <account>.dkr.ecr.ap-southeast-1.amazonaws.com/test-preprocessing]
set -eu
exec node "$(dirname "$0")/push-image.mjs" preprocessing --platform linux/amd64 "$@"
