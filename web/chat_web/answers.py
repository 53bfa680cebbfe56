"""What does web answer? Every JSON answer as a typed structure; `docs/openapi.json` is generated from them."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec
from flask import Response, request
from msgspec import UNSET, UnsetType

from chat_db.chat_lists import ChatSummary
from chat_db.file_reads import ChatFile
from chat_db.messages import Message
from chat_db.tokens import Device
from chat_db.users import User

Body = TypeVar("Body")


class Done(msgspec.Struct, tag_field="status", tag="success"):
    """It is done."""


class Registered(Done):
    """The account was made; nobody is logged in by that."""

    user_id: int


class LoggedIn(Done):
    """A session began. `token` opens WebSockets until the login ends."""

    user_id: int
    username: str
    token: str


class UserExists(Done):
    """There is a user of this name; `message` is the user's id, where somebody who is logged in asks."""

    message: int | UnsetType = UNSET


class InviteMade(Done):
    """`link` lets one person register, once."""

    link: str


class UploadBegun(Done):
    """A file may come. `id` is the one that a message names when all of it has."""

    id: int


class Refused(msgspec.Struct, tag_field="status", tag="error"):
    """It is not done. `code` is for programs, `message` for people, `reason` says more closely what is wrong."""

    code: str
    message: str
    reason: str | UnsetType = UNSET


class CurrentSession(msgspec.Struct):
    """Who is logged in, and the WebSocket: its address, and the token that `auth` takes."""

    user_id: int
    username: str
    token: str
    ws_url: str


class OwnAccount(msgspec.Struct):
    """What a user has chosen, whom they have blocked, and where they are logged in."""

    user_id: int
    username: str
    show_receipts: bool
    show_presence: bool
    blocked: list[User]
    devices: list[Device]


class ListedChat(ChatSummary, kw_only=True):
    """A chat with its latest messages, oldest first; `more` says that there are earlier ones.

    In a long list the last chats come without messages: `more` says that there are some.
    """

    messages: list[Message]
    more: bool


class MessagePage(msgspec.Struct, omit_defaults=True):
    """Messages of one chat, oldest first; `more` says that there are others beyond this page.

    They are as they were after the chat's change `change_seq`, or later; it is left out while nothing has changed.
    On a page around a place `more` says that there are earlier ones, `more_after` (left out where false) later ones.
    """

    messages: list[Message]
    more: bool
    change_seq: int = 0
    more_after: bool = False


class ListedFiles(msgspec.Struct):
    """Files of one chat, those of the newest message first; `more` says that there are some of earlier messages."""

    files: list[ChatFile]
    more: bool


class FoundMessages(msgspec.Struct):
    """Messages that contain a text, newest first in each chat. `searched_to` goes on where this ended.

    `more` says that not all was searched yet; `searched_to` is null where all was. `searched_back_to` is when the
    oldest message that was looked at was sent, where one chat is searched and there are older ones.
    """

    found: list[Message]
    searched_to: str | None
    more: bool
    searched_back_to: str | UnsetType = UNSET


class Health(msgspec.Struct, tag_field="status", tag="ok"):
    """The service can do its work."""


class Answer(Response, Generic[Body]):
    """A structure as JSON; where a form asked and there is a `page`, the way to that page."""

    def __init__(self, body: Body, status: int = 200, *, page: str | None = None) -> None:
        if page is not None and not request.is_json:
            super().__init__(status=302, headers={"Location": page})
            return
        super().__init__(msgspec.json.encode(body), status, mimetype="application/json")
