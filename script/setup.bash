# Sourced by the programs of script/: what they need on a fresh machine, and nothing that is there already.
# Everything goes under .local/ except Debian's packages, which are only installed as root on Debian or Ubuntu.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=script/$(basename "$0")

say() { printf '%s: %s\n' "$program" "$*" >&2; }
stop() { say "$*"; exit 1; }

can_install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ -e /etc/debian_version ]
}

install_packages() { # PACKAGE…: as root on Debian or Ubuntu; false elsewhere or where it fails
  can_install_packages || return 1
  say "installing $*"
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300)
  mkdir -p "$root/.local"
  { DEBIAN_FRONTEND=noninteractive "${apt[@]}" update &&
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install --no-install-recommends "$@"; } \
    >"$root/.local/apt.log" 2>&1 </dev/null || { tail -n 5 "$root/.local/apt.log" >&2; return 1; }
}

find_python() { # the first Python that is new enough; prints nothing where there is none
  local name
  for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

# make_venv NAME REQUIREMENTS…: a virtual environment with exactly these requirements, in .local/NAME. Sets $venv.
# A second call does nothing until a requirements file, or Python itself, changes.
make_venv() {
  venv=$root/.local/$1
  shift
  local python wanted
  python=$(find_python)
  if [ -z "$python" ]; then
    install_packages python3 python3-venv || true
    python=$(find_python)
  fi
  [ -n "$python" ] || stop "Python 3.11 or newer is missing; install it, or name one with PYTHON=/path/to/python3"
  wanted=$( (cd "$root" && "$python" --version && cat "$@") | cksum)
  [ "$(cat "$venv/.chatapp" 2>/dev/null)" = "$wanted" ] && return
  say "setting up Python packages in .local/$(basename "$venv") (once)"
  rm -rf "$venv"
  mkdir -p "$root/.local"
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    rm -rf "$venv"
    install_packages python3-venv && "$python" -m venv "$venv" ||
      stop "Python's venv module is missing; install it (on Debian and Ubuntu: the package python3-venv)"
  fi
  local options=() file
  for file in "$@"; do options+=(-r "$root/$file"); done
  "$venv/bin/pip" install -qq --disable-pip-version-check --require-hashes "${options[@]}" ||
    stop "the Python packages could not be installed; pip's message is above"
  printf '%s\n' "$wanted" >"$venv/.chatapp"
}

has_database_server() {
  PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mariadbd mysqld >/dev/null
}

# A server program is enough: -core starts no service and brings no configuration of a running server.
need_database_server() {
  has_database_server && return
  install_packages mariadb-server-core && has_database_server && return
  stop "a MySQL or MariaDB server program (mysqld or mariadbd) is missing; install one, for instance the package mariadb-server-core"
}

# Fonts as well: a page measured or pictured without them is not the page that people see.
need_chromium() {
  command -v chromium >/dev/null ||
    install_packages chromium fonts-liberation fonts-noto-core fonts-noto-color-emoji || stop "chromium is missing"
}

# install_npm_packages FOLDER: into its node_modules, what its package-lock.json names. Nothing where that did not change,
# and nothing where there is no npm.
install_npm_packages() {
  cmp -s "$1/package-lock.json" "$1/node_modules/.chatapp" && return
  command -v npm >/dev/null || install_packages npm || return 0
  say "setting up the npm packages of $1 (once)"
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --silent)
  cp "$1/package-lock.json" "$1/node_modules/.chatapp"
}
