"""How many pieces of files does one user send at a time? A few; the next one is refused, and comes a little later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ..refusals import Refusal

MOST = 3  # of one user, in this process
PATIENCE = 1  # seconds until it is worth trying again

_sending: Counter[int] = Counter()


@contextmanager
def one_piece_more(user_id: int) -> Iterator[None]:
    """Count a piece of a user's while it comes. Raises Refusal (429)."""
    if _sending[user_id] >= MOST:
        raise Refusal("rate_limited", PATIENCE)
    _sending[user_id] += 1
    try:
        yield
    finally:
        _sending[user_id] -= 1
        if not _sending[user_id]:
            del _sending[user_id]
