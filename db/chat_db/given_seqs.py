"""Which numbers has this process given out, and what is the last one of each active chat?"""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec

MAX_CHATS = 100_000
# Of one chat. A gap is what others have given out: a notice, or another process. What is sent again is of late.
MAX_RANGES = 8
# For so long a remembered `seq` counts as the last one of its chat. Messages that are purged are older: so no number is
# given out twice, and none below what another process has purged.
REMEMBERED_SECONDS = 600.0


class SeqRange(msgspec.Struct):
    """Numbers of one chat that this process has given out without a gap, and so has announced."""

    first: int
    last: int


class GivenInChat(msgspec.Struct):
    """What this process has given out in one chat: the latest ranges, in order, with a gap between each two."""

    ranges: list[SeqRange]
    at: float  # time.monotonic, of the last number
    is_latest: bool = True  # as far as is known, the last number is the chat's last one


class GivenSeqs:
    """The latest ranges of each chat; all are forgotten where there are too many chats."""

    def __init__(self) -> None:
        self._chats: dict[int, GivenInChat] = {}

    def add(self, chat_id: int, seq: int) -> None:
        """A message is in the table under this number."""
        given = self._chats.get(chat_id)
        if given is None:
            if len(self._chats) >= MAX_CHATS:
                self._chats.clear()
            self._chats[chat_id] = GivenInChat([SeqRange(seq, seq)], time.monotonic())
            return
        last = given.ranges[-1]
        if seq > last.last:
            given.at, given.is_latest = time.monotonic(), True
        if seq == last.last + 1:
            last.last = seq
        else:
            insert(given.ranges, seq)

    def last(self, chat_id: int, otherwise: int | None = None) -> int | None:
        """Return a chat's last `seq`, None where only the database knows it; `otherwise` where none was given out of
        late."""
        given = self._chats.get(chat_id)
        if given is None:
            return otherwise
        if not given.is_latest:
            return None
        return given.ranges[-1].last if time.monotonic() - given.at < REMEMBERED_SECONDS else otherwise

    def includes(self, chat_id: int, seq: int) -> bool:
        """Say whether a number is in one of a chat's latest ranges."""
        given = self._chats.get(chat_id)
        for each in reversed(given.ranges if given else ()):
            if each.first <= seq:
                return seq <= each.last
        return False

    def doubt(self, chat_ids: Iterable[int]) -> None:
        """There may be later numbers than those that were given out; these were announced all the same."""
        for chat_id in chat_ids:
            given = self._chats.get(chat_id)
            if given is not None:
                given.is_latest = False


def insert(ranges: list[SeqRange], seq: int) -> None:
    """Put a number into ranges, and forget the first one where they become too many."""
    place = len(ranges)
    while place and ranges[place - 1].first > seq:
        place -= 1
    before = ranges[place - 1] if place else None
    if before is not None and seq <= before.last + 1:
        before.last = max(before.last, seq)
    else:
        before = SeqRange(seq, seq)
        ranges.insert(place, before)
        place += 1
    if place < len(ranges) and ranges[place].first == before.last + 1:
        before.last = ranges.pop(place).last
    if len(ranges) > MAX_RANGES:
        del ranges[0]
