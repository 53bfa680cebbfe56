"""How many rows does a server look at for one answer, whatever its statistics say?

An index on the right columns is not enough: with stale statistics, or none, a server chooses to read a whole chat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from chat_db.chat_lists import Position, list_chats, list_chats_page
from chat_db.chats import find_chat_state, list_partners
from chat_db.connection import CONVERSIONS, Connection, fetch_all
from chat_db.encryption import KeyRing
from chat_db.message_pages import Span, list_latest, list_messages
from chat_db.messages import ChatNumbers, find_last_seqs, lock_chats, lock_last_seqs
from chat_db.purges import PIECE, delete_messages, find_seqs, list_dead_chats, list_purges
from tests.bench.fill import Filler
from tests.support.examined_changes import examined_changes, fill_changes
from tests.support.examined_files import examined_files, fill_files
from tests.support.examined_lookups import fill_lookups, lookups
from tests.support.examined_uploads import examined_uploads, fill_uploads

LONG = 100_000  # messages of the long chat
CHATS = 20  # of the reader; the others have as many messages each as one may have unread
SHORT = 100
BESIDE = 3_000  # chats of somebody else, who is in none of the reader's …
NEW = 3  # … and their messages, all of them new
AROUND = 40  # rows for members, names and the last seq
OPENED = 100  # tables at most, for however many chats one read is

STATISTICS: dict[str, tuple[str, ...]] = {
    "fresh": (
        "ANALYZE TABLE messages, members, chats, users, tokens, known_devices, blocks, invites, password_resets",
        "ANALYZE TABLE user_privacy, user_last_seen, user_changes, purges, changes, files, user_files",
    ),
    "stale": (
        "UPDATE mysql.innodb_table_stats SET n_rows = 8 WHERE database_name = 'chat_app'",
        "FLUSH TABLES",
    ),
    "none": (
        "DELETE FROM mysql.innodb_index_stats WHERE database_name = 'chat_app'",
        "DELETE FROM mysql.innodb_table_stats WHERE database_name = 'chat_app'",
        "FLUSH TABLES",
    ),
}


class Counting:
    """A server that says how many rows it looks at. `connection` may do everything."""

    def __init__(self, keys: Path, **server: Any) -> None:
        """`server`: how PyMySQL reaches it."""
        self._connect = partial(pymysql.connect, database="chat_app", charset="utf8mb4", autocommit=True, **server)
        self.ring = KeyRing(keys, False)
        self.connection: Connection = self._connect(conv=CONVERSIONS)
        for setting in ("innodb_stats_auto_recalc = OFF", "innodb_monitor_enable = 'icp_attempts'"):
            self.run(f"SET GLOBAL {setting}")

    def filler(self) -> Filler:
        return Filler(self._connect(cursorclass=DictCursor))

    def set_statistics(self, kind: str) -> None:
        for sql in STATISTICS[kind]:
            self.run(sql)

    def count(self, query: Callable[..., object], *args: object, **kwargs: object) -> int:
        """Return how many rows the server looks at for a query of chat_db."""
        before = self._examined()
        between = self._examined()
        query(self.connection, *args, **kwargs)
        after = self._examined()
        # the first two looks differ by what a look itself costs
        return max(now - 2 * then + first for now, then, first in zip(after, between, before, strict=True))

    def count_opened(self, query: Callable[..., object], *args: object) -> int:
        """Return how often the server opens a table for a query: once for each SELECT in it, each with its plan."""
        before = self._opened()
        query(self.connection, *args)
        return self._opened() - before

    def _opened(self) -> int:
        status = dict(self.run("SHOW SESSION STATUS LIKE 'Table_open_cache%%'"))
        return int(status["Table_open_cache_hits"]) + int(status["Table_open_cache_misses"])

    def _examined(self) -> tuple[int, int]:
        """Rows as the server's layer above InnoDB counts them, and those that InnoDB looked at and kept to itself."""
        status = {name: int(value) for name, value in self.run("SHOW SESSION STATUS LIKE 'Handler%%'")}
        kept = self.run("SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'icp_attempts'")
        reads = sum(value for name, value in status.items() if name.startswith("Handler_read_"))
        return reads, status.get("Handler_icp_attempts", 0) or int(kept[0][0])

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        return fetch_all(self.connection, sql)


class Filled(Counting):
    """A server in which one person has 20 chats, one of them very long, and others have many."""

    def __init__(self, keys: Path, **server: Any) -> None:
        super().__init__(keys, **server)
        with self.filler() as filler:
            users = filler.users(CHATS + BESIDE + 2)
            self.reader, self.many, *others = users
            self.chats = filler.chats([(self.reader, other) for other in others[:CHATS]])
            self.long = self.chats[0]
            filler.long_chat(self.long, 1, LONG)
            [self.dying] = filler.chats([(others[2], others[3])])
            filler.long_chat(self.dying, 1, 4 * PIECE)
            filler.many_chats(self.chats[1:], SHORT)
            self.many_chats = filler.chats([(other, self.many) for other in others[CHATS:]])
            filler.many_chats(self.many_chats, NEW)
        fill_lookups(self)
        fill_changes(self, self.long, self.reader)
        fill_files(self)
        fill_uploads(self)


def examined(filled: Filled) -> Iterator[tuple[str, int, int]]:
    """Yield each read of chat_db with how many rows it looks at, and how many it may: twice its page."""
    page, ring, reader = 50, filled.ring, filled.reader
    for name, where in {
        "the newest": {},
        "before the middle": {"before_seq": LONG // 2},
        "after the middle": {"after_seq": LONG // 2},
        "the first": {"after_seq": 0},
    }.items():
        count = filled.count(list_messages, ring, filled.long, reader, page, **where)
        yield f"a page, {name}", count, 2 * page + AROUND
    yield "a page for an outsider", filled.count(list_messages, ring, filled.long, reader + 1, page), AROUND
    spans = {chat: Span(1, "ada", SHORT - 29, SHORT, 0) for chat in filled.chats}
    yield "the latest of all", filled.count(list_latest, ring, reader, spans), 2 * 30 * CHATS + AROUND
    whole_list = 2 * CHATS * (SHORT + 10)  # with 100 unread messages in each
    yield "the list", filled.count(list_chats, reader), whole_list
    yield "a page of the list", filled.count(list_chats_page, reader, CHATS), whole_list
    yield "the list of somebody with very many", filled.count(list_chats, filled.many), 30 * BESIDE
    some = filled.count(list_chats, filled.many, filled.many_chats[:CHATS])
    yield "some chats of somebody with very many", some, 30 * CHATS
    latest = filled.count(list_latest, ring, filled.many, last_of_many(filled))
    yield "the last of very many", latest, 2 * 3 * BESIDE
    yield from purges(filled)
    before = Position("2037-01-01T00:00:00.000Z", 1)
    yield "the next page", filled.count(list_chats_page, reader, CHATS, before), whole_list
    yield "the partners", filled.count(list_partners, [reader]), 20 * CHATS
    three = [reader, reader + 2, reader + 3]  # of whom two have a chat with the reader alone
    yield "the partners of three", filled.count(list_partners, three), 20 * (CHATS + 2)
    yield "a chat", filled.count(find_chat_state, filled.long, reader), AROUND
    yield "the lock of chats", filled.count(lock_chats, filled.chats), 4 * CHATS
    yield "the last seqs, read", filled.count(find_last_seqs, filled.chats), 5 * CHATS
    yield (
        "the last seqs, locked",
        filled.count(lock_last_seqs, dict.fromkeys(filled.chats, ChatNumbers(0, 0))),
        4 * CHATS,
    )


def purges(filled: Filled) -> Iterator[tuple[str, int, int]]:
    """Yield what the purge of deleted accounts looks at; each piece is another one, so that something is deleted."""
    yield "the deleted accounts, of none", filled.count(list_purges), AROUND
    yield "the dead chats of a user, of none", filled.count(list_dead_chats, filled.reader), 5 * CHATS + AROUND
    yield "the ends of a chat", filled.count(find_seqs, filled.dying), AROUND
    first, _ = find_seqs(filled.connection, filled.dying)
    piece = filled.count(delete_messages, filled.dying, first, first + PIECE - 1)
    yield "a piece of a chat that is deleted", piece, 2 * PIECE + AROUND


def last_of_many(filled: Filled) -> dict[int, Span]:
    return {chat: Span(1, "ada", NEW, NEW, 0) for chat in filled.many_chats}


def find_many_opened(filled: Filled) -> dict[str, int]:
    """Return the reads of very many chats that open a table for each of them, with how often they do."""
    opened = {
        "the list": filled.count_opened(list_chats, filled.many),
        "the last of each": filled.count_opened(list_latest, filled.ring, filled.many, last_of_many(filled)),
    }
    return {name: count for name, count in opened.items() if count > OPENED}


def find_expensive(filled: Filled) -> list[str]:
    """Say which reads look at more rows than they may."""
    counted = chain(
        examined(filled),
        examined_changes(filled, filled.chats, filled.reader, LONG),
        lookups(filled),
        examined_files(filled),
        examined_uploads(filled),
    )
    return [f"{name}: {count} rows, at most {limit}" for name, count, limit in counted if count > limit]
