"""How large may a request's body be? Small, and then it is read before anybody works on it; a file's piece is larger.

A piece of a file is read while the application takes it, after it has looked who sends it: what waits in memory is one
step of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import gevent

if TYPE_CHECKING:
    from .connections import Connection

MAX_BODY = 64 * 1024  # bytes of a request
MAX_PIECE = 16 * 2**20  # bytes of a request that brings a piece of a file
STEP = 65_536  # bytes that are read at once
STEP_SECONDS = 30  # in which each of them has to come
PIECES = re.compile(r"/backend/uploads/[0-9]{1,10}\Z")


class BodyCutOff(OSError):
    """The rest of a body does not come: its client has ended, or takes too long."""


def most_of(method: str, path: str) -> int:
    """Return how many bytes the body of a request may have."""
    return MAX_PIECE if is_piece(method, path) else MAX_BODY


def is_piece(method: str, path: str) -> bool:
    """Say whether a request is one that brings a piece of a file."""
    return method == "PATCH" and PIECES.match(path) is not None


class StreamedBody:
    """A body that is read when it is asked for. Until all of it has been read, its connection ends with the answer."""

    def __init__(self, request: Any, connection: Connection, length: int) -> None:
        self._request = request
        self._connection = connection
        self._left = length
        self._is_cut = False
        self._begun = request.unreader.take_buffered()  # came along with the header
        self._continues = request._expected_100_continue
        self._closed_anyway = request.must_close
        request._expected_100_continue = False
        request.force_close()

    @property
    def is_whole(self) -> bool:
        return self._left == 0

    def read(self, size: int = STEP) -> bytes:
        """Return `size` bytes, STEP at most, or what is left; fewer where no more will come.

        Raises BodyCutOff where nothing comes. Everybody else has a turn after each step.
        """
        wanted = min(size, STEP, self._left)
        if wanted <= 0:
            return b""
        data = b"" if self._is_cut else self._take(wanted)
        self._is_cut = len(data) < wanted
        if not data:
            self._connection.give_up()
            raise BodyCutOff
        self._left -= len(data)
        if self.is_whole:
            self._request.unreader.unread(self._begun)
            self._request.must_close = self._closed_anyway
        gevent.sleep(0)
        return data

    def _take(self, wanted: int) -> bytes:
        begun: bytes
        begun, self._begun = self._begun[:wanted], self._begun[wanted:]
        if len(begun) == wanted:
            return begun
        if self._continues:
            self._continues = False
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        step = bytearray(wanted)
        step[: len(begun)] = begun
        came = self._connection.receive(memoryview(step)[len(begun) :], STEP_SECONDS)
        del step[len(begun) + came :]
        return bytes(step)
