#!/bin/bash
# Brings the database that script/schema.py is connected to to this release, and sets the application's user.
# SQL goes out on standard output and is answered on standard input, each ended by a NUL byte: a machine that has a
# server program has not always mysql's client.
#   DB_NAME=… DB_USER=… DB_PASSWORD=… INIT_SQL=FILE MIGRATIONS=FOLDER schema.bash
set -euo pipefail

db_name=$DB_NAME db_user=$DB_USER db_password=$DB_PASSWORD init_sql=$INIT_SQL migrations=$MIGRATIONS
. "$(dirname "${BASH_SOURCE[0]}")/../db/container/schema.bash"

exec 3>&1 4<&0 1>&2

client() {
  local answer
  { [ $# = 0 ] || echo "USE $(sql_name "$1");"; cat; printf '\0'; } >&3
  IFS= read -r -d '' answer <&4 || return 1
  printf %s "${answer#*$'\n'}"
  [ "${answer%%$'\n'*}" = ok ]
}

upgrade_schema
client < <(application_user_sql)
