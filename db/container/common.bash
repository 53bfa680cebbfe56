# Sourced by the programs beside it: the settings of this container, and SQL made from them.

lib=/usr/local/lib/chatapp
data=/var/lib/mysql
first_start=$data/.chatapp-first-start # there from the first start's beginning to its end
migrations=$lib/migrations
init_sql=/docker-entrypoint-initdb.d/10-schema.sql

say() { printf 'chatapp: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

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

sql_text() { # quote any text as a string of SQL
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

sql_name() { # quote any text as a name of SQL
  printf '`%s`' "${1//\`/\`\`}"
}

required_version() { # the last migration's number; 1 before there is any
  local files=("$migrations"/[0-9][0-9][0-9][0-9]_*.sql) last
  last=${files[-1]##*/}
  [ -e "${files[-1]}" ] && echo $((10#${last%%_*})) || echo 1
}

# The application's user: what the settings say now, so that a changed password counts from the next start on.
# In the name of a database that rights are given on, _ and % are wildcards unless escaped.
application_user_sql() {
  local user pattern=${db_name//\\/\\\\}
  pattern=${pattern//_/\\_}
  pattern=${pattern//%/\\%}
  user="$(sql_text "$db_user")@'%'"
  echo "CREATE USER IF NOT EXISTS $user;"
  echo "ALTER USER $user IDENTIFIED BY $(sql_text "$db_password");"
  echo "REVOKE ALL PRIVILEGES, GRANT OPTION FROM $user;"
  echo "GRANT SELECT, INSERT, UPDATE, DELETE ON $(sql_name "$pattern").* TO $user;"
}
