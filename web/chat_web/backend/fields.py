"""What does a request bring? Fields of a query, of a form, or of a JSON object; unknown ones are ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request

from chat_db import DatabaseUnavailable
from chat_db.ids import MAX_ID
from chat_db.names import MAX_NAME

from ..refusals import RETRY_AFTER, FormRefusal, Refusal

Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_ID)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=MAX_ID)]

Fields = TypeVar("Fields", bound=msgspec.Struct)


class Credentials(msgspec.Struct):
    username: str
    password: str


def read_query(kind: type[Fields]) -> Fields:
    """Return the fields of an address as a typed structure. Raises Refusal (`bad_request`)."""
    return _from_text(request.args, kind)


def read_fields(kind: type[Fields]) -> Fields:
    """Return the fields of a body as a typed structure. Raises Refusal (`bad_request`, `too_large`).

    What a form leaves out is empty, so that its page can say which field is wrong.
    """
    if not request.is_json:
        needed = (field.encode_name for field in msgspec.structs.fields(kind) if field.required)
        return _from_text(dict.fromkeys(needed, "") | request.form.to_dict(), kind)
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise Refusal("bad_request") from None


def _from_text(texts: Mapping[str, str], kind: type[Fields]) -> Fields:
    """`"12"` is a number here, and `"true"` a truth; a number is its decimal digits and nothing else."""
    try:
        fields = msgspec.convert(dict(texts), kind, strict=False)
    except (msgspec.MsgspecError, UnicodeError):
        raise Refusal("bad_request") from None
    for name, value in msgspec.structs.asdict(fields).items():
        if type(value) is int and name in texts and texts[name] != str(value):  # msgspec also takes 12.0 and 1e3
            raise Refusal("bad_request")
    return fields


@contextmanager
def refusals_go_to(page: str, username: str = "", **keep: str) -> Iterator[None]:
    """Send a form that is refused back to its page, which says in words what is wrong; a program gets JSON."""
    try:
        yield
    except (Refusal, DatabaseUnavailable) as error:
        refusal = error if isinstance(error, Refusal) else Refusal("unavailable", RETRY_AFTER)
        if request.is_json:
            raise refusal from None
        query = {"error": refusal.reason or refusal.code, **keep}
        if username:
            query["username"] = username[:MAX_NAME]
        raise FormRefusal(f"{page}?{urlencode(query)}") from None
