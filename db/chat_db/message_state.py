"""What is a message beyond its text: an answer, with files, changed, deleted? Most are not: so this is one column, NULL
for them.

PyMySQL takes as long for each column of a row as for the row itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from .connection import rfc3339
from .encryption import DecryptionFailed, KeyRing, associated_data, encrypt_columns, reaction_data

TEXT, NOTICE, WITH_FILES = 0, 1, 2  # messages.kind

Where = tuple[int, int, int, str]  # chat, sender, receiver, client id


class HasState(Protocol):
    """What says what has become of a message."""

    @property
    def kind(self) -> int: ...
    @property
    def edited_at(self) -> str | None: ...
    @property
    def deleted_at(self) -> str | None: ...
    @property
    def sender_reaction(self) -> str | None: ...
    @property
    def other_reaction(self) -> str | None: ...
    @property
    def change_seq(self) -> int: ...
    @property
    def text_seq(self) -> int: ...
    @property
    def reply_to_seq(self) -> int | None: ...


class State(msgspec.Struct, array_like=True, frozen=True):
    """What the column STATE holds; `read_state` gives it with times in RFC 3339 and reactions decrypted."""

    kind: int = TEXT
    edited_at: str | None = None
    deleted_at: str | None = None
    sender_reaction: str | None = None
    other_reaction: str | None = None
    change_seq: int = 0
    text_seq: int = 0
    reply_to_seq: int | None = None


UNCHANGED = State()
STATE = (  # with its collation named: else MariaDB finds several ones in a UNION
    "IF(m.change_seq = 0 AND m.kind = 0 AND m.reply_to_seq IS NULL, NULL, CONVERT(JSON_ARRAY(m.kind,"
    " CAST(m.edited_at AS CHAR), CAST(m.deleted_at AS CHAR), m.sender_reaction, m.other_reaction, m.change_seq,"
    " m.text_seq, m.reply_to_seq) USING utf8mb4)"
    " COLLATE utf8mb4_bin)"
)


def read_state(ring: KeyRing, where: Where, version: int, column: str | None) -> State:
    """Return the state of a row; `where` is its row. A reaction that nobody can read is none."""
    if column is None:
        return UNCHANGED
    state = msgspec.json.decode(column, type=State)
    return msgspec.structs.replace(
        state,
        edited_at=state.edited_at and rfc3339(state.edited_at),
        deleted_at=state.deleted_at and rfc3339(state.deleted_at),
        sender_reaction=read_reaction(ring, where, version, state.sender_reaction, by_sender=True),
        other_reaction=read_reaction(ring, where, version, state.other_reaction, by_sender=False),
    )


def read_reaction(ring: KeyRing, where: Where, version: int, stored: str | None, *, by_sender: bool) -> str | None:
    """Return a message's reaction; None where there is none, or nobody can read it."""
    if stored is None:
        return None
    try:
        return ring.decrypt(version, stored, (reaction_data(*where, by_sender=by_sender),))
    except DecryptionFailed:
        return None


class Texts(NamedTuple):
    """What of a message is encrypted, and where it stands; None: there is nothing to encrypt."""

    where: Where
    content: str | None
    sender_reaction: str | None
    other_reaction: str | None


def encrypt_texts(ring: KeyRing, version: int, messages: Sequence[Texts]) -> list[list[str | None]]:
    """Return what is stored of each message: its text, the sender's reaction and the other's."""
    return encrypt_columns(ring, version, [_with_data(message) for message in messages])


def _with_data(message: Texts) -> tuple[tuple[str, str] | None, ...]:
    """Return the texts, each with its associated data; None for one that is not there."""
    where, content, mine, other = message
    return (
        None if content is None else (content, associated_data(*where)),
        None if mine is None else (mine, reaction_data(*where, by_sender=True)),
        None if other is None else (other, reaction_data(*where, by_sender=False)),
    )
