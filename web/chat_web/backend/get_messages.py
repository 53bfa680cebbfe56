"""GET get_messages: one page of a chat's messages."""

from __future__ import annotations

from flask import Blueprint, Response, request

from chat_db.message_pages import list_messages

from ..config import current_database, current_ring
from ..errors import Refusal, answer_json
from ..routes import route_twins
from ..sessions import get_current_login
from ..turns import wait_for_turn
from .fields import MAX_ID

blueprint = Blueprint("get_messages", __name__)

PAGE = 50
MAX_PAGE = 200


@route_twins(blueprint, "/backend/get_messages", "GET")
def show() -> Response:
    login = get_current_login()
    wait_for_turn(login.user_id)
    chat_id = number("chat_id", 1, MAX_ID)
    before_seq = number("before_seq", 0, MAX_ID) if "before_seq" in request.args else None
    after_seq = number("after_seq", 0, MAX_ID) if "after_seq" in request.args else None
    if before_seq is not None and after_seq is not None:
        raise Refusal("bad_request")
    limit = number("limit", 1, MAX_PAGE) if "limit" in request.args else PAGE
    page = current_database().run(
        list_messages, current_ring(), chat_id, login.user_id, limit, before_seq=before_seq, after_seq=after_seq
    )
    if page is None:
        raise Refusal("no_such_chat", 404)
    messages, more = page
    return answer_json({"messages": messages, "more": more})


def number(name: str, low: int, high: int) -> int:
    """Return a number of the query in decimal digits. Raises Refusal (400)."""
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and low <= int(text) <= high):
        raise Refusal("bad_request")
    return int(text)
