"""How does a database get years of messages in minutes? By SQL, a million rows a statement.

The rows are plain text (key_version 0), as from before encryption was on; everything else is as the services write it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from schema import Connection

NUMBERS = 1_000  # rows of the table that is joined with itself
TEXT = "It takes about as long to say as a message usually is, which is not very long."
FIRST = "2020-01-01 00:00:00"

COLUMNS = "chat_id, sender_id, seq, client_id, content, key_version, sent_at"
SENDER = "IF(n % 2, c.user1_id, c.user2_id)"


class Filler:
    """Puts people, chats and messages into a database, past the services. The connection is root's, its rows are
    dictionaries, and it is closed at the end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._run("SET unique_checks = 0, foreign_key_checks = 0")
        self._run("CREATE TEMPORARY TABLE numbers (n INT UNSIGNED NOT NULL PRIMARY KEY)")
        self._run("CREATE TEMPORARY TABLE thousands (n INT UNSIGNED NOT NULL PRIMARY KEY)")
        values = ",".join(f"({number})" for number in range(NUMBERS))
        self._run(f"INSERT INTO numbers VALUES {values}")
        self._run(f"INSERT INTO thousands VALUES {values}")

    def __enter__(self) -> Filler:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def users(self, count: int) -> list[int]:
        """Add so many users; return their ids."""
        before = self._highest("users")
        self._run(
            f"INSERT INTO users (username, password) SELECT CONCAT('grown-{before}-', t.n * 1000 + o.n), 'no password'"
            f" FROM thousands t JOIN numbers o WHERE t.n * 1000 + o.n < {count:d}"
        )
        return self._ids("users", before)

    def chats(self, pairs: Sequence[tuple[int, int]]) -> list[int]:
        """Make the chats of pairs of users; return their ids in the order of the pairs."""
        before = self._highest("chats")
        for first in range(0, len(pairs), 5_000):
            values = ",".join(f"({one:d},{two:d})" for one, two in pairs[first : first + 5_000])
            self._run(f"INSERT INTO chats (user1_id, user2_id) VALUES {values}")
        for column in ("user1_id", "user2_id"):
            self._run(f"INSERT INTO members (chat_id, user_id) SELECT id, {column} FROM chats WHERE id > {before:d}")
        return self._ids("chats", before)

    def long_chat(self, chat_id: int, first_seq: int, count: int) -> None:
        """Add `count` messages to one chat, the two members in turn, from `first_seq` on."""
        for start in range(0, count, NUMBERS * NUMBERS):
            self._run(
                f"INSERT INTO messages ({COLUMNS}) SELECT c.id, {SENDER}, {first_seq + start:d} + n,"
                f" CONCAT('grown-', c.id, '-', {first_seq + start:d} + n), '{TEXT}', 0,"
                f" '{FIRST}' + INTERVAL {start:d} + n SECOND FROM ("
                f"SELECT t.n * 1000 + o.n AS n FROM thousands t JOIN numbers o"
                f" WHERE t.n * 1000 + o.n < {min(count - start, NUMBERS * NUMBERS):d}"
                f") numbered JOIN chats c ON c.id = {chat_id:d}"
            )

    def many_chats(self, chat_ids: Sequence[int], each: int) -> None:
        """Add `each` messages (1,000 at most) to every one of the chats, which are empty."""
        step = max(1, 500_000 // each)
        for first in range(0, len(chat_ids), step):
            part = chat_ids[first : first + step]
            self._run(
                f"INSERT INTO messages ({COLUMNS}) SELECT c.id, {SENDER}, n + 1, CONCAT('grown-', c.id, '-', n),"
                f" '{TEXT}', 0, '{FIRST}' + INTERVAL c.id * 10 + n SECOND"
                f" FROM chats c JOIN numbers WHERE n < {each:d} AND c.id BETWEEN {part[0]:d} AND {part[-1]:d}"
            )

    def _run(self, sql: str) -> list[dict[str, Any]]:
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _highest(self, table: str) -> int:
        [row] = self._run(f"SELECT COALESCE(MAX(id), 0) AS id FROM {table}")
        return int(row["id"])

    def _ids(self, table: str, after: int) -> list[int]:
        return [int(row["id"]) for row in self._run(f"SELECT id FROM {table} WHERE id > {after:d} ORDER BY id")]
