"""What does a request bring? Fields of a form, or of a JSON object; unknown ones are ignored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request

from chat_db import DatabaseUnavailable

from ..errors import RETRY_AFTER, FormRefusal, Refusal

MAX_ID = 2**32 - 1
Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_ID)]

Fields = TypeVar("Fields", bound=msgspec.Struct)


class Credentials(msgspec.Struct):
    username: str
    password: str
    invite: str = ""


def read_fields(kind: type[Fields]) -> Fields:
    """Return a request's fields as a typed structure. Raises Refusal (400, 413).

    A form's fields are text: `"12"` is a number there, and `"true"` a truth.
    """
    try:
        if request.is_json:
            return msgspec.json.decode(request.get_data(), type=kind)
        return msgspec.convert(request.form.to_dict(), kind, strict=False)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Refusal("bad_request") from None


def read_credentials() -> Credentials:
    """As read_fields; what a form leaves out is empty, so that its page can say which field is wrong."""
    if request.is_json:
        return read_fields(Credentials)
    form = request.form
    return Credentials(form.get("username", ""), form.get("password", ""), form.get("invite", ""))


@contextmanager
def refusals_go_to(page: str, username: str = "", **keep: str) -> Iterator[None]:
    """Send a form that is refused back to its page, which says in words what is wrong; a program gets JSON."""
    try:
        yield
    except (Refusal, DatabaseUnavailable) as error:
        refusal = error if isinstance(error, Refusal) else Refusal("unavailable", 503, RETRY_AFTER)
        if request.is_json:
            raise refusal from None
        query = {"error": refusal.reason or refusal.code, **keep}
        if username:
            query["username"] = username[:50]
        raise FormRefusal(f"{page}?{urlencode(query)}") from None
