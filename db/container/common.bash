# Sourced by the programs beside it: the settings of this container.

lib=/usr/local/lib/chatapp
data=/var/lib/mysql
first_start=$data/.chatapp-first-start # there from the first start's beginning to its end
migrations=$lib/migrations
init_sql=/docker-entrypoint-initdb.d/10-schema.sql
. "$lib/schema.bash"

setting() { # NAME DEFAULT: NAME, or what is in the file that NAME_FILE names; as web and ws-server read it
  local file=${1}_FILE
  if [ -z "${!file:-}" ]; then
    printf %s "${!1:-$2}"
  elif [ -n "${!1:-}" ]; then
    stop "$1 and $file are both set; use one of them"
  elif [ -r "${!file}" ]; then
    printf %s "$(<"${!file}")"
  else
    stop "$file: ${!file} cannot be read"
  fi
}

db_name=$(setting DB_NAME chat_app) || exit 1
db_user=$(setting DB_USER chatuser) || exit 1
db_password=$(setting DB_PASSWORD chatpassword) || exit 1
[ "$db_user" != root ] || stop "DB_USER cannot be root: the application gets a user that can read and write messages, no more"
