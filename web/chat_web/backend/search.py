"""POST search: which of one's messages contain a text? POST, since an address with the words would get into logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import gevent
import msgspec
from flask import Blueprint
from gevent.lock import BoundedSemaphore
from msgspec import UNSET, UnsetType

from chat_db.chats import find_chat_state
from chat_db.folding import fold
from chat_db.pages import PAGE_BYTES, fit
from chat_db.search import (
    SLICE,
    Place,
    Searched,
    find_matches,
    find_moment,
    left_behind,
    list_searched,
    read_found,
    read_slice,
)
from chat_db.texts import WHITE_SPACE
from chat_db.tokens import Login

from .. import rates
from ..answers import Answer, FoundMessages
from ..config import current_database, current_ring
from ..refusals import Refusal
from ..turns import PATIENCE, Turns
from .endpoint import endpoint
from .fields import Id

blueprint = Blueprint("search", __name__)

MAX_WORDS = 200  # characters
MOST_FOUND = 50  # messages in one answer
MOST_SEARCHED = 20_000  # messages looked at in one request
FIRST_SLICE = 200  # messages, of which the pace is learned
SMALLEST_SLICE = 20  # messages: less is not worth a query
WORK_SECONDS = 0.2  # after which nothing more is looked at
MAX_NUMBER = 2**63 - 1

_turns = Turns(at_once=1, most_waiting=4)  # who types on waits for the search before
_process = BoundedSemaphore(1)

Cursor = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}_[0-9]{1,19}_[0-9]{1,10}$")]
Hit = tuple[int, int]  # chat, seq


class WantedText(msgspec.Struct):
    """A text, in one chat or in all. `before` is the `searched_to` of the answer before."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_WORDS)]
    chat_id: Id | UnsetType = UNSET
    before: Cursor | UnsetType = UNSET


@endpoint(blueprint, "POST", "search", "no_such_chat", count=rates.count_search, leads_to_page=False)
def search(login: Login, fields: WantedText) -> Answer[FoundMessages]:
    """Find messages that contain a text, whatever its case and accents. A request looks through 20,000 at most.

    50 are found at most, and 256 KiB. Chats come in the order of their last messages.
    """
    needle = fold(fields.q).strip(WHITE_SPACE)
    before = None if fields.before is UNSET else read_cursor(fields.before)
    if not needle:
        raise Refusal("bad_request")
    chat_id = None if fields.chat_id is UNSET else fields.chat_id
    with one_at_a_time(login.user_id):
        return Answer(look_through(login.user_id, needle, chat_id, before))


@contextmanager
def one_at_a_time(user_id: int) -> Iterator[None]:
    """Wait until this process is the user's to search. Raises Refusal (429)."""
    with _turns.held(user_id):
        if not _process.acquire(timeout=PATIENCE):
            raise Refusal("rate_limited", PATIENCE)
        try:
            yield
        finally:
            _process.release()


def read_cursor(text: str) -> Place:
    """Return the place that a cursor names. Raises Refusal. It only says where in one's own chats to go on."""
    place = Place(*map(int, text.split("_")))
    if max(place) > MAX_NUMBER or write_cursor(place) != text:
        raise Refusal("bad_request")
    return place


def write_cursor(place: Place) -> str:
    return "_".join(map(str, place))


def look_through(user_id: int, needle: str, chat_id: int | None, before: Place | None) -> FoundMessages:
    """Return what is found in the next slices of a user's chats. Raises Refusal."""
    database, ring = current_database(), current_ring()
    if chat_id is not None and database.run(find_chat_state, chat_id, user_id) is None:
        raise Refusal("no_such_chat")
    budget = Budget(time.monotonic)
    chats = database.run(list_searched, user_id, chat_id, before)
    if not chats:
        return FoundMessages([], None, more=False)
    hits, left = find_hits(user_id, needle, chats, budget)
    found = database.run(read_found, ring, user_id, chats, hits[:MOST_FOUND])
    messages, _ = fit(found, PAGE_BYTES)
    ids = {chat.chat_id: chat.last_id for chat in chats}
    began = chats[0].last_id if before is None else before.began
    place = None
    if len(messages) < len(found):
        place = Place(began, ids[messages[-1].chat_id], messages[-1].seq)
    elif len(hits) > MOST_FOUND:
        chat, seq = hits[MOST_FOUND - 1]
        place = Place(began, ids[chat], seq)
    elif left:
        place = Place(began, left[0].last_id, left[0].last_seq + 1)
    answer = FoundMessages(messages, place and write_cursor(place), more=place is not None)
    if chat_id is not None and place is not None:
        answer.searched_back_to = database.run(find_moment, chat_id, place.seq) or UNSET
    return answer


class Budget:
    """How much one request may still look at: MOST_SEARCHED messages, for WORK_SECONDS from now on.

    A query cannot be stopped half-way. So each asks for what can be read and looked at in the time that is left, at the
    pace of the last one: on a machine that is busy a slice is small.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = clock() + WORK_SECONDS
        self._began = clock()
        self._asked = 0
        self._left = MOST_SEARCHED

    def is_late(self) -> bool:
        return self._clock() >= self._end

    def next_slice(self) -> int:
        """Return of how many messages the next slice may be; 0 where this is the end."""
        now = self._clock()
        size = FIRST_SLICE
        if self._asked:
            pace = (now - self._began) / self._asked
            size = min(SLICE, int((self._end - now) / pace)) if pace else SLICE
        size = min(size, self._left)
        if self._asked and size < SMALLEST_SLICE:
            return 0
        self._began, self._asked = now, size
        self._left -= size
        return size


def find_hits(user_id: int, needle: str, chats: list[Searched], budget: Budget) -> tuple[list[Hit], list[Searched]]:
    """Look through some slices; return what contains the needle, and what is left of the chats.

    Texts are opened and compared in a thread, so that nobody else waits for that. Only rows are read here: a connection
    belongs to the loop that opened it.
    """
    database, ring = current_database(), current_ring()
    threads = gevent.get_hub().threadpool
    others = {chat.chat_id: chat.other_id for chat in chats}
    hits: list[Hit] = []
    while chats and len(hits) <= MOST_FOUND and (most := budget.next_slice()):
        rows, left = database.run(read_slice, user_id, chats, most)
        found, count = threads.apply(find_matches, (ring, rows, user_id, others, needle, budget.is_late))
        hits += found
        chats = left if count == len(rows) else left_behind(chats, rows[count - 1])
    return hits, chats
