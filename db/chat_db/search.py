"""Which of somebody's messages contain a text? They are opened one after the other, newest first, a slice at a time.

What is stored is encrypted, so that no index could find it. Chats come in the order of their last messages, as these
were when the search began, which later requests know by an id: what is sent meanwhile moves no chat from its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .connection import Connection, fetch_all, fetch_one
from .encryption import DecryptionFailed, KeyRing, accepted_associated_data
from .folding import fold
from .message_rows import SHORT_TEXT, Readers, View, look_around, read_seqs
from .messages import BY_SEQ, Message
from .pages import as_far_as_could_fit
from .unions import SeqSpan, fetch_spans

SLICE = 1_000  # messages
SLICE_BYTES = 2 * 1024 * 1024  # of their texts that are long
LEAST = 100  # messages that are looked at however late it is: reading them took longer, and it must not be for nothing
NEWEST = 2**63 - 1  # an id beyond all


class Place(NamedTuple):
    """How far a search has come: down to a message of a chat, which is known by the id of its last message then.

    `began` is the highest id when it began. It says where in one's own chats to go on, and nothing of others.
    """

    began: int
    chat_last_id: int
    seq: int


class Searched(NamedTuple):
    """A chat that is searched, as the searching member sees it: messages from `floor` + 1 to `last_seq`."""

    chat_id: int
    last_id: int
    last_seq: int
    floor: int
    other_id: int
    other_name: str | None


class Slice(NamedTuple):
    """Rows that are looked through at once, in the order of the search, and what is left after them."""

    rows: list[tuple[str, str]]
    left: list[Searched]


class Looked(NamedTuple):
    """Chat and `seq` of the rows that matched, and how many rows were looked at: not all where the time was up."""

    found: list[tuple[int, int]]
    rows: int


# One look into the key for each chat, as in chat_lists.py; an id is part of every key.
SEARCHED = f"""
SELECT STRAIGHT_JOIN mine.chat_id, n.id, mine.last_seq, GREATEST(c.purged_seq, mine.cleared_seq), o.user_id, u.username
  FROM (
        SELECT my.chat_id, my.user_id, my.cleared_seq,
               (SELECT l.seq FROM messages l {BY_SEQ} WHERE l.chat_id = my.chat_id AND l.id <= %s
                 ORDER BY l.chat_id DESC, l.seq DESC LIMIT 1) AS last_seq
          FROM {{mine}} WHERE my.user_id = %s {{only}}
       ) mine
  JOIN chats c FORCE INDEX (PRIMARY) ON c.id = mine.chat_id
  JOIN messages n {BY_SEQ} ON n.chat_id = mine.chat_id AND n.seq = mine.last_seq
  JOIN members o FORCE INDEX (PRIMARY) ON o.chat_id = mine.chat_id AND o.user_id <> mine.user_id
  JOIN users u FORCE INDEX (PRIMARY) ON u.id = o.user_id
"""
ALL, ONE = "members my FORCE INDEX (members_user)", "members my FORCE INDEX (PRIMARY)"

# Two columns, since PyMySQL takes 3 µs for each. Only texts that are there, above what is gone for the member.
COLUMNS = (
    "CONCAT_WS(' ', m.id, m.chat_id, m.seq, m.sender_id, m.key_version, m.client_id),"
    f" IF(LENGTH(m.content) <= {SHORT_TEXT}, m.content, NULL)"
)
SEARCHABLE = "m.seq > GREATEST(me.cleared_seq, c.purged_seq) AND m.kind <> 1 AND m.deleted_at IS NULL"
SPAN = (
    f"SELECT STRAIGHT_JOIN {COLUMNS} FROM members me FORCE INDEX (PRIMARY)"
    " JOIN chats c FORCE INDEX (PRIMARY) ON c.id = {chat_id}"
    f" JOIN messages m {BY_SEQ} ON m.chat_id = {{chat_id}} AND m.seq BETWEEN {{first_seq}} AND {{last_seq}}"
    f" WHERE me.chat_id = {{chat_id}} AND me.user_id = {{user_id}} AND {SEARCHABLE}"
)
SEQS = (
    f"SELECT STRAIGHT_JOIN {COLUMNS} FROM {{seqs}} w"
    " JOIN members me FORCE INDEX (PRIMARY) ON me.chat_id = w.chat_id AND me.user_id = {user_id}"
    " JOIN chats c FORCE INDEX (PRIMARY) ON c.id = w.chat_id"
    f" JOIN messages m {BY_SEQ} ON m.chat_id = w.chat_id AND m.seq = w.seq WHERE {SEARCHABLE}"
)


def list_searched(
    connection: Connection, user_id: int, chat_id: int | None = None, before: Place | None = None
) -> list[Searched]:
    """Return what of a user's chats, or of one of them, is still to be searched, in the order of the search."""
    began = NEWEST if before is None else before.began
    only = "" if chat_id is None else f"AND my.chat_id = {chat_id:d}"
    sql = SEARCHED.format(mine=ALL if chat_id is None else ONE, only=only)
    chats = [Searched(*row) for row in fetch_all(connection, sql, began, user_id)]
    chats.sort(key=lambda chat: chat.last_id, reverse=True)
    if before is not None:
        chats = [chat for chat in chats if chat.last_id <= before.chat_last_id]
        if chats and chats[0].last_id == before.chat_last_id:
            chats[0] = chats[0]._replace(last_seq=min(before.seq - 1, chats[0].last_seq))
    return [chat for chat in chats if chat.last_seq > chat.floor]


def read_slice(connection: Connection, user_id: int, chats: Sequence[Searched], most: int = SLICE) -> Slice:
    """Return the next messages of some chats: `most` of them at most, SLICE_BYTES of long texts but one at least."""
    spans = list(_first_spans(chats, most))
    order = {span.chat_id: number for number, span in enumerate(spans)}
    heads = [(head.split(" ", 3), head, text) for head, text in fetch_spans(connection, spans, user_id, SEQS, SPAN)]
    heads.sort(key=lambda row: (order[int(row[0][1])], -int(row[0][2])))
    last_chat, last_seq = spans[-1].chat_id, spans[-1].first_seq
    texts = {int(head[0]): text for head, _, text in heads}
    long = _find_lengths(connection, [identity for identity, text in texts.items() if text is None])
    if long:
        count = as_far_as_could_fit((long.get(identity, 0) for identity in texts), SLICE_BYTES)
        if count < len(heads):
            heads = heads[:count]
            last_chat, last_seq = int(heads[-1][0][1]), int(heads[-1][0][2])
        texts |= _find_texts(connection, [int(head[0]) for head, _, text in heads if text is None])
    rows = [(whole, text) for head, whole, _ in heads if (text := texts[int(head[0])]) is not None]
    return Slice(rows, _left_after(chats, last_chat, last_seq))


def _first_spans(chats: Iterable[Searched], most: int) -> Iterator[SeqSpan]:
    left = most
    for chat in chats:
        first = max(chat.floor, chat.last_seq - left) + 1
        yield SeqSpan(chat.chat_id, first, chat.last_seq)
        left -= chat.last_seq - first + 1
        if not left:
            return


def left_behind(chats: Sequence[Searched], row: tuple[str, str]) -> list[Searched]:
    """Return what of some chats is left behind a row of their slice."""
    _, chat, seq, _ = row[0].split(" ", 3)
    return _left_after(chats, int(chat), int(seq))


def _left_after(chats: Sequence[Searched], chat_id: int, seq: int) -> list[Searched]:
    """Return the chats from a place on, those before it and the messages down to it left out."""
    index = next(number for number, chat in enumerate(chats) if chat.chat_id == chat_id)
    here = chats[index]._replace(last_seq=seq - 1)
    return [*([here] if here.last_seq > here.floor else []), *chats[index + 1 :]]


def _find_lengths(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    return _by_id(connection, "LENGTH(content)", ids)


def _find_texts(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    return _by_id(connection, "content", ids)


def _by_id(connection: Connection, column: str, ids: Sequence[int]) -> dict[int, Any]:
    marks = ", ".join(f"{identity:d}" for identity in ids)
    return dict(fetch_all(connection, f"SELECT id, {column} FROM messages WHERE id IN ({marks})")) if ids else {}


def find_matches(
    ring: KeyRing,
    rows: Sequence[tuple[str, str]],
    user_id: int,
    others: Mapping[int, int],
    needle: str,
    is_late: Callable[[], bool],
) -> Looked:
    """Return which rows have a text that contains `needle`, which is folded. Asks no database.

    Looks at no further row when `is_late()`, but at LEAST ones. `others` is the other member of each chat. What
    cannot be opened, or was changed in this moment, is no find.
    """
    found: list[tuple[int, int]] = []
    for index, (head, content) in enumerate(rows):
        if index >= LEAST and is_late():
            return Looked(found, index)
        _, chat, seq, sender, version, client_id = head.split(" ", 5)
        chat_id, sender_id = int(chat), int(sender)
        other = others[chat_id]
        receiver_id = {user_id: other, other: user_id}.get(sender_id, 0)
        where = (chat_id, sender_id, receiver_id, client_id)
        try:
            text = ring.decrypt(int(version), content, accepted_associated_data(*where))
        except DecryptionFailed:
            continue
        if needle in fold(text):
            found.append((chat_id, int(seq)))
    return Looked(found, len(rows))


def find_moment(connection: Connection, chat_id: int, seq: int) -> str | None:
    """Return when a message of a chat was sent, or the next one that is there (RFC 3339)."""
    sql = f"SELECT sent_at FROM messages {BY_SEQ} WHERE chat_id = %s AND seq >= %s ORDER BY seq LIMIT 1"
    row = fetch_one(connection, sql, chat_id, seq)
    return str(row[0]) if row else None


def read_found(
    connection: Connection, ring: KeyRing, user_id: int, chats: Iterable[Searched], found: Sequence[tuple[int, int]]
) -> list[Message]:
    """Return finds as messages, in their order, as they are now; without those that are gone or deleted meanwhile."""
    wanted = {chat_id for chat_id, _ in found}
    row = fetch_one(connection, "SELECT username FROM users WHERE id = %s", user_id)
    views = {
        chat.chat_id: View(
            Readers(user_id, chat.other_id, {user_id: row[0] if row else None, chat.other_id: chat.other_name}),
            chat.floor,
        )
        for chat in chats
        if chat.chat_id in wanted
    }
    if not views:
        return []
    messages = read_seqs(connection, ring, views, [SeqSpan(chat_id, seq, seq) for chat_id, seq in found])
    look_around(connection, ring, views, messages)
    by_place = {(message.chat_id, message.seq): message for message in messages if message.deleted_at is None}
    return [by_place[place] for place in found if place in by_place]
