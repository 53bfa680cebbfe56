"""How do changed messages come out of their rows, and back into them?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from .changes import Change, PresentMessage
from .connection import Connection, execute, fetch_all, from_rfc3339
from .encryption import PLAIN, KeyRing
from .message_state import STATE, Texts, encrypt_texts, read_state
from .messages import BY_SEQ, RECEIVER, ChatNumbers
from .texts import read_text
from .unions import table_of

PRESENT = f"m.id, m.chat_id, m.seq, m.sender_id, {RECEIVER}, m.client_id, m.key_version, m.content, m.sent_at, {STATE}"
WRITTEN = (  # columns of a change, with their types in a statement
    ("content", "MEDIUMTEXT"),
    ("key_version", "SMALLINT"),
    ("edited_at", "VARCHAR(23)"),
    ("deleted_at", "VARCHAR(23)"),
    ("sender_reaction", "VARCHAR(128)"),
    ("other_reaction", "VARCHAR(128)"),
    ("change_seq", "INT UNSIGNED"),
    ("text_seq", "INT UNSIGNED"),
)
MAX_JSON = 900_000  # bytes of one statement; MariaDB's smallest usual max_allowed_packet is 1 MiB


def find_floors(connection: Connection, numbers: Mapping[int, ChatNumbers]) -> dict[tuple[int, int], int]:
    """Return up to where the messages of some chats are gone for each of their members, by (chat_id, user_id)."""
    rows = fetch_all(
        connection,
        f"SELECT m.chat_id, m.user_id, m.cleared_seq FROM {table_of(numbers)} wanted"
        " STRAIGHT_JOIN members m FORCE INDEX (PRIMARY) ON m.chat_id = wanted.id",
    )
    return {(chat_id, user_id): max(cleared, numbers[chat_id].purged_seq) for chat_id, user_id, cleared in rows}


def find_made(connection: Connection, changes: Sequence[Change]) -> dict[tuple[int, str], tuple[int, int]]:
    """Return the (chat_id, seq) that each of these changes was made to, by (user_id, client_id), of those that were."""
    by_user: dict[int, list[str]] = {}
    for change in changes:
        by_user.setdefault(change.user_id, []).append(change.client_id)
    wanted = " OR ".join(
        f"(user_id = {user_id:d} AND client_id IN ({', '.join(map(connection.escape, client_ids))}))"
        for user_id, client_ids in by_user.items()
    )
    sql = f"SELECT user_id, client_id, chat_id, seq FROM changes FORCE INDEX (changes_user_client) WHERE {wanted}"
    return {(user_id, client_id): (chat_id, seq) for user_id, client_id, chat_id, seq in fetch_all(connection, sql)}


def is_made(connection: Connection, change: Change) -> bool:
    return bool(find_made(connection, [change]))


def read_present(
    connection: Connection, ring: KeyRing, keys: Iterable[tuple[int, int]], locking: bool = False
) -> dict[tuple[int, int], PresentMessage]:
    """Return messages by (chat_id, seq), of those that are there.

    `locking`, inside a transaction: as they are now, and nobody else changes them meanwhile.
    """
    # No JSON_TABLE: MySQL refuses to lock the rows that it is joined with (error 3569).
    wanted = " UNION ALL ".join(f"SELECT {chat:d} AS chat_id, {seq:d} AS seq" for chat, seq in sorted(set(keys)))
    rows = fetch_all(
        connection,
        f"SELECT STRAIGHT_JOIN {PRESENT} FROM ({wanted}) w"
        f" JOIN messages m {BY_SEQ} ON m.chat_id = w.chat_id AND m.seq = w.seq"
        f" JOIN chats c FORCE INDEX (PRIMARY) ON c.id = m.chat_id{' FOR UPDATE' if locking else ''}",
    )
    return {(row[1], row[2]): _present(ring, row) for row in rows}


def _present(ring: KeyRing, row: tuple[Any, ...]) -> PresentMessage:
    identity, chat, seq, sender, receiver, client, version, content, sent_at, column = row
    where = (chat, sender, receiver, client)
    state = read_state(ring, where, version, column)
    text, problem = ("", None) if state.deleted_at else read_text(ring, identity, where, version, content)
    return PresentMessage(
        id=identity,
        chat_id=chat,
        seq=seq,
        sender_id=sender,
        receiver_id=int(receiver),  # CASE makes it a decimal number on MariaDB
        client_id=client,
        content=text,
        problem=problem,
        sent_at=sent_at,
        **msgspec.structs.asdict(state),
    )


def write_present(connection: Connection, ring: KeyRing, messages: Iterable[PresentMessage]) -> None:
    """Inside a transaction: write rows as they are now, all of their texts encrypted with the current key."""
    changed = list(messages)
    version = ring.current
    texts = iter(encrypt_texts(ring, version, [_texts(message) for message in changed if not message.deleted_at]))
    # A deleted message has no key: there is nothing to encrypt.
    rows = [
        _row(message, ["", None, None], PLAIN) if message.deleted_at else _row(message, next(texts), version)
        for message in changed
    ]
    for part in _parts(rows):
        columns = ", ".join(f"{name} {kind} PATH '$[{place}]'" for place, (name, kind) in enumerate(WRITTEN, 1))
        table = f"JSON_TABLE(%s, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$[0]', {columns}))"
        values = ", ".join(f"m.{name} = v.{name}" for name, _ in WRITTEN)
        sql = f"UPDATE {table} v STRAIGHT_JOIN messages m FORCE INDEX (PRIMARY) ON m.id = v.id SET {values}"
        execute(connection, sql, part)


def _texts(message: PresentMessage) -> Texts:
    where = (message.chat_id, message.sender_id, message.receiver_id, message.client_id)
    return Texts(where, message.content, message.sender_reaction, message.other_reaction)


def _row(message: PresentMessage, texts: Sequence[str | None], version: int) -> list[object]:
    """Return the id and what the columns of WRITTEN say."""
    content, *reactions = texts
    times = (None if moment is None else from_rfc3339(moment) for moment in (message.edited_at, message.deleted_at))
    return [message.id, content, version, *times, *reactions, message.change_seq, message.text_seq]


def _parts(rows: Iterable[list[object]]) -> Iterator[str]:
    """Yield rows as JSON arrays of arrays, each small enough for one statement."""
    part: list[str] = []
    size = 0
    for row in rows:
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        needed = len(text.encode()) + text.count("\\") + text.count("'") + text.count('"')  # as quoted in SQL
        if part and size + needed > MAX_JSON:
            yield f"[{','.join(part)}]"
            part, size = [], 0
        part.append(text)
        size += needed
    if part:
        yield f"[{','.join(part)}]"


def note_changes(connection: Connection, made: Iterable[tuple[Change, int]], last: Mapping[int, int], now: str) -> None:
    """Inside a transaction: note changes, each with its `change_seq`, and the last one of each chat.

    Raises IntegrityError where a client_id has been used meanwhile.
    """
    rows = ",".join(
        f"({change.chat_id:d},{number:d},{change.seq:d},{change.user_id:d},{connection.escape(change.client_id)},'{now}')"
        for change, number in made
    )
    if not rows:
        return
    execute(connection, f"INSERT INTO changes (chat_id,change_seq,seq,user_id,client_id,changed_at) VALUES {rows}")
    if last:
        numbers = " UNION ALL ".join(f"SELECT {chat:d} AS id, {number:d} AS n" for chat, number in sorted(last.items()))
        execute(
            connection,
            f"UPDATE ({numbers}) v STRAIGHT_JOIN chats c FORCE INDEX (PRIMARY) ON c.id = v.id SET c.change_seq = v.n",
        )
