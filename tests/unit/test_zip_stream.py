"""A ZIP is sent while it is made, and nothing of it is kept."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator

import pytest

from chat_web.export.zip_stream import PIECE, ZipStream

PART = 10_000  # characters


class Parts:
    """Texts that cannot be compressed much, made when they are wanted."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._random = random.Random(1)
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        for _ in range(self._count):
            self.taken += 1
            yield self._random.randbytes(PART // 2).hex()


@pytest.mark.parametrize("may_be_large", [False, True])
def test_pieces_come_while_their_file_is_made(may_be_large: bool) -> None:
    parts = Parts(500)
    zip_stream = ZipStream()
    pieces = []
    for piece in zip_stream.add("a.txt", parts, may_be_large=may_be_large):
        pieces.append(piece)
        # Some waits in the compression, which never keeps more than a few of them.
        assert parts.taken * PART // 2 - sum(map(len, pieces)) < 4 * PIECE
    assert max(map(len, pieces)) < 3 * PIECE
    pieces += zip_stream.add("ü/b.txt", ["two ", "parts"])
    pieces.append(zip_stream.end())
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as packed:
        assert packed.testzip() is None
        assert packed.read("a.txt").decode() == "".join(Parts(500))
        assert packed.read("ü/b.txt") == b"two parts"
