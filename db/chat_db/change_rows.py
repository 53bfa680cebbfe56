"""How do changed messages come out of their rows, and back into them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .changes import Change, PresentMessage
from .connection import Connection, execute, fetch_all, from_rfc3339
from .encryption import PLAIN, KeyRing
from .message_files import add_files, awaited_files
from .message_state import STATE, Texts, encrypt_texts, read_state
from .messages import BY_SEQ, RECEIVER, ChatNumbers
from .texts import read_text
from .unions import table_of

PRESENT = f"m.id, m.chat_id, m.seq, m.sender_id, {RECEIVER}, m.client_id, m.key_version, m.content, m.sent_at, {STATE}"
# The columns in which a changed message is written, and those of them that a change changes: of its text, or not.
ROW = (
    "id,chat_id,sender_id,seq,client_id,"
    "change_seq,text_seq,content,key_version,edited_at,deleted_at,sender_reaction,other_reaction"
)
REACTIONS = ("change_seq", "sender_reaction", "other_reaction")
TEXTS = (*REACTIONS, "text_seq", "content", "key_version", "edited_at", "deleted_at")
MAX_ROWS = 900_000  # bytes in one statement; MariaDB's smallest usual max_allowed_packet is 1 MiB


class Member(NamedTuple):
    """A member of a chat: up to where its messages are gone for them, and their name; None of a deleted account."""

    floor: int
    name: str | None


def find_members(connection: Connection, numbers: Mapping[int, ChatNumbers]) -> dict[tuple[int, int], Member]:
    """Return the members of some chats, by (chat_id, user_id)."""
    rows = fetch_all(
        connection,
        f"SELECT m.chat_id, m.user_id, m.cleared_seq, u.username FROM {table_of(numbers)} wanted"
        " STRAIGHT_JOIN members m FORCE INDEX (PRIMARY) ON m.chat_id = wanted.id"
        " STRAIGHT_JOIN users u FORCE INDEX (PRIMARY) ON u.id = m.user_id",
    )
    return {(chat, user): Member(max(cleared, numbers[chat].purged_seq), name) for chat, user, cleared, name in rows}


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
    messages = [_present(ring, row) for row in rows]
    add_files(connection, ring, messages)
    return {(message.chat_id, message.seq): message for message in messages}


def _present(ring: KeyRing, row: tuple[Any, ...]) -> PresentMessage:
    identity, chat, seq, sender, receiver, client, version, content, sent_at, column = row
    receiver = int(receiver)  # CASE makes it a decimal number on MariaDB
    where = (chat, sender, receiver, client)
    state = read_state(ring, where, version, column)
    text, problem = ("", None) if state.deleted_at else read_text(ring, identity, where, version, content)
    return PresentMessage(
        id=identity,
        chat_id=chat,
        seq=seq,
        sender_id=sender,
        receiver_id=receiver,
        client_id=client,
        kind=state.kind,
        content=text,
        key_version=version,
        problem=problem,
        sent_at=sent_at,
        edited_at=state.edited_at,
        deleted_at=state.deleted_at,
        sender_reaction=state.sender_reaction,
        other_reaction=state.other_reaction,
        change_seq=state.change_seq,
        text_seq=state.text_seq,
        reply_to_seq=state.reply_to_seq,
        files=awaited_files(state),
    )


def write_present(connection: Connection, ring: KeyRing, messages: Iterable[PresentMessage]) -> None:
    """Inside a transaction that has locked them: write rows as they are now, all of their texts encrypted with the
    current key. A text that has not changed, and is encrypted with it, stays as it is stored."""
    changed = list(messages)
    version = ring.current
    encrypted = encrypt_texts(ring, version, [_texts(message, version) for message in changed])
    rows: dict[tuple[str, ...], list[str]] = {TEXTS: [], REACTIONS: []}
    for message, texts in zip(changed, encrypted, strict=True):
        rows[REACTIONS if message.key_version == version else TEXTS].append(_row(connection, message, texts, version))
    # No row is new, and so none is inserted. It takes half as long as an UPDATE of rows that are joined with a table of
    # their values, and no lock beyond those on the rows themselves.
    for columns, written in rows.items():
        values = ",".join(f"{name}=VALUES({name})" for name in columns)
        for part in _parts(written):
            execute(connection, f"INSERT INTO messages ({ROW}) VALUES {part} ON DUPLICATE KEY UPDATE {values}")


def _texts(message: PresentMessage, version: int) -> Texts:
    where = (message.chat_id, message.sender_id, message.receiver_id, message.client_id)
    content = None if message.deleted_at or message.key_version == version else message.content
    return Texts(where, content, message.sender_reaction, message.other_reaction)


def _row(connection: Connection, message: PresentMessage, texts: Sequence[str | None], version: int) -> str:
    """Return the columns of ROW as SQL. A deleted message has no key: there is nothing that is encrypted."""
    quote = connection.escape if version == PLAIN else "'{}'".format  # in base64 there is nothing to quote
    content, mine, other = texts
    edited, deleted = (
        "NULL" if moment is None else f"'{from_rfc3339(moment)}'" for moment in (message.edited_at, message.deleted_at)
    )
    return (
        f"({message.id:d},{message.chat_id:d},{message.sender_id:d},{message.seq:d},"
        f"{connection.escape(message.client_id)},{message.change_seq:d},{message.text_seq:d},"
        f"{quote(content or '')},{PLAIN if message.deleted_at else version:d},{edited},{deleted},"
        f"{'NULL' if mine is None else quote(mine)},{'NULL' if other is None else quote(other)})"
    )


def _parts(rows: Iterable[str]) -> Iterator[str]:
    """Yield rows, each part small enough for one statement."""
    part: list[str] = []
    size = 0
    for row in rows:
        needed = len(row.encode()) + 1
        if part and size + needed > MAX_ROWS:
            yield ",".join(part)
            part, size = [], 0
        part.append(row)
        size += needed
    if part:
        yield ",".join(part)


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
