"""GET get_messages: one page of a chat's messages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import UNSET, UnsetType

from chat_db.message_pages import Page, list_messages
from chat_db.message_windows import list_around
from chat_db.tokens import Login

from ..answers import Answer, MessagePage
from ..config import current_database, current_ring
from ..refusals import Refusal
from ..turns import wait_for_turn
from .endpoint import endpoint
from .fields import Id, Seq

blueprint = Blueprint("get_messages", __name__)

PAGE = 50
MAX_PAGE = 200

Instant = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$")]


class WantedPage(msgspec.Struct):
    """The messages before or after a `seq`, those nearest to it, or around a `seq` or an instant; else the latest."""

    chat_id: Id
    before_seq: Seq | UnsetType = UNSET
    after_seq: Seq | UnsetType = UNSET
    around_seq: Seq | UnsetType = UNSET
    around_date: Instant | UnsetType = UNSET
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = PAGE


@endpoint(blueprint, "GET", "get_messages", "no_such_chat", "rate_limited")
def show(login: Login, query: WantedPage) -> Answer[MessagePage]:
    """Return a page of a chat's messages, oldest first, of 256 KiB at most.

    A chat that one is not part of is answered as one that does not exist.
    """
    places = (query.before_seq, query.after_seq, query.around_seq, query.around_date)
    if sum(place is not UNSET for place in places) > 1:
        raise Refusal("bad_request")
    if query.around_date is not UNSET:
        check_instant(query.around_date)
    wait_for_turn(login.user_id)
    page = find_page(login.user_id, query)
    if page is None:
        raise Refusal("no_such_chat")
    return Answer(MessagePage(*page))


def find_page(reader_id: int, query: WantedPage) -> Page | None:
    database, ring = current_database(), current_ring()
    place = query.around_date if query.around_seq is UNSET else query.around_seq
    if place is not UNSET:
        return database.run(list_around, ring, query.chat_id, reader_id, query.limit, place)
    return database.run(
        list_messages,
        ring,
        query.chat_id,
        reader_id,
        query.limit,
        before_seq=None if query.before_seq is UNSET else query.before_seq,
        after_seq=None if query.after_seq is UNSET else query.after_seq,
    )


def check_instant(text: str) -> None:
    """Make sure that a text is an instant in the contract's form. Raises Refusal."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("bad_request") from None
    if parsed.isoformat(timespec="milliseconds").replace("+00:00", "Z") != text:
        raise Refusal("bad_request")
