"""What was said, in which order?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec

from .connection import Connection, fetch_all, fetch_one, insert
from .encryption import PLAIN, KeyRing, associated_data
from .file_records import SharedFile
from .message_files import awaited_files, read_files
from .message_state import NOTICE, TEXT, WITH_FILES, HasState
from .notices import NoticeValues, read_sentence
from .quotes import QUOTED_CHARACTERS, Quote
from .texts import Problem, read_text
from .unions import table_of

# The other member of a message's chat (m, c); 0 where its sender is none, so that no such message opens.
RECEIVER = "CASE m.sender_id WHEN c.user1_id THEN c.user2_id WHEN c.user2_id THEN c.user1_id ELSE 0 END"

# Without it, some statistics make a server read a chat from its beginning, or look in the other UNIQUE key.
BY_SEQ = "FORCE INDEX (messages_chat_seq)"
# A chat's last `seq`, NULL where it has no message: one look into the key. MAX(seq), and ORDER BY without the key's
# first column, read the whole chat on one server or the other; any column that is not in the key makes MySQL fetch
# rows ahead.
LAST_SEQ = (
    f"(SELECT l.seq FROM messages l {BY_SEQ} WHERE l.chat_id = {{0}} ORDER BY l.chat_id DESC, l.seq DESC LIMIT 1)"
)


class Reaction(msgspec.Struct, frozen=True):
    """An emoji that a member has put on a message."""

    user_id: int
    emoji: str


class Message(msgspec.Struct, omit_defaults=True):
    """A message as `get_chats`, `get_messages` and `sync_chat` list it; `client_id` on the reader's own only.

    `problem`: `damaged` (the content is empty), or `not_verified` (nothing proves that it was the sender who wrote it).
    `change_seq` numbers its last change in the chat, `text_seq` the last one of its text; they are left out where
    nothing has changed. A deleted one has no content.
    """

    id: int
    chat_id: int
    seq: int
    sender_id: int
    username: str | None
    content: str
    sent_at: str
    client_id: str | None = None
    problem: Problem | None = None
    kind: Literal["text", "notice"] = "text"
    edited_at: str | None = None
    deleted_at: str | None = None
    reactions: list[Reaction] = []
    change_seq: int = 0
    text_seq: int = 0
    reply_to: Quote | None = None
    notice: NoticeValues | None = None
    files: list[SharedFile] = []


def show_state(message: Message, state: HasState, receiver_id: int) -> None:
    """Write into a listed message what it is beyond its text. What it answers counts as gone until it is looked up, and
    its files as awaited."""
    message.kind = "notice" if state.kind == NOTICE else "text"
    message.notice = read_sentence(message.content) if state.kind == NOTICE and message.problem is None else None
    message.edited_at, message.deleted_at = state.edited_at, state.deleted_at
    reactions = ((message.sender_id, state.sender_reaction), (receiver_id, state.other_reaction))
    message.reactions = [Reaction(user_id, emoji) for user_id, emoji in reactions if emoji is not None]
    message.change_seq, message.text_seq = state.change_seq, state.text_seq
    message.reply_to = None if state.reply_to_seq is None else Quote(state.reply_to_seq, gone=True)
    message.files = awaited_files(state)


class Quotable(Protocol):
    """A message as it is now."""

    @property
    def seq(self) -> int: ...
    @property
    def sender_id(self) -> int: ...
    @property
    def content(self) -> str: ...
    @property
    def deleted_at(self) -> str | None: ...
    @property
    def problem(self) -> Problem | None: ...
    @property
    def files(self) -> list[SharedFile]: ...


def quote(message: Quotable) -> Quote:
    """Return a message as it is shown above one that answers it. What is not verified is nobody's words."""
    if message.problem:
        return Quote(message.seq, message.sender_id)
    text, files = message.content[:QUOTED_CHARACTERS], [file.type for file in message.files]
    return Quote(message.seq, message.sender_id, text, files, deleted=message.deleted_at is not None)


class NewMessage(msgspec.Struct):
    """A message that is to be written. The journal fills in `sent_at` (UTC text) and `seq`.

    `last_seq` is the last `seq` of its chat that whoever hands it in has read within the last REMEMBERED_SECONDS; None
    where nobody has. `quotes` is the message that it answers, as each of the two sees it; `files` are the ids of those
    that it is sent with, in their order.
    """

    chat_id: int
    sender_id: int
    receiver_id: int
    client_id: str
    content: str
    sent_at: str = ""
    seq: int = 0
    last_seq: int | None = None
    reply_to_seq: int | None = None
    quotes: dict[int, Quote] | None = None
    files: tuple[int, ...] = ()


class StoredMessage(msgspec.Struct, frozen=True):
    """What the table says about a `client_id` that it knows.

    `content` is None where the row is damaged, or does not say any more what was sent, and `files` where they are gone;
    `has_changed`: it is not as it was sent, in whatever.
    """

    id: int
    chat_id: int
    seq: int
    content: str | None
    sent_at: str
    has_changed: bool = False
    files: list[SharedFile] | None = []


def insert_sql(connection: Connection, ring: KeyRing, messages: Sequence[NewMessage]) -> str:
    """Return the one INSERT that writes numbered messages, encrypted.

    One statement by construction: PyMySQL's `executemany` splits at 1,024,000 bytes, after which neither
    atomicity nor consecutive ids hold. Ids are consecutive for an INSERT whose row count is known beforehand
    (MySQL manual, "AUTO_INCREMENT Handling in InnoDB").
    """
    quoted, version = connection.escape, ring.current
    texts = ring.encrypt(
        version, [(m.content, associated_data(m.chat_id, m.sender_id, m.receiver_id, m.client_id)) for m in messages]
    )
    # An encrypted text is base64: SQL finds nothing in it to quote, and need not be protected from it.
    quoted_texts = map(quoted if version == PLAIN else "'{}'".format, texts)
    rows = [
        f"({m.chat_id:d},{m.sender_id:d},{m.seq:d},{quoted(m.client_id)},{text},{version:d},'{m.sent_at}'"
        for m, text in zip(messages, quoted_texts, strict=True)
    ]
    columns = "chat_id,sender_id,seq,client_id,content,key_version,sent_at"
    if any(m.reply_to_seq for m in messages):
        columns += ",reply_to_seq"
        rows = [f"{row},{m.reply_to_seq or 'NULL'}" for m, row in zip(messages, rows, strict=True)]
    if any(m.files for m in messages):
        columns += ",kind"
        rows = [f"{row},{WITH_FILES if m.files else TEXT}" for m, row in zip(messages, rows, strict=True)]
    return f"INSERT INTO messages ({columns}) VALUES {'),'.join(rows)})"


def insert_messages(connection: Connection, ring: KeyRing, messages: Sequence[NewMessage]) -> int:
    """Write numbered messages; return the id of the first, the others follow by one.

    Raises IntegrityError where one of the UNIQUE keys objects.
    """
    return insert(connection, insert_sql(connection, ring, messages))


def find_known(
    connection: Connection, ring: KeyRing, keys: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], StoredMessage]:
    """Return those of the given (sender_id, client_id) that are stored, each with what is stored."""
    by_sender: dict[int, list[str]] = {}
    for sender_id, client_id in keys:
        by_sender.setdefault(sender_id, []).append(client_id)
    if not by_sender:
        return {}
    wanted = " OR ".join(
        f"(m.sender_id = {sender:d} AND m.client_id IN ({', '.join(connection.escape(c) for c in client_ids)}))"
        for sender, client_ids in by_sender.items()
    )
    rows = fetch_all(
        connection,
        f"SELECT STRAIGHT_JOIN m.sender_id, {RECEIVER}, m.client_id,"
        " m.id, m.chat_id, m.seq, m.key_version, m.content, m.sent_at, m.text_seq, m.change_seq, m.kind"
        " FROM messages m FORCE INDEX (messages_sender_client)"
        f" JOIN chats c FORCE INDEX (PRIMARY) ON c.id = m.chat_id WHERE {wanted}",
    )
    files = read_files(connection, ring, [row[3] for row in rows if row[-1] == WITH_FILES])
    known = {}
    for sender, receiver, client, identity, chat, seq, version, content, sent_at, text_seq, change_seq, kind in rows:
        stored = None
        if not text_seq:
            text, problem = read_text(ring, identity, (chat, sender, receiver, client), version, content)
            stored = None if problem == "damaged" else text
        its_files = files.get(identity) if kind == WITH_FILES else []
        known[sender, client] = StoredMessage(identity, chat, seq, stored, sent_at, change_seq > 0, its_files)
    return known


def is_stored(connection: Connection, sender_id: int, client_id: str) -> bool:
    sql = "SELECT 1 FROM messages WHERE sender_id = %s AND client_id = %s"
    return fetch_one(connection, sql, sender_id, client_id) is not None


def find_last_seqs(connection: Connection, chat_ids: Iterable[int]) -> dict[int, int]:
    """Return the last `seq` that each chat has given out, 0 where it has none: that of the newest row, or of one that
    is purged."""
    last = dict.fromkeys(chat_ids, 0)
    if last:
        rows = fetch_all(
            connection,
            f"SELECT c.id, {LAST_SEQ.format('c.id')}, c.purged_seq FROM {table_of(last)} wanted"
            " STRAIGHT_JOIN chats c FORCE INDEX (PRIMARY) ON c.id = wanted.id",
        )
        last.update((chat, max(seq or 0, purged_seq)) for chat, seq, purged_seq in rows)
    return last


class ChatNumbers(NamedTuple):
    """The numbers of a chat: that of its last change, and up to where its messages are purged."""

    change_seq: int
    purged_seq: int


def lock_last_seqs(connection: Connection, locked: Mapping[int, ChatNumbers]) -> dict[int, int]:
    """As find_last_seqs, of chats that lock_chats has returned, inside its transaction.

    It reads the latest committed rows: the transaction's snapshot may be older than a lock it has just waited for.
    """
    if not locked:
        return {}
    seq = f"{LAST_SEQ.format('c.id')[:-1]} FOR UPDATE)"
    rows = fetch_all(connection, f"SELECT c.id, {seq} FROM {table_of(locked)} c")
    return {chat: max(seq or 0, locked[chat].purged_seq) for chat, seq in rows}


def lock_chats(connection: Connection, chat_ids: Iterable[int]) -> dict[int, ChatNumbers]:
    """Inside a transaction: make every other writer of these chats wait, always in the same order.

    Return the numbers of those that are there.
    """
    rows = fetch_all(
        connection,
        f"SELECT c.id, c.change_seq, c.purged_seq FROM {table_of(set(chat_ids))} wanted"
        " STRAIGHT_JOIN chats c FORCE INDEX (PRIMARY) ON c.id = wanted.id FOR UPDATE",
    )
    return {chat_id: ChatNumbers(*numbers) for chat_id, *numbers in rows}
