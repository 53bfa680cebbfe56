"""How is a private MySQL or MariaDB started, without Docker, with ChatApp's schema in it?"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import DictCursor

from processes import Process, StartFailed, plain_environment
from schema import Connection, upgrade_schema

ROOT = Path(__file__).resolve().parent.parent
INIT_SQL = ROOT / "db" / "init.sql"
MIGRATIONS = ROOT / "db" / "migrations"
SERVER_SETTINGS = ROOT / "db" / "container" / "chatapp.cnf"


class Database:
    """A database server of our own: its data, socket and log are in `folder`, and nobody else uses it.

    `port` adds 127.0.0.1:port to the private socket. The application's user has the rights that it has in the
    container. Root has no password: only the socket lets it in, and the folder (0700) keeps others from it.
    Without `survives_power_cuts` nothing waits for the disk: what is stored outlives the server, not the machine.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        name: str = "chat_app",
        user: str = "chatuser",
        password: str = "chatpassword",  # noqa: S107  # the documented default, as in compose
        init_sql: Path = INIT_SQL,
        migrations: Path = MIGRATIONS,
        survives_power_cuts: bool = True,
    ) -> None:
        self.survives_power_cuts = survives_power_cuts
        self.folder = folder.resolve()
        self.port = port
        self.name = name
        self.user = user
        self.password = password
        self.init_sql = init_sql
        self.migrations = migrations
        self.data = self.folder / "data"
        self.socket = socket_path(self.folder)
        self._server = find_server()
        self._process: Process | None = None

    def __enter__(self) -> Database:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def process(self) -> Process:
        """The running server, for its pid and log."""
        if self._process is None:
            raise RuntimeError("the database was not started")
        return self._process

    def environment(self) -> dict[str, str]:
        """The variables by which web and ws-server find this database."""
        return {
            "DB_SOCKET": str(self.socket),
            "DB_NAME": self.name,
            "DB_USER": self.user,
            "DB_PASSWORD": self.password,
            # beside the database's folder, not in it: a copy of the data is no copy of the key
            "MESSAGE_KEYS_FILE": str(self.folder.with_name(f"{self.folder.name}-keys") / "message-keys"),
        }

    def start(self, deadline: float = 60) -> None:
        """Start the server, on a new folder or on the data of last time, and bring its schema up to date."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if not self.data.exists():
            self._initialise()
        try:
            self.start_server(deadline)
            self.prepare()
        except BaseException:
            self.stop()
            raise

    def start_server(self, deadline: float = 60) -> None:
        """Start the server on existing data and return when it answers; the schema is left as it is."""
        self._process = Process(
            "database",
            self._command(f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}", *self._network()),
            self.folder / "database.log",
            plain_environment(),
            self.folder,
        )
        self._process.start()
        for _ in self._process.until(deadline):
            if self._listens():
                self.connect(database=None).close()
                return

    def prepare(self) -> None:
        """Create what is missing: the database, its schema, later versions of it, the application's user."""
        settings = {
            "DB_NAME": self.name,
            "DB_USER": self.user,
            "DB_PASSWORD": self.password,
            "INIT_SQL": str(self.init_sql),
            "MIGRATIONS": str(self.migrations),
        }
        with contextlib.closing(self.connect(database=None)) as connection:
            upgrade_schema(connection, settings)

    def stop(self) -> None:
        """End the server cleanly; data stays in the folder."""
        if self._process is not None:
            self._process.stop(deadline=60)

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would."""
        self.process.kill()

    def discard(self) -> None:
        """End it at once, where it runs, and remove its data."""
        if self._process is not None:
            self._process.kill()
        shutil.rmtree(self.data, ignore_errors=True)

    def pause(self) -> None:
        """Freeze it: connections stay open and get no answer."""
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def restart(self) -> None:
        self.stop()
        self.start_server()

    def connect(self, database: str | None = "") -> Connection:
        """Open a connection as root, with autocommit and the session's zone at UTC; the caller closes it."""
        return pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            database=self.name if database == "" else database,
            charset="utf8mb4",
            autocommit=True,
            ssl_disabled=True,
            connect_timeout=5,
            cursorclass=DictCursor,
            init_command="SET time_zone = '+00:00'",
            client_flag=CLIENT.MULTI_STATEMENTS,
        )

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Run one statement as root; return its rows."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    def _initialise(self) -> None:
        # Into a folder of another name first: a start that was cut short must not look like a finished one.
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        if is_mariadb(self._server):
            unfinished.mkdir(mode=0o700)
            options, sql = ["--bootstrap"], mariadb_system_tables(self._server)
        else:
            options, sql = ["--initialize-insecure"], ""
        done = subprocess.run(
            self._command(*options, data=unfinished), input=sql.encode(), capture_output=True, check=False
        )
        if done.returncode != 0:
            raise StartFailed(f"{self._server} could not make a new database:\n{done.stderr.decode()[-3000:]}")
        unfinished.rename(self.data)

    def _listens(self) -> bool:
        # Asked with a socket of our own, because PyMySQL leaves one open whenever it cannot connect.
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def _command(self, *options: str, data: Path | None = None) -> list[str]:
        # The server refuses to run as root unless root is named.
        return [
            self._server,
            f"--defaults-file={SERVER_SETTINGS}",
            f"--datadir={data or self.data}",
            f"--user={getpass.getuser()}",
            # not the machine's: a starting MariaDB removes what it takes for leftovers there, another server's tables
            f"--tmpdir={self._temporary()}",
            *([] if self.survives_power_cuts else ["--loose-innodb-flush-method=nosync"]),
            *options,
        ]

    def _temporary(self) -> Path:
        folder = self.folder / "tmp"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _network(self) -> list[str]:
        if self.port is None:
            return ["--skip-networking"]
        return ["--bind-address=127.0.0.1", f"--port={self.port}"]


def find_server() -> str:
    """Return the path of mariadbd or mysqld; raise StartFailed where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    for name in ("mariadbd", "mysqld"):
        if found := shutil.which(name, path=path):
            return found
    raise StartFailed("no MySQL or MariaDB server is installed (mysqld or mariadbd)")


def is_mariadb(server: str) -> bool:
    """Say whether a server program is MariaDB's; it calls itself mysqld too in places."""
    return b"MariaDB" in subprocess.run([server, "--version"], capture_output=True, check=True).stdout


def mariadb_system_tables(server: str) -> str:
    """Return the statements that make MariaDB's own tables, with a root without password on the socket only.

    mariadb-install-db does the same, but needs programs that Debian has in another package than the server.
    """
    prefix = Path(server).resolve().parent.parent
    for folder in (prefix / "share" / "mysql", prefix / "share" / "mariadb", prefix / "share"):
        if tables := sorted(folder.glob("m*_system_tables.sql")):
            break
    else:
        raise StartFailed(f"the SQL files of {server} were not found under {prefix / 'share'}")
    family = tables[0].name.removesuffix("_system_tables.sql")
    data = (folder / f"{family}_system_tables_data.sql").read_text().splitlines()
    return "\n".join(
        [
            "create database mysql;",
            "use mysql;",
            "set @auth_root_socket = NULL;",
            tables[0].read_text(),
            (folder / f"{family}_performance_tables.sql").read_text(),
            *(line for line in data if "@current_hostname" not in line),
            # the same root without a password over TCP: never
            "delete from global_priv where User = 'root' and Host <> 'localhost';",
        ]
    )


def socket_path(folder: Path) -> Path:
    """Return where the server's socket goes: in its folder, unless that path is too long for a socket."""
    path = folder / "mysql.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    return Path(tempfile.mkdtemp(prefix="chatapp-")) / "mysql.sock"
