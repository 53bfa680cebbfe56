"""What do login and registration send? A name and a password, as a form or as JSON."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from flask import redirect, request
from werkzeug.wrappers import Response

from ..errors import Refusal, answer_error


class Credentials(msgspec.Struct):
    username: str
    password: str


def read_credentials() -> Credentials:
    """Return what was sent. A field that a form leaves out is empty. Raises Refusal (400, 413)."""
    if not request.is_json:
        return Credentials(request.form.get("username", ""), request.form.get("password", ""))
    try:
        return msgspec.json.decode(request.get_data(), type=Credentials)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Refusal("bad_request") from None


def answer_refusal(page: str, username: str, refusal: Refusal) -> Response:
    """Send a form back to its page, which says in words what is wrong; a program gets JSON."""
    if request.is_json:
        return answer_error(refusal.code, refusal.status, refusal.retry_after)
    query = {"error": refusal.code}
    if username:
        query["username"] = username[:50]
    return redirect(f"{page}?{urlencode(query)}")
