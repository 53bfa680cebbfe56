"""GET get_files: the pictures and films, the files, or the sounds of one chat."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint
from msgspec import UNSET, UnsetType

from chat_db.file_reads import Kind, list_chat_files
from chat_db.tokens import Login

from ..answers import Answer, ListedFiles
from ..config import current_database, current_ring
from ..refusals import Refusal
from ..turns import wait_for_turn
from .endpoint import endpoint
from .fields import Id, Seq

blueprint = Blueprint("get_files", __name__)

PAGE = 50
MAX_PAGE = 100


class WantedFiles(msgspec.Struct):
    """The files of one kind (`media`: pictures and films) before a `seq`, the nearest to it; else the latest."""

    chat_id: Id
    kind: Kind
    before_seq: Seq | UnsetType = UNSET
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)] = PAGE


@endpoint(blueprint, "GET", "get_files", "no_such_chat", "rate_limited")
def show(login: Login, query: WantedFiles) -> Answer[ListedFiles]:
    """Return files of a chat, those of the newest message first.

    The files of one message stay together, so that there may be a few more than `limit`. A chat that one is not part
    of is answered as one that does not exist.
    """
    wait_for_turn(login.user_id)
    before = None if query.before_seq is UNSET else query.before_seq
    page = current_database().run(
        list_chat_files, current_ring(), query.chat_id, login.user_id, query.kind, before, query.limit
    )
    if page is None:
        raise Refusal("no_such_chat")
    return Answer(ListedFiles(*page))
