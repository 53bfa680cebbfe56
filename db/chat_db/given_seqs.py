"""Which numbers has this process given out, and what is the last one of each active chat?"""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec

MAX_CHATS = 100_000
# For so long a remembered `seq` counts as the last one of its chat. Messages that are purged are older: so no number is
# given out twice, and none below what another process has purged.
REMEMBERED_SECONDS = 600.0


class SeqRange(msgspec.Struct):
    """Numbers of one chat that this process has given out without a gap, and so has announced."""

    first: int
    last: int
    at: float  # time.monotonic, of `last`
    is_latest: bool = True  # as far as is known, `last` is the chat's last one


class GivenSeqs:
    """The latest range of each chat; all are forgotten where there are too many."""

    def __init__(self) -> None:
        self._ranges: dict[int, SeqRange] = {}

    def add(self, chat_id: int, seq: int) -> None:
        """A message is in the table under this number."""
        given = self._ranges.get(chat_id)
        if given is not None and given.last + 1 == seq:
            given.last, given.at, given.is_latest = seq, time.monotonic(), True
            return
        if len(self._ranges) >= MAX_CHATS:
            self._ranges.clear()
        self._ranges[chat_id] = SeqRange(seq, seq, time.monotonic())

    def last(self, chat_id: int, otherwise: int | None = None) -> int | None:
        """Return a chat's last `seq`, None where only the database knows it; `otherwise` where none was given out of
        late."""
        given = self._ranges.get(chat_id)
        if given is None:
            return otherwise
        if not given.is_latest:
            return None
        return given.last if time.monotonic() - given.at < REMEMBERED_SECONDS else otherwise

    def includes(self, chat_id: int, seq: int) -> bool:
        """Say whether a number is in a chat's latest range."""
        given = self._ranges.get(chat_id)
        return given is not None and given.first <= seq <= given.last

    def doubt(self, chat_ids: Iterable[int]) -> None:
        """There may be later numbers than those that were given out; these were announced all the same."""
        for chat_id in chat_ids:
            given = self._ranges.get(chat_id)
            if given is not None:
                given.is_latest = False
