"""A conversation for people: a page for each month, the files and an index, which need neither a network nor script."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from babel.dates import format_date, format_datetime

from chat_db.messages import Message

from .attachments import Attachments, ids_of
from .conversation import Conversation
from .drawing import Dated, Drawn, Words, draw, size_text
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
    """The pages of one chat in a language and a time zone. What it keeps grows with the numbers of pages and files."""

    def __init__(self, chat: Conversation, attachments: Attachments, words: Words) -> None:
        self._chat = chat
        self._attachments = attachments
        self._folder = attachments.folder
        self._templates, self._language, self._zone = words
        self._pages: list[Page] = []
        self._of_month: dict[str, int] = {}  # how many pages each has

    def pieces(self) -> Iterator[bytes]:
        """Give the pieces of the ZIP: the pages, the files, and an index of what is there."""
        zip_stream = ZipStream()
        ids = array("I")
        ahead = Ahead(ids_of(self._chat.messages(), ids), self._zone)
        while ahead.next is not None:
            page = self._begin(ahead.next)
            yield from zip_stream.add(f"{self._folder}/{page.name}", self._page(page, ahead))
        yield from self._attachments.pieces(zip_stream, ids)
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
                drawn.append(draw(dated, day, self._page_of_answered(dated.message), self._language))
                day = dated.at.date()
                page.count += 1
            yield self._render("messages", messages=drawn)
        yield self._render("end", before=before, after=ahead.next and self._next_name(ahead.next))

    def _page_of_answered(self, message: Message) -> str | None:
        """Return on which page the message is that a message answers."""
        answered = message.reply_to
        if answered is None or answered.gone:
            return None
        return self._pages[bisect_right(self._pages, answered.seq, key=lambda page: page.first_seq) - 1].name

    def _index(self) -> str:
        now = format_datetime(datetime.now(self._zone), "long", locale=self._language)
        size = size_text(self._attachments.size, self._language)
        return self._render("index", pages=self._pages, now=now, files=self._attachments, size=size)

    def _render(self, part: str, **values: Any) -> str:
        readers = self._chat.readers
        template = self._templates.get_template(f"export/{part}.html")
        names = {"names": readers.names, "own_id": readers.reader_id, "other": readers.names[readers.other_id]}
        return template.render(index=INDEX, zone=str(self._zone), **names, **values)
