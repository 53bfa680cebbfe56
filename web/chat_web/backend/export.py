"""POST export: a conversation as a ZIP, for people or for programs, sent while it is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, tzinfo
from itertools import chain
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from flask import Blueprint, Response, current_app, stream_with_context
from msgspec import UNSET, UnsetType

from chat_db import DatabaseUnavailable
from chat_db.file_chunks import DamagedFile
from chat_db.tokens import Login

from .. import rates
from ..config import current_database, current_ring, current_store
from ..connections import AnswerCutOff
from ..export.attachments import Attachments
from ..export.conversation import Conversation
from ..export.drawing import Words
from ..export.lines import as_lines
from ..export.pages import Pages
from ..i18n import current_language
from ..refusals import Refusal
from ..turns import Turns, hold_turn
from .endpoint import endpoint
from .fields import Id

log = logging.getLogger("chatapp.web")
blueprint = Blueprint("export", __name__)

_turns = Turns(at_once=1, most_waiting=1)

TimeZone = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_+/-]{1,64}\Z")]


class WantedExport(msgspec.Struct):
    """A chat, and as what: pages for people, or JSON Lines. `time_zone` (IANA's name) is that of the pages."""

    chat_id: Id
    format: Literal["html", "jsonl"]
    time_zone: TimeZone | UnsetType = UNSET


class Archive(Response):
    """A ZIP that is sent while it is made. What fails meanwhile cuts it off, before its directory."""

    def __init__(self, pieces: Iterator[bytes], name: str) -> None:
        super().__init__(pieces, mimetype="application/zip")
        self.headers.set("Content-Disposition", "attachment", filename=name)


@endpoint(
    blueprint,
    "POST",
    "export",
    "no_such_chat",
    headers={"Content-Disposition": "The name for the file."},
    count=rates.count_export,
    leads_to_page=False,
    answer=bytes,
    media="application/zip",
)
def export(login: Login, fields: WantedExport) -> Response:
    """Take a conversation along as a ZIP: a page a month and an index, which work from disk, or JSON Lines; and files.

    A user is sent one at a time.
    """
    chat = Conversation.find(current_database(), current_ring(), fields.chat_id, login.user_id)
    if chat is None:
        raise Refusal("no_such_chat")
    folder = f"ChatApp-{chat.readers.names[chat.readers.other_id] or chat.chat_id}"
    if fields.format == "jsonl":
        pieces = as_lines(chat, current_store(), folder)
    else:
        zone = UTC if fields.time_zone is UNSET else find_zone(fields.time_zone)
        words = Words(current_app.jinja_env, current_language(), zone)
        pieces = Pages(chat, Attachments(chat, current_store(), folder), words).pieces()
    hold_turn(_turns.take(login.user_id))
    first = next(pieces)  # what fails here is answered as a failure
    return Archive(stream_with_context(chain([first], to_the_end(pieces, chat.chat_id))), f"{folder}.zip")


def to_the_end(pieces: Iterator[bytes], chat_id: int) -> Iterator[bytes]:
    """Give the other pieces. Where the database goes away, or a file breaks, log it and end the connection."""
    try:
        yield from pieces
    except (DatabaseUnavailable, DamagedFile) as error:
        log.warning("event=export_cut_off chat=%d error=%r", chat_id, str(error))
        raise AnswerCutOff from None


def find_zone(name: str) -> tzinfo:
    """Return a time zone; UTC, which the pages then name, where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC
