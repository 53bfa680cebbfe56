"""What may be done with a message after it was sent, and what becomes of it then?

A message is a row that says how it is now. Each change takes the chat's next `change_seq`, as each message takes the
next `seq`: so a client can ask what has changed since a number, and prove that it holds every change (IMAP's
CONDSTORE, RFC 7162, does the same).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .file_records import SharedFile
from .message_state import NOTICE, WITH_FILES
from .messages import Message, show_state
from .quotes import Quote
from .reconnecting import Failed
from .texts import Problem

Code = Literal[
    "no_such_message", "not_yours", "bad_reaction", "empty_message", "edit_conflict", "client_id_reused", "not_stored"
]


class Change(msgspec.Struct, kw_only=True):
    """One change of one message by one member; `client_id` is unique among this member's changes.

    `tells_other`: the other member may hear of it at once.
    """

    chat_id: int
    seq: int
    user_id: int
    client_id: str
    tells_other: bool = True

    def is_same_as(self, other: Change) -> bool:
        """Say whether this is the same change, sent twice."""
        return msgspec.structs.replace(self, tells_other=True) == msgspec.structs.replace(other, tells_other=True)


class Edit(Change, kw_only=True):
    """Another text, which may be empty where there are files.

    With `base`, only where that is the `text_seq` of the text that was edited.
    """

    content: str
    base: int | None = None


class Delete(Change, kw_only=True):
    """Take the text and the files away, for both."""


class React(Change, kw_only=True):
    """Put one emoji on a message, in place of the one that was there; None takes it back."""

    emoji: str | None


class PresentMessage(msgspec.Struct, kw_only=True):
    """A message as its row says it is now, decrypted."""

    id: int
    chat_id: int
    seq: int
    sender_id: int
    receiver_id: int
    username: str | None = None  # the sender's
    client_id: str
    kind: int
    content: str
    key_version: int | None  # with which this text is in its row; None where another one is there
    problem: Problem | None
    sent_at: str
    edited_at: str | None
    deleted_at: str | None
    sender_reaction: str | None
    other_reaction: str | None
    change_seq: int
    text_seq: int
    reply_to_seq: int | None
    quote: Quote | None = None  # of what it answers
    files: list[SharedFile] = []
    floors: dict[int, int] = {}  # of both members, by user


def as_listed(message: PresentMessage, reader_id: int) -> Message:
    """Return a message as a member of its chat sees it in a list."""
    listed = Message(
        message.id,
        message.chat_id,
        message.seq,
        message.sender_id,
        message.username,
        message.content,
        message.sent_at,
        client_id=message.client_id if message.sender_id == reader_id else None,
        problem=message.problem,
    )
    show_state(listed, message, message.receiver_id)
    listed.files = message.files
    if message.quote is not None and message.quote.seq > message.floors.get(reader_id, 0):
        listed.reply_to = message.quote
    return listed


class Changed(msgspec.Struct, frozen=True):
    """The change is in the table; `message` is how it left its message, or how that is now where it is a duplicate.

    `is_news`: this process has not told the other sockets of it yet.
    """

    message: PresentMessage
    is_duplicate: bool = False
    is_news: bool = True

    def as_duplicate(self) -> Changed:
        return Changed(self.message, is_duplicate=True, is_news=False)


class Unchanged(msgspec.Struct, frozen=True):
    """The change was not made and will not be: `code` says why; `current` is what an edit was not based on."""

    code: Code
    current: PresentMessage | None = None


Outcome = Changed | Unchanged | Failed


def apply(change: Change, message: PresentMessage, change_seq: int, now: str) -> PresentMessage | Unchanged:
    """Return what `change` makes of a message, under the chat's next `change_seq`.

    The message itself is returned where it is so already.
    """
    if isinstance(change, Delete):
        return _delete(change, message, change_seq, now)
    if isinstance(change, Edit):
        return _edit(change, message, change_seq, now)
    assert isinstance(change, React)  # noqa: S101  # there is no other one
    return _react(change, message, change_seq)


def _delete(change: Delete, message: PresentMessage, change_seq: int, now: str) -> PresentMessage | Unchanged:
    if message.sender_id != change.user_id or message.kind == NOTICE:
        return Unchanged("not_yours")
    if message.deleted_at is not None:
        return message
    return msgspec.structs.replace(
        message,
        content="",
        key_version=None,
        problem=None,
        edited_at=None,
        deleted_at=now,
        sender_reaction=None,
        other_reaction=None,
        change_seq=change_seq,
        text_seq=change_seq,
        files=[],
    )


def _edit(change: Edit, message: PresentMessage, change_seq: int, now: str) -> PresentMessage | Unchanged:
    if message.sender_id != change.user_id or message.kind == NOTICE:
        return Unchanged("not_yours")
    if message.deleted_at is not None:
        return Unchanged("no_such_message")
    if not change.content and message.kind != WITH_FILES:
        return Unchanged("empty_message")
    if change.base is not None and change.base != message.text_seq:
        return Unchanged("edit_conflict", message)
    if change.content == message.content and message.problem is None:
        return message
    return msgspec.structs.replace(
        message,
        content=change.content,
        key_version=None,
        problem=None,
        edited_at=now,
        change_seq=change_seq,
        text_seq=change_seq,
    )


def _react(change: React, message: PresentMessage, change_seq: int) -> PresentMessage | Unchanged:
    """A text that nobody can read or believe takes none: storing it anew would make it genuine."""
    if message.kind == NOTICE or message.deleted_at is not None or message.problem is not None:
        return Unchanged("bad_reaction")
    if change.user_id == message.sender_id:
        if change.emoji == message.sender_reaction:
            return message
        return msgspec.structs.replace(message, sender_reaction=change.emoji, change_seq=change_seq)
    if change.emoji == message.other_reaction:
        return message
    return msgspec.structs.replace(message, other_reaction=change.emoji, change_seq=change_seq)
