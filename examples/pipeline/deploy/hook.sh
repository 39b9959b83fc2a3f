#!/bin/sh
# What a release runs on its database before it takes over: check, configure, work. Run again, it changes nothing.
#
#   XTASK    the commands with the tables of this pipeline; `cargo xtask` without it
#   WORKER   what computes; `cargo run --` without it
#   WANTED   what the database is brought to; deploy/deploy.toml without it
#   ACCEPT   codes of findings that are known here, with commas between them
set -eu
cd "$(dirname "$0")/.."
wanted=${WANTED:-deploy/deploy.toml}

${XTASK:-cargo xtask} verify --file "$wanted" --accept "${ACCEPT:-}"
${XTASK:-cargo xtask} deploy apply --file "$wanted" --accept "${ACCEPT:-}" --wait 600
${WORKER:-cargo run --quiet --}
