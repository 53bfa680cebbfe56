"""What a person, a file and the disk may take is said before the first byte comes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from chat_db.file_records import COMPLETE, OPEN
from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.tus import TUS, begin, begun, piece_begun, send_piece, states, upload
from tests.support.waiting import wait_until


@pytest.fixture
def small(own_stack: StackMaker) -> Stack:
    settings = {"MAX_FILE_BYTES": "200000", "MAX_USER_BYTES": "300000", "MAX_OPEN_UPLOADS": "2"}
    return own_stack(**settings, FILES_SWEEP_SECONDS="1")


@pytest.fixture
def small_ada(small: Stack) -> tuple[Person, int]:
    people = People(small)
    ada = people.register("ada")
    return ada, people.chat_between(ada, people.register("bob"))


def test_each_limit_has_its_answer(small: Stack, small_ada: tuple[Person, int]) -> None:
    ada, chat = small_ada
    large = begin(ada, chat, 200_001)
    assert (large.status, large.json()["code"]) == (413, "file_too_large")
    first = upload(ada, chat, b"x" * 200_000)
    over = begin(ada, chat, 100_001)
    assert (over.status, over.json()["code"]) == (413, "quota_full")
    second = begun(ada, chat, 1)  # counts 64 KiB
    assert begin(ada, chat, 1).json()["code"] == "quota_full"
    for path in (first, second):
        assert ada.http.request("DELETE", path, None, TUS).status == 204
    wait_until(lambda: not states(small))
    assert not list((small.web.folder / "files").glob("??/*"))
    paths = [begun(ada, chat, 10) for _ in range(2)]
    third = begin(ada, chat, 10)
    assert (third.status, third.json()["code"]) == (409, "too_many_uploads")
    assert send_piece(ada, paths[0], 0, b"x" * 10).status == 204
    assert begin(ada, chat, 10).status == 201
    assert states(small) == [COMPLETE, OPEN, OPEN]


def test_a_user_begins_only_so_many_in_a_time(own_stack: StackMaker) -> None:
    stack = own_stack(limits=True, LIMIT_UPLOADS="2/minute")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    answers = [begin(ada, chat, 10) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 429]
    assert begin(bob, chat, 10).status == 201
    assert send_piece(ada, str(answers[0].location), 0, b"x" * 10).status == 204
    assert ada.http.post_json("/backend/e_privacy", {}).status == 200


def test_the_reserve_of_the_disk_stays_free(own_stack: StackMaker, tmp_path: Path) -> None:
    """Open uploads count as if all of them had come. (Not one byte of them does.)"""
    disk = os.statvfs(tmp_path)
    tenth = disk.f_bavail * disk.f_frsize // 10
    limits = {"MAX_FILE_BYTES": str(2**49), "MAX_USER_BYTES": str(2**50)}
    stack = own_stack(**limits, FILES_RESERVE_BYTES=str(2 * tenth))
    people = People(stack)
    ada = people.register("ada")
    chat = people.chat_between(ada, people.register("bob"))
    assert begin(ada, chat, 6 * tenth).status == 201
    full = begin(ada, chat, 4 * tenth)
    assert (full.status, full.json()["code"]) == (507, "disk_full")
    assert begin(ada, chat, tenth).status == 201
    assert states(stack) == [OPEN, OPEN]


def test_a_user_sends_three_pieces_at_a_time(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    paths = [begun(ada, chat, 100_000) for _ in range(4)]
    with contextlib.ExitStack() as connections:
        lines = ("Content-Length: 100000", "Expect: 100-continue")
        sending = [connections.enter_context(piece_begun(stack, ada, path, *lines)) for path in paths[:3]]
        for connection in sending:
            assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        fourth = send_piece(ada, paths[3], 0, b"x")
        assert (fourth.status, fourth.json()["code"], fourth.headers["Retry-After"]) == (429, "rate_limited", "1")
        assert send_piece(bob, begun(bob, chat, 1), 0, b"x").status == 204
        sending[0].sendall(b"x" * 100_000)
        assert sending[0].recv(1000).startswith(b"HTTP/1.1 204 ")
        assert send_piece(ada, paths[3], 0, b"x").status == 204
