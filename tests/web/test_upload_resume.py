"""An upload goes on after whatever stopped it, with any client of tus, and its bytes are the same."""

from __future__ import annotations

import contextlib
import hashlib
import io
import random
import threading
import time

import pytest
from tusclient.client import TusClient

from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.tus import UPLOADS, begun, bytes_of, file_of, offset_of, send_piece
from tests.support.waiting import wait_until

DATA = random.Random(3).randbytes(40 * 2**20)


@pytest.fixture
def own(own_stack: StackMaker) -> tuple[Stack, Person, int]:
    """A server that may be killed, and Ada's chat in it."""
    stack = own_stack()
    people = People(stack)
    ada = people.register("ada")
    return stack, ada, people.chat_between(ada, people.register("bob"))


def client_of(stack: Stack, person: Person) -> TusClient:
    return TusClient(f"{stack.web.url}{UPLOADS}", headers={"Cookie": f"session={person.http.cookies['session']}"})


def test_a_client_of_others_goes_on_after_each_kill_of_the_server(own: tuple[Stack, Person, int]) -> None:
    stack, ada, chat = own
    said = {"name": "film.bin", "chat_id": str(chat), "client_id": "film"}
    uploader = client_of(stack, ada).uploader(
        file_stream=io.BytesIO(DATA), chunk_size=1_000_003, metadata=said, retries=100, retry_delay=0.1
    )
    thread = threading.Thread(target=uploader.upload, daemon=True)
    thread.start()
    kills = 0
    for part in (1, 2, 3):
        mark = part * len(DATA) // 5
        wait_until(lambda mark=mark: (uploader.offset or 0) > mark, 30)  # type: ignore[misc]  # mypy infers no default
        kills += thread.is_alive()
        stack.web.kill()
        stack.web.start()
    thread.join(60)
    assert not thread.is_alive()
    assert kills == 3
    assert uploader.url is not None
    path = uploader.url.removeprefix(stack.web.url)
    found = bytes_of(stack, file_of(stack, ada, path))
    assert hashlib.sha256(found).digest() == hashlib.sha256(DATA).digest()


def test_a_kill_in_the_middle_of_a_piece_costs_only_what_was_not_written(
    own: tuple[Stack, Person, int],
) -> None:
    stack, ada, chat = own
    path = begun(ada, chat, len(DATA))
    assert send_piece(ada, path, 0, DATA[:1_234_567]).status == 204
    slow = threading.Thread(target=send_slowly, args=(ada, path), daemon=True)
    slow.start()
    wait_until(lambda: offset_of(ada, path) > 2_000_000)
    stack.web.kill()
    stack.web.start()
    slow.join(10)
    offset = offset_of(ada, path)
    assert offset >= 1_234_567
    while offset < len(DATA):
        piece = DATA[offset : offset + 16 * 2**20]
        assert send_piece(ada, path, offset, piece).status == 204
        offset += len(piece)
    assert bytes_of(stack, file_of(stack, ada, path)) == DATA


class Slowly(io.BytesIO):
    """A body that the client takes its time with."""

    def read(self, size: int | None = -1) -> bytes:
        time.sleep(0.001)
        return super().read(20_000 if size is None or size < 0 else min(size, 20_000))


def send_slowly(person: Person, path: str) -> None:
    piece = DATA[1_234_567 : 1_234_567 + 16 * 2**20]
    with contextlib.suppress(OSError):
        send_piece(person, path, 1_234_567, Slowly(piece), {"Content-Length": str(len(piece))})  # type: ignore[arg-type]  # http.client reads it
