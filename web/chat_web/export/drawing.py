"""What does a page say of a message, and of a file that came with it?"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import NamedTuple
from urllib.parse import quote

from babel.dates import format_date
from babel.units import format_unit
from flask.templating import Environment

from chat_db.file_records import SharedFile
from chat_db.messages import Message

from ..file_names import clean_name
from ..file_types import INLINE
from .attachments import path_of

UNITS = ("digital-byte", "digital-kilobyte", "digital-megabyte", "digital-gigabyte")


class Words(NamedTuple):
    """How pages are written: with which templates, in which language and time zone."""

    templates: Environment
    language: str
    zone: tzinfo


class Dated(NamedTuple):
    """A message, when it was sent, and in which month that was, in the time zone of the pages."""

    message: Message
    at: datetime
    month: str


class DrawnFile(NamedTuple):
    """What the template is told of a file. `shows`: `image`, `video`, `audio`, or "" where it is a link only."""

    name: str
    href: str
    size: str
    shows: str


class Drawn(NamedTuple):
    """What the template is told of a message. `day`: the heading above it; `page`: where the one that it answers is."""

    message: Message
    time: str
    day: str | None
    page: str | None
    files: list[DrawnFile]


def draw(dated: Dated, before: date | None, page: str | None, language: str) -> Drawn:
    """Return how a message is drawn below one of the day `before`, or of the same day."""
    heading = None if dated.at.date() == before else format_date(dated.at, "full", language)
    files = [draw_file(file, language) for file in dated.message.files]
    return Drawn(dated.message, f"{dated.at:%H:%M}", heading, page, files)


def draw_file(file: SharedFile, language: str) -> DrawnFile:
    """Return how a file is drawn: pages and files lie beside each other."""
    shows = file.type.partition("/")[0] if file.type in INLINE else ""
    href = quote(path_of(file.id, file.name, file.type))
    return DrawnFile(clean_name(file.name), href, size_text(file.size, language), shows)


def size_text(size: int, language: str) -> str:
    """Return so many bytes in words: `1.2 MB`."""
    number, unit = float(size), 0
    while number >= 999.5 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    rounded = round(number, 1) if unit and number < 99.5 else round(number)
    return format_unit(rounded, UNITS[unit], length="short", locale=language)
