"""GET get_chats: a user's chats, newest activity first, with their latest messages."""

from __future__ import annotations

from datetime import datetime
from itertools import chain, repeat
from typing import Annotated
from urllib.parse import quote

import msgspec
from flask import Blueprint, request
from msgspec import UNSET, UnsetType

from chat_db.chat_lists import ChatSummary, Position, list_chats, list_chats_page
from chat_db.connection import Connection
from chat_db.encryption import KeyRing
from chat_db.ids import MAX_ID
from chat_db.message_pages import Span, list_latest
from chat_db.messages import Message
from chat_db.tokens import Login

from ..answers import Answer, ListedChat
from ..config import current_database, current_ring
from ..refusals import Refusal
from ..turns import wait_for_turn
from .endpoint import endpoint

blueprint = Blueprint("get_chats", __name__)

FULL_CHATS = 20  # this many get their latest messages, the others the last one
LATEST = 30
MAX_CHATS = 200  # in one page

Cursor = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z_[1-9]\d{0,9}$")]


class WantedChats(msgspec.Struct):
    """A page of so many chats: the first, or the one that a `Link` named. The whole list where there is no `limit`."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_CHATS)] | UnsetType = UNSET
    before: Cursor | UnsetType = UNSET


@endpoint(
    blueprint,
    "GET",
    "get_chats",
    "rate_limited",
    headers={"Link": 'With `limit`: where the next page is (`rel="next"`, RFC 8288); left out after the last one.'},
)
def show(login: Login, query: WantedChats) -> Answer[list[ListedChat]]:
    """Return one's chats with their latest messages, newest activity first.

    The 20 newest come with 30 messages each, the others with the last one.
    """
    if query.limit is UNSET and query.before is not UNSET:
        raise Refusal("bad_request")
    before = None if query.before is UNSET else read_cursor(query.before)
    limit = None if query.limit is UNSET else query.limit
    wait_for_turn(login.user_id)
    chats, following = current_database().run(list_with_messages, current_ring(), login.user_id, limit, before)
    answer = Answer[list[ListedChat]](chats)
    if following is not None:
        cursor = quote(write_cursor(following), safe=":")
        answer.headers["Link"] = f'<{request.path}?limit={limit}&before={cursor}>; rel="next"'
    return answer


def write_cursor(position: Position) -> str:
    return f"{position.active_at}_{position.chat_id}"


def read_cursor(text: str) -> Position:
    """Return the place in the list that a cursor names. Raises Refusal."""
    active_at, _, chat_id = text.partition("_")
    position = Position(active_at, int(chat_id))
    try:
        datetime.fromisoformat(active_at)
    except ValueError:
        raise Refusal("bad_request") from None
    if position.chat_id > MAX_ID or write_cursor(position) != text:
        raise Refusal("bad_request")
    return position


def list_with_messages(
    connection: Connection, ring: KeyRing, user_id: int, limit: int | None, before: Position | None
) -> tuple[list[ListedChat], Position | None]:
    """Return a page of the list, all of it where there is no `limit`, and where the next page begins.

    As many queries however long the chats are, one more where there are long texts, and for each 200 chats in which
    more than five messages are new.
    """
    if limit is None:
        chats, following = list_chats(connection, user_id), None
    else:
        chats, following = list_chats_page(connection, user_id, limit, before)
    lengths = chain(repeat(LATEST, FULL_CHATS if before is None else 0), repeat(1))
    spans = {
        chat.id: Span(
            chat.other_user.id,
            chat.other_user.username,
            max(chat.floor, chat.last_seq - length) + 1,
            chat.last_seq,
            chat.floor,
        )
        for chat, length in zip(chats, lengths, strict=False)
        if chat.last_seq > chat.floor
    }
    latest = list_latest(connection, ring, user_id, spans)
    return [_list_chat(chat, latest.get(chat.id, [])) for chat in chats], following


def _list_chat(chat: ChatSummary, messages: list[Message]) -> ListedChat:
    first = messages[0].seq if messages else chat.last_seq + 1
    return ListedChat(**msgspec.structs.asdict(chat), messages=messages, more=first > chat.floor + 1)
