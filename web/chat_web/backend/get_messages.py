"""GET get_messages: one page of a chat's messages."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import UNSET, UnsetType

from chat_db.message_pages import list_messages
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


class WantedPage(msgspec.Struct):
    """The messages before or after a `seq`, those nearest to it; the latest where neither is given."""

    chat_id: Id
    before_seq: Seq | UnsetType = UNSET
    after_seq: Seq | UnsetType = UNSET
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = PAGE


@endpoint(blueprint, "GET", "get_messages", "no_such_chat", "rate_limited")
def show(login: Login, query: WantedPage) -> Answer[MessagePage]:
    """Return a page of a chat's messages, oldest first, of 256 KiB at most.

    A chat that one is not part of is answered as one that does not exist.
    """
    if query.before_seq is not UNSET and query.after_seq is not UNSET:
        raise Refusal("bad_request")
    wait_for_turn(login.user_id)
    page = current_database().run(
        list_messages,
        current_ring(),
        query.chat_id,
        login.user_id,
        query.limit,
        before_seq=None if query.before_seq is UNSET else query.before_seq,
        after_seq=None if query.after_seq is UNSET else query.after_seq,
    )
    if page is None:
        raise Refusal("no_such_chat")
    return Answer(MessagePage(*page))
