"""Which part of a file does a request want? One range of bytes, as RFC 9110 (14) has them."""

from __future__ import annotations

import re
from typing import NamedTuple

# More digits than any file has bytes; a longer number is none.
ONE_RANGE = re.compile(
    r"\A\s*bytes\s*=\s*(?:([0-9]{1,19})-([0-9]{1,19})?|-([0-9]{1,19}))\s*\Z", re.IGNORECASE | re.ASCII
)


class Span(NamedTuple):
    """Bytes from `start` to before `stop`."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """No byte of the file is in the range."""


def find_range(header: str | None, size: int) -> Span | None:
    """Return the bytes that a `Range` header wants of so many; None: all of them. Raises Unsatisfiable.

    Several ranges, other units and what is no range are answered with everything, as the RFC allows.
    """
    match = ONE_RANGE.match(header or "")
    if match is None:
        return None
    first, last, suffix = (None if digits is None else int(digits) for digits in match.groups())
    if suffix is not None:
        start, stop = max(0, size - suffix), size
    else:
        assert first is not None  # noqa: S101  # the pattern has one of the two
        if last is not None and last < first:
            return None
        start, stop = first, size if last is None else min(last + 1, size)
    if start >= stop:
        raise Unsatisfiable
    return Span(start, stop)
