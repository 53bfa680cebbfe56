"""What may a frame be? Frames in and out as typed structures; what is malformed stops here.

Nothing that is not one of these structures reaches the hub, the journal or SQL: PyMySQL would write a JSON number
into SQL unquoted, and MySQL compares text with numbers as floats, so that `{"token": 0}` once logged in.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from chat_db.chats import ChatSummary
from chat_db.messages import Message
from chat_db.texts import clean_text
from chat_db.users import User

from .refusals import Refusal

MAX_FRAME = 64 * 1024  # bytes
MAX_MESSAGE = 8_000  # UTF-16 code units
MAX_ID = 2**32 - 1

# The prototype's page sent ids as numbers and as their decimal text. `\Z`: `$` would let a line end pass.
Id = Annotated[int, Meta(ge=1, le=MAX_ID)] | Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,9}\Z")]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
ClientId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._:-]{1,64}\Z")]
ChatKey = Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,9}\Z")]


class Auth(msgspec.Struct, tag="auth"):
    user_id: Id
    token: str


class SendMessage(msgspec.Struct, tag="send_message"):
    chat_id: Id
    message: str
    client_id: ClientId | None = None
    sender_id: Id | None = None
    receiver_id: Id | None = None


class AddChat(msgspec.Struct, tag="add_chat"):
    other_user_id: Id | None = None
    username: str | None = None


class Sync(msgspec.Struct, tag="sync"):
    chats: dict[ChatKey, Seq]


class Delivered(msgspec.Struct, tag="delivered"):
    chat_id: Id
    seq: Seq


class Read(msgspec.Struct, tag="read"):
    chat_id: Id
    seq: Seq


class Typing(msgspec.Struct, tag="typing"):
    chat_id: Id
    typing: bool


class Ping(msgspec.Struct, tag="ping"):
    pass


Incoming = Auth | SendMessage | AddChat | Sync | Delivered | Read | Typing | Ping
FRAME_TYPES = frozenset(("auth", "send_message", "add_chat", "sync", "delivered", "read", "typing", "ping"))


class AuthSucceeded(msgspec.Struct, tag="auth"):
    user_id: int
    username: str
    status: str = "success"
    message: str = "You are logged in."


class AuthFailed(msgspec.Struct, tag="auth"):
    code: str = "not_authenticated"
    status: str = "error"
    message: str = "This login has ended. Please log in again."


class MessageSent(msgspec.Struct, tag="message_sent"):
    client_id: str
    chat_id: int
    message_id: int
    seq: int
    sent_at: str
    duplicate: bool | UnsetType = UNSET


class NewMessageFrame(msgspec.Struct, tag="message"):
    message_id: int
    chat_id: int
    seq: int
    sender_id: int = field(name="from")
    message: str
    sent_at: str
    client_id: str | UnsetType = UNSET


class ChatHead(msgspec.Struct):
    id: int
    other_user: User


class ChatAdded(msgspec.Struct, tag="chat_added"):
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
    chat: ChangedChat


class SyncChat(msgspec.Struct, tag="sync_chat"):
    chat: ChatSummary
    messages: list[Message]
    more: bool
    reset: bool | UnsetType = UNSET


class SyncDone(msgspec.Struct, tag="sync_done"):
    chats: list[ChatSummary]


class ReceiptFrame(msgspec.Struct, tag="receipt"):
    chat_id: int
    user_id: int
    delivered_seq: int
    read_seq: int | None  # None: the two do not share read receipts


class TypingFrame(msgspec.Struct, tag="typing"):
    chat_id: int
    user_id: int = field(name="from")
    typing: bool


class PresenceFrame(msgspec.Struct, tag="presence"):
    user_id: int
    online: bool
    last_seen: str | None


class Pong(msgspec.Struct, tag="pong"):
    pass


class ErrorFrame(msgspec.Struct, tag="error"):
    code: str
    message: str
    client_id: str | UnsetType = UNSET
    chat_id: int | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET


def refusal_frame(refusal: Refusal) -> ErrorFrame:
    """Return what a client is told of a refusal; `retry_after` is rounded up, so that it is never 0."""
    return ErrorFrame(
        code=refusal.code,
        message=refusal.message,
        client_id=refusal.client_id or UNSET,
        chat_id=refusal.chat_id or UNSET,
        retry_after=UNSET if refusal.retry_after is None else math.ceil(refusal.retry_after * 1000) / 1000,
    )


class _AnyFrame(msgspec.Struct):
    """What can be known of a frame that is none: enough to say which of a client's messages it was."""

    type: str | UnsetType = UNSET


class _AnyMessage(msgspec.Struct):
    client_id: ClientId


encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)
_decode_type = msgspec.json.Decoder(_AnyFrame).decode
_decode_client_id = msgspec.json.Decoder(_AnyMessage).decode

PONG = encode(Pong())


def parse(text: str | bytes) -> Incoming:
    """Return the frame in a WebSocket message. Raises Refusal (`bad_frame`, `unknown_type`).

    Refused too: binary messages, NaN and infinities, `true` for 1, lone surrogates, nesting that exhausts the stack.
    """
    if isinstance(text, bytes):
        raise Refusal("bad_frame", "Frames are JSON text, not binary.")
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise _explain(text, error) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Refusal("bad_frame", "This is not a JSON object.") from None


def _explain(text: str, error: msgspec.ValidationError) -> Refusal:
    # The decoder stops at the first wrong field: what comes after it may be no JSON at all.
    try:
        kind = _decode_type(text).type
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Refusal("bad_frame", "A frame is a JSON object with a type.")
    if kind is UNSET:
        return Refusal("bad_frame", "A frame is a JSON object with a type.")
    if kind not in FRAME_TYPES:
        return Refusal("unknown_type", "There is no frame of this type.")
    return Refusal("bad_frame", f"A field is missing or wrong: {error}", client_id=_client_id_of(text))


def _client_id_of(text: str) -> str | None:
    try:
        return _decode_client_id(text).client_id
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def parse_id(value: int | str) -> int:
    """Return an id that came as a number or as its decimal text. Raises Refusal where it is beyond 2³²−1."""
    result = int(value)
    if result > MAX_ID:
        raise Refusal("bad_frame", "An id is a number from 1 to 4294967295.")
    return result


def clean_message(typed: str) -> str:
    """Return a message's text as it is stored: see clean_text. Raises Refusal where it is empty or too long."""
    text = clean_text(typed)
    if not text:
        raise Refusal("empty_message", "A message needs a text.")
    if len(text) * 2 > MAX_MESSAGE and len(text.encode("utf-16-le")) // 2 > MAX_MESSAGE:
        raise Refusal("message_too_long", f"A message has at most {MAX_MESSAGE} characters.")
    return text
