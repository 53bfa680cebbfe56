"""What is sent of a file whose bytes are not those that were stored? Nothing that is wrong, and a word in the log."""

from __future__ import annotations

import http.client
import random
from collections.abc import Callable

import pytest

from chat_db.file_chunks import CHUNK, OVERHEAD
from stack import Stack
from tests.support.files import path_of
from tests.support.people import Person
from tests.support.shared_files import change_bytes, share, upload, write_bytes

STORED = CHUNK + OVERHEAD
CONTENT = random.Random(12).randbytes(4 * CHUNK + 77)


def fetch(person: Person, path: str, wanted: str = "bytes=0-") -> tuple[int, bytes, bool]:
    """Return an answer's status, its body as far as it came, and whether all of it came."""
    try:
        answer = person.http.get(path, headers={"Range": wanted})
    except http.client.IncompleteRead as error:
        return 206, error.partial, False
    return answer.status, answer.body, True


def swap_chunks(stored: bytearray) -> None:
    stored[STORED : 3 * STORED] = stored[2 * STORED : 3 * STORED] + stored[STORED : 2 * STORED]


def flip(place: int) -> Callable[[bytearray], object]:
    def change(stored: bytearray) -> None:
        stored[place] ^= 1

    return change


LATER: dict[str, tuple[Callable[[bytearray], object], int]] = {
    "a bit of a chunk": (flip(2 * STORED + 100), 2),
    "a nonce": (flip(STORED), 1),
    "a tag": (flip(4 * STORED - 1), 3),
    "the last chunk": (flip(4 * STORED + 20), 4),
    "chunks in another order": (swap_chunks, 1),
    "a chunk twice": (lambda stored: stored.__setitem__(slice(STORED, 2 * STORED), stored[:STORED]), 1),
}


@pytest.mark.parametrize(("change", "whole"), LATER.values(), ids=LATER.keys())
def test_a_damaged_chunk_ends_the_connection_before_any_wrong_byte(
    stack: Stack, ada: Person, chat: int, change: Callable[[bytearray], object], whole: int
) -> None:
    file = upload(stack, chat, ada, CONTENT)
    share(chat, ada, file)
    path = f"/files/{file.id}"
    change_bytes(path_of(stack, file), change)
    for _ in range(2):
        assert fetch(ada, path) == (206, CONTENT[: whole * CHUNK], False)
        assert fetch(ada, path, f"bytes=5-{whole * CHUNK - 1}") == (206, CONTENT[5 : whole * CHUNK], True)
        assert fetch(ada, path, f"bytes={whole * CHUNK}-{whole * CHUNK}")[0] == 404
    log = stack.web.log.read_text()
    assert log.count(f"event=damaged_file file={file.id} ") == 1
    assert "Traceback" not in log


WHOLLY: dict[str, Callable[[bytearray], object]] = {
    "its first byte": flip(0),
    "a byte more": lambda stored: stored.append(0),
    "a byte less": lambda stored: stored.pop(),
    "a chunk less": lambda stored: stored.__delitem__(slice(STORED, 2 * STORED)),
    "nothing": lambda stored: stored.clear(),
}


@pytest.mark.parametrize("change", WHOLLY.values(), ids=WHOLLY.keys())
def test_what_is_wrong_from_its_beginning_is_not_there(
    stack: Stack, ada: Person, chat: int, change: Callable[[bytearray], object]
) -> None:
    file = upload(stack, chat, ada, CONTENT)
    share(chat, ada, file)
    change_bytes(path_of(stack, file), change)
    for _ in range(2):
        answer = ada.http.get(f"/files/{file.id}")
        assert (answer.status, answer.json()["code"]) == (404, "no_such_file")
        assert ada.http.request("HEAD", f"/files/{file.id}").status == 404
    assert stack.web.log.read_text().count(f"event=damaged_file file={file.id} ") == 1


def test_a_file_in_the_place_of_another_does_not_open(stack: Stack, ada: Person, chat: int) -> None:
    """Nor does one under its own key that was sealed for another place."""
    one, other = upload(stack, chat, ada, CONTENT), upload(stack, chat, ada, CONTENT)
    share(chat, ada, one, other)
    path_of(stack, one).write_bytes(path_of(stack, other).read_bytes())
    assert ada.http.get(f"/files/{one.id}").status == 404
    write_bytes(path_of(stack, one), other._replace(key=one.key), CONTENT)
    assert ada.http.get(f"/files/{one.id}").status == 404
    path_of(stack, one).unlink()
    assert ada.http.get(f"/files/{one.id}").status == 404
    assert ada.http.get(f"/files/{other.id}").body == CONTENT


def test_no_byte_of_a_file_lies_plain_on_the_disk(stack: Stack, ada: Person, chat: int) -> None:
    file = upload(stack, chat, ada, b"plain text " * 10_000)
    stored = path_of(stack, file).read_bytes()
    assert b"plain" not in stored
