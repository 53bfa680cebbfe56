"""How much fits into one answer? Every list of messages is bounded by the bytes of its JSON as well as by a number.

200 messages of 8,000 characters are 4.8 MB where each character takes three bytes, and whoever does not read keeps them
in the server's memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

Item = TypeVar("Item")

PAGE_BYTES = 256 * 1024

_encode = msgspec.json.Encoder().encode


class Page(Generic[Item]):
    """Items as long as their JSON fits: `size` bytes in all, at most the limit unless the first alone is longer."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.items: list[Item] = []
        self.size = 0

    def add(self, item: Item) -> bool:
        """Add an item if it fits or is the first; say whether."""
        size = len(_encode(item)) + 1  # and a comma
        if self.items and self.size + size > self.limit:
            return False
        self.items.append(item)
        self.size += size
        return True


def as_far_as_could_fit(lengths: Iterable[int], limit: int) -> int:
    """Return how many items, one at least, could fit that are stored in so many bytes each.

    Sealed, a text takes 4 bytes for 3 of its own (base64), and in JSON it is at least as long as its own.
    """
    count, size = 0, 0
    for length in lengths:
        size += length * 3 // 4 - 30  # nonce, tag and base64's padding
        if count and size > limit:
            break
        count += 1
    return count
