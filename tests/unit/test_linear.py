"""Every reader of untrusted text takes time in proportion to its length."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest
from werkzeug.http import parse_accept_header

from chat_db.names import clean_name
from chat_db.settings import named_by_proxy
from chat_web.devices import describe
from chat_web.headers import TRUSTWORTHY
from chat_web.new_names import is_of_one_script
from chat_web.security import HOST
from chat_ws.protocol import clean_message, parse
from chat_ws.refusals import Refusal

LONG = 8_000
TIMES_LONGER = 16
# A linear reader takes 16 times as long, a quadratic one 256 times. Half-way between them is far from both: a busy
# machine makes a reading up to three times as slow.
ALLOWED_TIMES_SLOWER = 64
ALLOWED_MS = 3  # what takes no longer harms nobody, however it grows

WORST = {
    "blanks": " ",
    "blanks in words": "a ",
    "line ends": "\r\n",
    "combining marks": "a\u0301\u0323",
    "compatibility forms": "\ufdfa",
    "emoji": "😀\u200d",
    "brackets": "[{(",
    "quotes": '"',
    "backslashes": "\\",
    "points": "a.",
    "names of a proxy": "1.2.3.4, ",
    "languages": "en;q=0.1,",
    "browsers": "Chrome/1 Edg/",
    "digits": "9",
    "marks of two scripts": "\u30fc",
}


def read_message(text: str) -> object:
    try:
        return clean_message(text)
    except Refusal:
        return None


def read_frame(text: str) -> object:
    try:
        return parse(text)
    except Refusal:
        return None


READERS: dict[str, Callable[[str], object]] = {
    "a message": read_message,
    "a frame": read_frame,
    "a frame of nested lists": lambda text: read_frame("[" * len(text)),
    "a name": clean_name,
    "the scripts of a name": lambda text: is_of_one_script(f"{text}о"),
    "a browser's name": describe,
    "the addresses of a proxy": named_by_proxy,
    "a host": HOST.match,
    "a trustworthy host": TRUSTWORTHY.match,
    "languages": parse_accept_header,
}


def time_of(read: Callable[[str], object], text: str) -> float:
    """The shortest of nine readings, in milliseconds of this thread's processor time."""
    times = []
    gc.disable()  # a collection visits whatever the other tests left
    try:
        for _ in range(9):
            began = time.thread_time()
            read(text)
            times.append(1000 * (time.thread_time() - began))
    finally:
        gc.enable()
    return min(times)


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_as_the_length_does(reader: str) -> None:
    read = READERS[reader]
    for name, piece in WORST.items():
        for begin, end in (("", ""), ("a", "b")):
            long = begin + (piece * LONG)[: LONG - 2] + end
            short = begin + (piece * LONG)[: LONG // TIMES_LONGER - 2] + end
            times = time_of(read, short), time_of(read, long)
            assert times[1] < max(ALLOWED_TIMES_SLOWER * times[0], ALLOWED_MS), f"{name}: {times} ms"


def test_a_quadratic_reader_would_be_seen() -> None:
    def read(text: str) -> int:
        return sum(1 for _ in text[::32] for _ in text)

    short, long = time_of(read, "a" * (LONG // TIMES_LONGER)), time_of(read, "a" * LONG)
    assert long > max(ALLOWED_TIMES_SLOWER * short, ALLOWED_MS)
