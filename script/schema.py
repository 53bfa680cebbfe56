"""How does a database of our own get this release's schema, by the same runner as the db container's?"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pymysql
from pymysql.cursors import Cursor

from processes import StartFailed

Connection: TypeAlias = "pymysql.connections.Connection[Any]"
RUNNER = Path(__file__).with_name("schema.bash")


def upgrade_schema(connection: Connection, settings: Mapping[str, str]) -> None:
    """Create what is missing: the database, its schema, later versions of it, the application's user.

    `settings` are schema.bash's variables; `connection` is root's, without a database, with MULTI_STATEMENTS. Raises
    StartFailed with the runner's sentence and the server's error, for instance for a schema of a later release.
    """
    errors: list[str] = []
    environment = {"PATH": os.environ.get("PATH", os.defpath), **settings}
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen([RUNNER], env=environment, stdin=pipe, stdout=pipe, stderr=said) as runner,
    ):
        for sql in requests(runner):
            reply(runner, answer(connection, sql, errors))
        if runner.wait() != 0:
            said.seek(0)
            raise StartFailed("\n".join([said.read().decode().strip(), *errors]))


def requests(runner: subprocess.Popen[bytes]) -> Iterator[str]:
    """Yield each text that ends with a NUL byte; the runner waits for an answer before it goes on."""
    assert runner.stdout is not None  # noqa: S101
    text = b""
    while part := os.read(runner.stdout.fileno(), 65536):
        text += part
        if text.endswith(b"\0"):
            yield text[:-1].decode()
            text = b""


def reply(runner: subprocess.Popen[bytes], text: str) -> None:
    """Give the runner the answer that it waits for."""
    assert runner.stdin is not None  # noqa: S101
    runner.stdin.write(text.encode() + b"\0")
    runner.stdin.flush()


def answer(connection: Connection, sql: str, errors: list[str]) -> str:
    """Run statements; return "ok" and a line for each row, or "failed" once the server's error is in `errors`."""
    try:
        return "ok\n" + "\n".join("\t".join(map(str, row)) for row in run_script(connection, sql))
    except pymysql.MySQLError as error:
        errors.append(str(error))
        return "failed\n"


def run_script(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    """Run several statements; return the rows of all, or raise the first one's error that fails."""
    with connection.cursor(Cursor) as cursor:
        cursor.execute(sql)
        rows = list(cursor.fetchall())
        while cursor.nextset():
            rows += cursor.fetchall()
        return rows
