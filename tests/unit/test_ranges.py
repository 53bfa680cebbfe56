"""Which bytes does a Range header want? Compared with Python's own slices."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, none, text

from chat_web.ranges import Unsatisfiable, find_range

numbers = integers(0, 40)


def taken(header: str, size: int) -> bytes | None:
    """Return what is sent of a file of so many bytes; None: no byte is in the range."""
    try:
        span = find_range(header, size)
    except Unsatisfiable:
        return None
    return bytes(range(size)) if span is None else bytes(range(size))[span.start : span.stop]


@given(numbers, numbers, numbers | none())
@settings(max_examples=300, deadline=None)
def test_a_range_is_a_slice(size: int, first: int, last: int | None) -> None:
    content = bytes(range(size))
    header = f"bytes={first}-" if last is None else f"bytes={first}-{last}"
    if last is not None and last < first:
        assert find_range(header, size) is None
    else:
        assert taken(header, size) == (content[first : None if last is None else last + 1] or None)


@given(numbers, numbers)
@settings(max_examples=100, deadline=None)
def test_a_suffix_is_a_slice_from_the_end(size: int, count: int) -> None:
    content = bytes(range(size))
    assert taken(f"bytes=-{count}", size) == (content[-count:] if count and size else None)


NO_RANGES = [
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=1-2,4-5",
    "bytes=0-0,",
    "bytes=5-2",
    "bytes=--1",
    "bytes=+1-2",
    "bytes=1_0-2_0",
    "bytes=1.5-2",
    "bytes=١-٢",
    "bytes=0x1-0x2",
    "bytes=1 - 2",
    "items=0-1",
    "bytes=0-1\nbytes=2-3",
    f"bytes={'9' * 5_000}-",
    f"bytes=-{'9' * 5_000}",
]


@pytest.mark.parametrize("header", NO_RANGES)
def test_what_is_no_single_range_is_answered_with_everything(header: str) -> None:
    assert find_range(header, 10) is None


def test_a_range_beyond_the_end_is_unsatisfiable_and_one_across_it_is_cut() -> None:
    assert find_range("bytes=9-9999999999999999999", 10) == (9, 10)
    for header in ("bytes=10-", "bytes=10-20", "bytes=9999999999999999999-", "bytes=-0"):
        with pytest.raises(Unsatisfiable):
            find_range(header, 10)


@given(text(max_size=30), integers(0, 10**12))
@settings(max_examples=300, deadline=None)
def test_no_header_makes_it_fail(header: str, size: int) -> None:
    for sent in (header, f"bytes={header}"):
        try:
            span = find_range(sent, size)
        except Unsatisfiable:
            continue
        assert span is None or 0 <= span.start < span.stop <= size
