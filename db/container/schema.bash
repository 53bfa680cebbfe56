# Sourced by whatever starts a database: brings its schema to this release. The one runner of migrations; ./prepare
# gives it the container's server, script/schema.bash a private one. Whoever sources it sets db_name, db_user,
# db_password, init_sql (a file) and migrations (a folder), and defines
#   client [DATABASE]    run the SQL on standard input, print the rows bare, stop at the first statement that fails

say() { printf 'chatapp: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

sql_text() { # quote any text as a string of SQL
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

sql_name() { # quote any text as a name of SQL
  printf '`%s`' "${1//\`/\`\`}"
}

required_version() { # the last migration's number; 1 before there is any
  local files=("$migrations"/[0-9][0-9][0-9][0-9]_*.sql) last
  last=${files[${#files[@]} - 1]##*/}
  [ -e "$migrations/$last" ] && echo $((10#${last%%_*})) || echo 1
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

apply() { # FILE
  client "$db_name" < <(echo "SET time_zone = '+00:00';" && cat "$1") >/dev/null
}

# Each statement of init.sql is committed by itself. The mark tells tables that a cut left behind from another program's;
# nobody has stored anything beside it: what connects waits for this runner, or has no rights yet.
unfinished=chatapp_first_start

create_tables() {
  client "$db_name" < <(echo "CREATE TABLE IF NOT EXISTS $unfinished (id INT);")
  apply "$init_sql"
  client "$db_name" < <(echo "DROP TABLE $unfinished;")
}

create_database() {
  client < <(echo "CREATE DATABASE IF NOT EXISTS $(sql_name "$db_name") CHARACTER SET utf8mb4;")
}

# Creates the database and its tables where they are missing, and applies the migrations that it lacks, in order, once
# each. Stops with a sentence at one that fails, and at a database of a later release or of another program.
upgrade_schema() {
  local tables version required number file
  create_database
  tables=$(client "$db_name" < <(echo "SHOW TABLES;"))
  if grep -qx "$unfinished" <<<"$tables"; then
    say "the tables of $db_name were not finished: creating them from nothing"
    client < <(echo "DROP DATABASE $(sql_name "$db_name");")
    create_database
    create_tables
  elif [ -z "$tables" ]; then
    say "the database $db_name is empty: creating its tables"
    create_tables
  fi
  version=$(client "$db_name" < <(echo "SELECT COALESCE(MAX(version), 0) FROM schema_version;")) ||
    stop "$db_name is not a database of ChatApp: it has tables, but no schema_version"
  required=$(required_version)
  [ "$version" -le "$required" ] ||
    stop "schema $version is of a later release; this one knows only $required. Start the later release again."
  for ((number = version + 1; number <= required; number++)); do
    file=$(printf '%s/%04d_*.sql' "$migrations" "$number")
    file=$(compgen -G "$file") || stop "there is no migration $number"
    say "schema $((number - 1)): applying ${file##*/}"
    apply "$file" || stop "${file##*/} failed; the schema stays at version $((number - 1))"
    client "$db_name" < <(echo "INSERT INTO schema_version (version) VALUES ($number);")
  done
  say "schema $required is ready"
}
