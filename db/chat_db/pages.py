"""How much fits into one answer? Every list of messages is bounded by the bytes of its JSON as well as by a number.

200 messages of 8,000 characters are 4.8 MB where each character takes three bytes, and whoever does not read keeps them
in the server's memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

Item = TypeVar("Item")

PAGE_BYTES = 256 * 1024

_encode = msgspec.json.Encoder().encode


def fit(items: list[Item], limit: int) -> tuple[list[Item], int]:
    """Return the first items whose JSON has at most `limit` bytes, one at least, and how many bytes it has."""
    size = len(_encode(items))
    if size <= limit:  # nearly always
        return items, size
    size = 2  # the brackets
    for count, item in enumerate(items):
        more = len(_encode(item)) + 1
        if count and size + more > limit:
            return items[:count], size
        size += more
    return items, size


def as_far_as_could_fit(lengths: Iterable[int], limit: int) -> int:
    """Return how many items, one at least, could fit that are stored in so many bytes each.

    Encrypted, a text takes 4 bytes for 3 of its own (base64), and in JSON it is at least as long as its own.
    """
    count, size = 0, 0
    for length in lengths:
        size += length * 3 // 4 - 30  # nonce, tag and base64's padding
        if count and size > limit:
            break
        count += 1
    return count
