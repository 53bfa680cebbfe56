"""How is the database reached? One place for charset, time zone and time-outs."""

from __future__ import annotations

import math
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions

from .driver_errors import TRY_AGAIN, error_code, is_outage
from .errors import DatabaseUnavailable, NoSuchUser, QueryFailed
from .settings import Settings

if TYPE_CHECKING:  # generic in its type stubs only
    Connection = pymysql.connections.Connection[pymysql.cursors.Cursor]
else:
    Connection = pymysql.connections.Connection
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

CONNECT_TIMEOUT = 3  # seconds
IO_TIMEOUT = 5  # seconds; PyMySQL's default is to wait for ever
DEADLOCK_TRIES = 5
MOST_CONNECTIONS = 20  # of one process
PATIENCE = 5.0  # seconds, until one of them is free

DEFAULT_WARNING = (  # a sentence about one
    "event=default_password the database's password is the documented default: set DB_PASSWORD"
    " (see docs/self-hosting.md) before anybody but this machine can reach the database"
)


@dataclass(frozen=True)
class DatabaseSettings:
    """Where the database is and who asks. Defaults are those of `docker compose up`."""

    host: str = "127.0.0.1"
    port: int = 3306
    socket: str | None = None
    name: str = "chat_app"
    user: str = "chatuser"
    password: str = field(default="chatpassword", repr=False)

    @property
    def has_default_password(self) -> bool:
        """Say whether everybody who has read the documentation knows the password."""
        return self.password == DatabaseSettings.password

    @classmethod
    def read(cls, settings: Settings) -> DatabaseSettings:
        return cls(
            host=settings.text("DB_HOST", cls.host),
            port=settings.port("DB_PORT", cls.port),
            socket=settings.text("DB_SOCKET") or None,
            name=settings.text("DB_NAME", cls.name),
            user=settings.text("DB_USER", cls.user),
            password=settings.secret("DB_PASSWORD", cls.password),
        )


def rfc3339(stored: str) -> str:
    """Turn a stored UTC time (`2026-11-22 09:31:00.123`) into RFC 3339 (`2026-11-22T09:31:00.123Z`)."""
    return stored.replace(" ", "T", 1) + "Z"


def from_rfc3339(moment: str) -> str:
    """Undo rfc3339."""
    return moment.replace("T", " ", 1).rstrip("Z")


def as_stored(moment: datetime) -> str:
    """Return a moment in the form in which the database stores it (UTC, milliseconds)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")


def utc_now() -> str:
    """Return the present in the form in which the database stores it."""
    return as_stored(datetime.now(UTC))


# Times leave this package as RFC 3339 text, ready for the wire.
CONVERSIONS: dict[int | type[Any], Callable[[Any], Any]] = {
    **conversions,
    FIELD_TYPE.TIMESTAMP: rfc3339,
    FIELD_TYPE.DATETIME: rfc3339,
}


def connect(settings: DatabaseSettings) -> Connection:
    """Open a connection: autocommit, utf8mb4, UTC, strict SQL, every wait bounded.

    TLS is off: PyMySQL would build an SSL context for each connection (19.5 ms instead of 0.4 ms), and the
    database is on the same host. MySQL's caching_sha2_password then encrypts the password with the server's RSA
    key, for which PyMySQL needs `cryptography`. Raises pymysql.err.OperationalError.
    """
    return pymysql.connect(
        host=settings.host,
        port=settings.port,
        unix_socket=settings.socket,
        database=settings.name,
        user=settings.user,
        password=settings.password.encode(),
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=IO_TIMEOUT,
        write_timeout=IO_TIMEOUT,
        ssl_disabled=True,
        conv=CONVERSIONS,
        init_command="SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
        " innodb_lock_wait_timeout = 3",
    )


def fetch_all(connection: Connection, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def fetch_one(connection: Connection, sql: str, *values: object) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def execute(connection: Connection, sql: str, *values: object) -> int:
    """Run one statement; return how many rows it changed."""
    with connection.cursor() as cursor:
        return int(cursor.execute(sql, values or None))


def delete_by_id(connection: Connection, table: str, condition: str, *values: object, order: str, limit: int) -> int:
    """Delete the first `limit` rows for which `condition` holds; return how many.

    They are found by a read without locks first: a DELETE that looks through a table locks every row that it sees.
    """
    sql = f"SELECT id FROM {table} WHERE {condition} ORDER BY {order} LIMIT {limit:d}"
    ids = sorted(row[0] for row in fetch_all(connection, sql, *values))
    if not ids:
        return 0
    marks = ", ".join(["%s"] * len(ids))
    return execute(connection, f"DELETE FROM {table} WHERE id IN ({marks}) AND {condition}", *ids, *values)


def insert(connection: Connection, sql: str, *values: object) -> int:
    """Run one INSERT; return the (first) id that it gave out."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return int(cursor.lastrowid or 0)


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Run what is inside as one transaction: wholly, or not at all where it raises."""
    connection.begin()
    try:
        yield
    except BaseException as error:
        if not (isinstance(error, pymysql.err.Error) and is_outage(error)) or error_code(error) in TRY_AGAIN:
            connection.rollback()
        raise
    connection.commit()


def socket_of(connection: Connection) -> Any:
    """Return the socket of a connection, None after its end."""
    return connection._sock  # type: ignore[attr-defined]  # PyMySQL has no public name for it


def is_alive(connection: Connection) -> bool:
    """Say whether an idle connection can be used, without a round trip.

    Between statements the server has nothing to say: a readable socket carries its farewell.
    """
    sock = socket_of(connection)
    if sock is None:
        return False
    poll = select.poll()  # select() cannot name files beyond the 1024th
    try:
        poll.register(sock, select.POLLIN)
    except (OSError, ValueError):
        return False
    return not poll.poll(0)


class Database:
    """A pool of connections, safe for threads and greenlets. Connections are opened when they are needed.

    There are `limit` at a time, whatever is asked of the process: the server's own limit is for all processes together,
    and whoever reaches it shuts out the others. Who finds none free waits for `patience` seconds at most.
    """

    def __init__(self, settings: DatabaseSettings, limit: int = MOST_CONNECTIONS, patience: float = PATIENCE) -> None:
        self.settings = settings
        self._patience = patience
        self._room = threading.BoundedSemaphore(limit)
        self._idle: deque[Connection] = deque()  # `limit` of them at most, since each was in use before

    def run(
        self,
        query: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Call `query(connection, …)` and return what it returns.

        A deadlock is tried again: every query of this package is one statement or one whole transaction. Raises
        DatabaseUnavailable for an outage or where no connection becomes free, QueryFailed for whatever else the
        database objects to, and what the query itself raises. After any error but a refused INSERT the connection is
        thrown away. A query must not run another one: it could wait for its own connection.
        """
        for attempt in range(DEADLOCK_TRIES):
            try:
                return self._run_once(query, *args, **kwargs)
            except pymysql.err.OperationalError as error:
                if error_code(error) not in TRY_AGAIN or attempt == DEADLOCK_TRIES - 1:
                    raise DatabaseUnavailable(f"database error {error_code(error)}") from error
                time.sleep(0.01 * 2**attempt)
            except pymysql.err.Error as error:
                raise QueryFailed(error_code(error)) from error
        raise AssertionError("unreachable")

    def _run_once(
        self,
        query: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        if not self._room.acquire(timeout=self._patience):
            raise DatabaseUnavailable(f"no connection became free in {self._patience:g} s")
        connection = None
        keep = False
        try:
            connection = self._take()
            result = query(connection, *args, **kwargs)
            keep = True
            return result
        except (pymysql.err.IntegrityError, NoSuchUser):
            keep = True
            raise
        except (pymysql.err.Error, OSError) as error:
            if error_code(error) in TRY_AGAIN or not is_outage(error):
                raise
            raise DatabaseUnavailable(f"database error {error_code(error)}") from error
        finally:
            if connection is not None:
                self._give_back(connection, keep)
            self._room.release()

    def _take(self) -> Connection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread took the last one
                break
            if is_alive(connection):
                return connection
            discard(connection)
        return connect(self.settings)

    def _give_back(self, connection: Connection, keep: bool) -> None:
        if keep and connection.open:
            self._idle.append(connection)
        else:
            discard(connection)


def discard(connection: Connection) -> None:
    """Drop a connection without a word to the server: a farewell could block on a server that hangs."""
    connection._force_close()  # type: ignore[attr-defined]


def clock_difference(connection: Connection) -> float:
    """Return how many seconds the database's clock is ahead of this process's."""
    row = fetch_one(connection, "SELECT UNIX_TIMESTAMP(NOW(3))")
    return float(row[0]) - time.time() if row else math.inf


def ping(connection: Connection) -> None:
    """Ask the database something that only a server with ChatApp's schema can answer."""
    fetch_one(connection, "SELECT MAX(version) FROM schema_version")
