"""What may the server say? Frames out as typed structures, from which docs/asyncapi.json is made too."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType, field

from chat_db.chat_lists import ChatSummary
from chat_db.file_records import SharedFile
from chat_db.messages import Message
from chat_db.notices import NoticeValues
from chat_db.quotes import Quote
from chat_db.users import User

from .refusals import Code, Refusal

Part = TypeVar("Part")


class AuthSucceeded(msgspec.Struct, tag="auth"):
    """The connection is this user's.

    `epoch`, for clients with the feature `changes`: another one than before means that a backup was restored, and that
    what a client holds counts for nothing.
    """

    user_id: int
    username: str
    status: Literal["success"] = "success"
    message: str = "You are logged in."
    epoch: str | UnsetType = UNSET


class AuthFailed(msgspec.Struct, tag="auth"):
    """The token is none, or its login has ended; the connection is closed with 4401."""

    code: Literal["not_authenticated"] = "not_authenticated"
    status: Literal["error"] = "error"
    message: str = "This login has ended. Please log in again."


class MessageSent(msgspec.Struct, tag="message_sent"):
    """A message of this connection is stored, with its `files`. `duplicate`: it was stored before."""

    client_id: str
    chat_id: int
    message_id: int
    seq: int
    sent_at: str
    duplicate: bool | UnsetType = UNSET
    files: list[SharedFile] | UnsetType = UNSET


class NewMessageFrame(msgspec.Struct, tag="message"):
    """A message was stored. `client_id`: for the sender's own other connections; `reply_to`: on an answer; `kind` and
    `notice`, what it says as values: on a notice; `files`: where it has any."""

    message_id: int
    chat_id: int
    seq: int
    sender_id: int = field(name="from")
    message: str
    sent_at: str
    client_id: str | UnsetType = UNSET
    reply_to: Quote | UnsetType = UNSET
    kind: Literal["notice"] | UnsetType = UNSET
    notice: NoticeValues | UnsetType = UNSET
    files: list[SharedFile] | UnsetType = UNSET


class ChangeMade(msgspec.Struct, tag="changed"):
    """A change of this connection is made; `message` is how its message is now. `duplicate`: it was made before."""

    client_id: str
    message: Message
    duplicate: bool | UnsetType = UNSET


class MessageChanged(msgspec.Struct, tag="message_changed"):
    """A message has changed: this is how it is now. For clients with the feature `changes`."""

    message: Message


class ChatHead(msgspec.Struct):
    """A chat by its id and its other member, as one of the two sees it."""

    id: int
    other_user: User


class ChatAdded(msgspec.Struct, tag="chat_added"):
    """There is a new chat; with `existing`, there was one already, and only who asked hears so."""

    adder_id: int = field(name="from")
    message: str
    chat: ChatHead
    existing: bool | UnsetType = UNSET


def started_chat(starter: User, chat_id: int, partner: User) -> ChatAdded:
    """Return what a member of a new chat, who has it with `partner`, is told of it."""
    return ChatAdded(starter.id, f"{starter.username} started a chat.", ChatHead(chat_id, partner))


class ChangedChat(msgspec.Struct, omit_defaults=True):
    """A chat as `get_chats` names it, with what changes without a message; `blocked`: by the reader."""

    id: int
    other_user: User
    blocked: bool = False


class ChatChanged(msgspec.Struct, tag="chat_changed"):
    """Something of a chat has changed that is no message: the other's name or account, one's own block."""

    chat: ChangedChat


class ChatSettled(msgspec.Struct, tag="chat_changed"):
    """A chat as `get_chats` names it, after a member has set something of it: all of it counts anew.

    `client_id`: of the `set_keep` that this answers.
    """

    chat: ChatSummary
    client_id: str | UnsetType = UNSET


class PurgedFrame(msgspec.Struct, tag="purged"):
    """The messages of a chat up to `up_to` are gone, for both. For clients with the feature `changes`."""

    chat_id: int
    up_to: int


class SyncChat(msgspec.Struct, tag="sync_chat"):
    """The next messages of a chat that a client lacks, 100 and 256 KiB at most; `more`: ask again.

    `reset`: the server knows less than the client (a restored backup), and begins at 1. Only for clients with the
    feature `changes`: `changes` are messages that it holds as they are now, 100 and 256 KiB at most; with this frame it
    holds every change up to `change_seq`. For these `reset` says that what is held of the chat counts for nothing, and
    the messages are the latest.
    """

    chat: ChatSummary
    messages: list[Message]
    more: bool
    reset: bool | UnsetType = UNSET
    changes: list[Message] | UnsetType = UNSET
    change_seq: int | UnsetType = UNSET


class SyncDone(msgspec.Struct, tag="sync_done"):
    """Every chat of the user, newest activity first; a chat that is not there does not exist any more.

    Who sent `only` gets the list in parts of 256 KiB at most, all but the last with `more`. `epoch`: as in `auth`.
    """

    chats: list[ChatSummary]
    more: bool | UnsetType = UNSET
    epoch: str | UnsetType = UNSET


class ReceiptFrame(msgspec.Struct, tag="receipt"):
    """A member of a chat holds and has read it up to these. `read_seq` is null where receipts are not shared."""

    chat_id: int
    user_id: int
    delivered_seq: int
    read_seq: int | None


class TypingFrame(msgspec.Struct, tag="typing"):
    """The other member is typing, or not any more."""

    chat_id: int
    user_id: int = field(name="from")
    typing: bool


class Presence(msgspec.Struct):
    """Whether somebody is online, as one of the people they have a chat with sees it."""

    user_id: int
    online: bool
    last_seen: str | None


class PresenceFrame(Presence, tag="presence"):
    """Somebody came or went, or shows it again."""


class PresenceList(msgspec.Struct, tag="presence_list"):
    """The presence of everybody one has a chat with, after `auth`, for clients with this feature.

    Of very many people it comes in several frames.
    """

    people: list[Presence]


class Pong(msgspec.Struct, tag="pong"):
    """The answer to `ping`."""


class CurrentMessage(msgspec.Struct):
    """How a message is now that was to be edited."""

    message: Message


class ErrorFrame(msgspec.Struct, tag="error"):
    """Something was not done. `client_id` and `chat_id` say of what; `retry_after` (s) is there where waiting helps.

    `current`, of `edit_conflict`: how the message is now.
    """

    code: Code
    message: str
    client_id: str | UnsetType = UNSET
    chat_id: int | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET
    current: CurrentMessage | UnsetType = UNSET


def refusal_frame(refusal: Refusal) -> ErrorFrame:
    """Return what a client is told of a refusal; `retry_after` is rounded up, so that it is never 0."""
    return ErrorFrame(
        code=refusal.code,
        message=refusal.message,
        client_id=refusal.client_id or UNSET,
        chat_id=refusal.chat_id or UNSET,
        retry_after=UNSET if refusal.retry_after is None else math.ceil(refusal.retry_after * 1000) / 1000,
    )


Outgoing = (
    AuthSucceeded
    | AuthFailed
    | MessageSent
    | NewMessageFrame
    | ChangeMade
    | MessageChanged
    | ChatAdded
    | ChatChanged
    | ChatSettled
    | PurgedFrame
    | SyncChat
    | SyncDone
    | ReceiptFrame
    | TypingFrame
    | PresenceFrame
    | PresenceList
    | Pong
    | ErrorFrame
)

MAX_PART = 256 * 1024  # bytes of a frame that may come in parts
FRAME_BYTES = 64  # of them around the list

encode = msgspec.json.Encoder().encode
PONG = encode(Pong())


def in_parts(items: list[Part], size: int = MAX_PART) -> Iterator[list[Part]]:
    """Yield a list in parts, one at least, with each of which a frame takes `size` bytes of JSON at most, unless one
    item alone takes more."""
    part: list[Part] = []
    left = size - FRAME_BYTES
    for item in items:
        needed = len(encode(item)) + 1  # with its comma
        if part and needed > left:
            yield part
            part, left = [], size - FRAME_BYTES
        part.append(item)
        left -= needed
    yield part
