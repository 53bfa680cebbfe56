"""A conversation for people: a page for each month and an index, which need neither a network nor script."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from babel.dates import format_date, format_datetime
from flask.templating import Environment

from chat_db.messages import Message

from .conversation import Conversation
from .zip_stream import ZipStream

MOST_ON_PAGE = 5_000  # messages; a month with more has several pages
TOGETHER = 50  # messages that are drawn at once: a template takes as long to begin as for several of them
INDEX = "index.html"


@dataclass
class Page:
    """A page that was written: messages from `first_seq` on."""

    name: str
    title: str
    first_seq: int
    count: int = 0


class Dated(NamedTuple):
    """A message, when it was sent, and in which month that was, in the time zone of the pages."""

    message: Message
    at: datetime
    month: str


class Drawn(NamedTuple):
    """What the template is told of a message. `day`: the heading above it; `page`: where the one that it answers is."""

    message: Message
    time: str
    day: str | None
    page: str | None


class Ahead:
    """Messages with their dates, and a look at the next one."""

    def __init__(self, messages: Iterator[Message], zone: tzinfo) -> None:
        self._messages = messages
        self._zone = zone
        self.next = self._read()

    def take(self) -> Dated:
        dated = self.next
        assert dated is not None  # noqa: S101  # whoever takes has looked
        self.next = self._read()
        return dated

    def is_in(self, month: str) -> bool:
        return self.next is not None and self.next.month == month

    def _read(self) -> Dated | None:
        message = next(self._messages, None)
        if message is None:
            return None
        at = datetime.fromisoformat(message.sent_at).astimezone(self._zone)
        return Dated(message, at, f"{at:%Y-%m}")


class Pages:
    """The pages of one chat in a language and a time zone. What it keeps grows with their number only."""

    def __init__(self, chat: Conversation, folder: str, templates: Environment, language: str, zone: tzinfo) -> None:
        self._chat = chat
        self._folder = folder
        self._templates = templates
        self._language = language
        self._zone = zone
        self._pages: list[Page] = []
        self._of_month: dict[str, int] = {}  # how many pages each has

    def pieces(self) -> Iterator[bytes]:
        """Give the pieces of the ZIP."""
        zip_stream = ZipStream()
        ahead = Ahead(self._chat.messages(), self._zone)
        while ahead.next is not None:
            page = self._begin(ahead.next)
            yield from zip_stream.add(f"{self._folder}/{page.name}", self._page(page, ahead))
        yield from zip_stream.add(f"{self._folder}/{INDEX}", [self._index()])
        yield zip_stream.end()

    def _begin(self, first: Dated) -> Page:
        name = self._next_name(first)
        number = self._of_month[first.month] = self._of_month.get(first.month, 0) + 1
        title = format_date(first.at, "LLLL y", self._language)
        page = Page(name, title if number == 1 else f"{title} ({number})", first.message.seq)
        self._pages.append(page)
        return page

    def _next_name(self, first: Dated) -> str:
        number = self._of_month.get(first.month, 0) + 1
        return f"{first.month}.html" if number == 1 else f"{first.month}-{number}.html"

    def _page(self, page: Page, ahead: Ahead) -> Iterator[str]:
        """Give a page in parts: its beginning, its messages, its end."""
        month = ahead.next.month if ahead.next else ""
        before = self._pages[-2].name if len(self._pages) > 1 else None
        yield self._render("top", page=page, before=before)
        day: date | None = None
        while ahead.is_in(month) and page.count < MOST_ON_PAGE:
            drawn: list[Drawn] = []
            while ahead.is_in(month) and page.count < MOST_ON_PAGE and len(drawn) < TOGETHER:
                dated = ahead.take()
                drawn.append(self._draw(dated, day))
                day = dated.at.date()
                page.count += 1
            yield self._render("messages", messages=drawn)
        yield self._render("end", before=before, after=ahead.next and self._next_name(ahead.next))

    def _draw(self, dated: Dated, day: date | None) -> Drawn:
        """Return how a message is drawn below one of another `day`, or of the same."""
        heading = None if dated.at.date() == day else format_date(dated.at, "full", self._language)
        answered = dated.message.reply_to
        page = None
        if answered is not None and not answered.gone:
            page = self._pages[bisect_right(self._pages, answered.seq, key=lambda page: page.first_seq) - 1].name
        return Drawn(dated.message, f"{dated.at:%H:%M}", heading, page)

    def _index(self) -> str:
        now = format_datetime(datetime.now(self._zone), "long", locale=self._language)
        return self._render("index", pages=self._pages, now=now)

    def _render(self, part: str, **values: Any) -> str:
        readers = self._chat.readers
        template = self._templates.get_template(f"export/{part}.html")
        names = {"names": readers.names, "own_id": readers.reader_id, "other": readers.names[readers.other_id]}
        return template.render(index=INDEX, zone=str(self._zone), **names, **values)
