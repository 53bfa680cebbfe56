"""What may a client say? Frames in as typed structures; what is malformed stops here.

Nothing that is not one of these structures reaches the hub, the journal or SQL: PyMySQL would write a JSON number
into SQL unquoted, and MySQL compares text with numbers as floats, so that `{"token": 0}` once logged in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chat_db.file_records import MAX_FILES
from chat_db.ids import MAX_ID
from chat_db.keeping import LONGEST, SHORTEST
from chat_db.texts import clean_text

from .refusals import EMPTY, Refusal

PRESENCE_LIST, CHANGES = "presence_list", "changes"  # features that a client may name in auth
MAX_FRAME = 64 * 1024  # bytes
MAX_MESSAGE = 8_000  # UTF-16 code units

# The prototype's page sent ids as numbers and as their decimal text. `\Z`: `$` would let a line end pass.
Id = Annotated[int, Meta(ge=1, le=MAX_ID)] | Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,9}\Z")]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
# Not tuple[Seq, Seq]: in a union with an integer that has bounds, msgspec 0.22 reads memory that is not its own.
SeqPair = Annotated[tuple[Seq, ...], Meta(min_length=2, max_length=2)]
ClientId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._:-]{1,64}\Z")]
Features = Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=32)]
Files = Annotated[tuple[Id, ...], Meta(max_length=MAX_FILES)]
Instant = Annotated[datetime, Meta(tz=True)]
ChatKey = Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,9}\Z")]


class Auth(msgspec.Struct, tag="auth"):
    """Log in with a token of `/backend/e_login`; the first frame of a connection.

    `features` are the frames that the client knows beyond those of release 1.0.0: `presence_list`, and `changes` (of
    messages: `message_changed`). Others are ignored.
    """

    user_id: Id
    token: str
    features: Features = ()


class SendMessage(msgspec.Struct, tag="send_message"):
    """Say something in a chat. The same `client_id` again stores nothing again and gets the first answer.

    `reply_to_seq` is the message of the same chat that this one answers. `files` are one's own whole uploads for this
    chat that go with it, in this order; the text may be empty then. `sender_id` and `receiver_id` are the
    prototype's: they may be left out, and must be right where they are there.
    """

    chat_id: Id
    message: str
    client_id: ClientId | None = None
    reply_to_seq: Seq | None = None
    files: Files = ()
    sender_id: Id | None = None
    receiver_id: Id | None = None


class EditMessage(msgspec.Struct, tag="edit_message"):
    """Put another text in the place of one's own. The same `client_id` again changes nothing again.

    It may be empty where there are files. `base`: only where this is still the `text_seq` of the text that was edited.
    """

    chat_id: Id
    seq: Seq
    message: str
    client_id: ClientId
    base: Seq | None = None


class DeleteMessage(msgspec.Struct, tag="delete_message"):
    """Take the text and the files of one's own message away, for both."""

    chat_id: Id
    seq: Seq
    client_id: ClientId


class ReactToMessage(msgspec.Struct, tag="react"):
    """Put an emoji on a message, in place of one's own that was there; null takes it back."""

    chat_id: Id
    seq: Seq
    emoji: str | None
    client_id: ClientId


class SetChat(msgspec.Struct, tag="set_chat"):
    """Mute, pin or archive a chat, for oneself: what is not there stays as it is.

    `muted_until` is an instant; null, or one that has passed, ends it. A new message brings an archived chat back,
    unless it is muted.
    """

    chat_id: Id
    muted_until: Instant | UnsetType | None = UNSET
    pinned: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class ClearChat(msgspec.Struct, tag="clear_chat"):
    """Have the messages of a chat up to `seq` no more, for oneself. It cannot be taken back."""

    chat_id: Id
    seq: Seq


class SetKeep(msgspec.Struct, tag="set_keep"):
    """Have the messages of a chat go so many seconds after they were sent, for both; null: keep them.

    The same `client_id` again chooses nothing again.
    """

    chat_id: Id
    seconds: Annotated[int, Meta(ge=SHORTEST, le=LONGEST)] | None
    client_id: ClientId


class AddChat(msgspec.Struct, tag="add_chat"):
    """Begin a chat with a user, named by id or by name, and not by both."""

    other_user_id: Id | None = None
    username: str | None = None


class Sync(msgspec.Struct, tag="sync"):
    """Ask for what is lacking. `chats`: of each chat, up to which `seq` the client holds all messages.

    A client with the feature `changes` gives `[seq, change_seq]`: up to which number it holds all changes of these.
    A chat that is not named counts as held up to 0; with `only`, it appears in `sync_done` alone, and `sync_done` may
    come in parts.
    """

    chats: dict[ChatKey, Seq | SeqPair]
    only: bool = False


class Delivered(msgspec.Struct, tag="delivered"):
    """This user's clients hold a chat up to `seq`."""

    chat_id: Id
    seq: Seq


class Read(msgspec.Struct, tag="read"):
    """This user has read a chat up to `seq`."""

    chat_id: Id
    seq: Seq


class Typing(msgspec.Struct, tag="typing"):
    """This user is typing, or not any more. Passed on, never stored."""

    chat_id: Id
    typing: bool


class Ping(msgspec.Struct, tag="ping"):
    """Ask for a `pong`."""


AnyChange = EditMessage | DeleteMessage | ReactToMessage
AnySetting = SetChat | ClearChat | SetKeep
InChat = SendMessage | AnyChange | AnySetting | Delivered | Read | Typing
Incoming = Auth | SendMessage | AnyChange | AnySetting | AddChat | Sync | Delivered | Read | Typing | Ping
FRAME_TYPES = frozenset(frame.__struct_config__.tag for frame in get_args(Incoming))


class _AnyFrame(msgspec.Struct):
    """What can be known of a frame that is none: enough to say which of a client's messages it was."""

    type: str | UnsetType = UNSET


class _AnyMessage(msgspec.Struct):
    client_id: ClientId


_decoder: msgspec.json.Decoder[Incoming] = msgspec.json.Decoder(Incoming)
_decode_type = msgspec.json.Decoder(_AnyFrame).decode
_decode_client_id = msgspec.json.Decoder(_AnyMessage).decode


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


def parse_files(values: Sequence[int | str]) -> tuple[int, ...]:
    """Return the ids of files. Raises Refusal where one is none, or there twice."""
    files = tuple(map(parse_id, values))
    if len(set(files)) < len(files):
        raise Refusal("bad_frame", "A file goes with a message once.")
    return files


def clean_message(typed: str, *, may_be_empty: bool = False) -> str:
    """Return a message's text as it is stored: see clean_text. Raises Refusal where it is empty or too long."""
    text = clean_text(typed)
    if not text and not may_be_empty:
        raise Refusal("empty_message", EMPTY)
    if len(text) * 2 > MAX_MESSAGE and len(text.encode("utf-16-le")) // 2 > MAX_MESSAGE:
        raise Refusal("message_too_long", f"A message has at most {MAX_MESSAGE} characters.")
    return text
