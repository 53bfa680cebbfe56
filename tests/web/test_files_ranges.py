"""Which bytes of a file are sent, in how many pieces a client may ask for them, and what a copy of it is worth."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import integers, none

from chat_db.file_chunks import CHUNK
from stack import Stack
from tests.support.file_samples import INLINE
from tests.support.http import Answer
from tests.support.people import Person
from tests.support.shared_files import share, upload

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77)
LONG = random.Random(12).randbytes(SIZES[-1])


def send(stack: Stack, chat: int, sender: Person, content: bytes) -> str:
    file = upload(stack, chat, sender, content)
    share(chat, sender, file)
    return f"/files/{file.id}"


def ask(person: Person, path: str, wanted: str, **more: str) -> Answer:
    return person.http.get(path, headers={"Range": wanted, **more})


def test_a_whole_file_comes_as_it_was_sent(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    for size in SIZES:
        path = send(stack, chat, ada, LONG[:size])
        answer = bob.http.get(path)
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(size))
        assert answer.body == LONG[:size]
        head = bob.http.request("HEAD", path, headers={"Range": "bytes=0-0"})
        assert (head.status, head.body) == (200, b"")
        own = ("Content-Length", "Content-Type", "Content-Disposition", "ETag", "Cache-Control", "Accept-Ranges")
        assert [head.headers[name] for name in own] == [answer.headers[name] for name in own]


def test_a_range_is_a_slice(stack: Stack, ada: Person, chat: int) -> None:
    path = send(stack, chat, ada, LONG)
    size = len(LONG)

    @given(integers(0, size + 5), integers(0, size + 5) | none())
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @example(0, 0)
    @example(CHUNK - 1, CHUNK)
    @example(CHUNK, 2 * CHUNK - 1)
    @example(size - 1, None)
    @example(size, None)
    def check(first: int, last: int | None) -> None:
        answer = ask(ada, path, f"bytes={first}-{'' if last is None else last}")
        wanted = LONG[first : None if last is None else last + 1]
        if last is not None and last < first:
            assert (answer.status, answer.body) == (200, LONG)
        elif not wanted:
            assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
        else:
            assert (answer.status, answer.body) == (206, wanted)
            assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{size}"
            assert answer.headers["Content-Length"] == str(len(wanted))

    check()


def test_several_ranges_and_none_are_answered_with_everything(stack: Stack, ada: Person, chat: int) -> None:
    path = send(stack, chat, ada, LONG)
    for wanted in ("bytes=0-1,5-6", "bytes=5-2", "items=0-1", "bytes=", "bytes=a-b"):
        answer = ask(ada, path, wanted)
        assert (answer.status, answer.body == LONG, answer.headers["Content-Range"]) == (200, True, None), wanted
    assert ask(ada, path, "bytes=-100").body == LONG[-100:]
    empty = send(stack, chat, ada, b"")
    for wanted in ("bytes=0-", "bytes=0-0", "bytes=-1"):
        answer = ask(ada, empty, wanted)
        assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */0")


def test_a_part_goes_on_where_it_is_a_part_of_this_file(stack: Stack, ada: Person, chat: int) -> None:
    """Whoever holds the beginning of another one gets all of it (If-Range)."""
    path, other = send(stack, chat, ada, LONG), send(stack, chat, ada, LONG)
    tags = [ada.http.get(one).headers["ETag"] for one in (path, other)]
    assert tags[0] != tags[1]
    answer = ask(ada, path, "bytes=5-", **{"If-Range": tags[0]})
    assert (answer.status, answer.body, answer.headers["ETag"]) == (206, LONG[5:], tags[0])
    for condition in (tags[1], f"W/{tags[0]}", "Tue, 24 Nov 2026 09:31:00 GMT", "*", ""):
        answer = ask(ada, path, "bytes=5-", **{"If-Range": condition})
        assert (answer.status, answer.body == LONG) == (200, True), condition


def test_a_copy_is_good_for_whoever_may_still_see_the_file(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    file = upload(stack, chat, ada, INLINE["image/png"])
    message = share(chat, ada, file)
    path = f"/files/{file.id}"
    tag = bob.http.get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = bob.http.get(path, headers={"If-None-Match": known, "Range": "bytes=0-0"})
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag), known
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert eve.http.get(path, headers={"If-None-Match": known}).status == 404
    assert bob.http.get(path, headers={"If-None-Match": '"x"'}).status == 200
    stack.database.query("UPDATE messages SET deleted_at = NOW(3) WHERE id = %s", message)
    assert bob.http.get(path, headers={"If-None-Match": tag}).status == 404
    bob.http.post_form("/logout")
    assert bob.http.get(path, headers={"If-None-Match": tag}).status == 401
