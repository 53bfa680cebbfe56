"""What does the server say of a message now? A block reaches ws-server a moment after it was made."""

from __future__ import annotations

import time

from tests.support.socket import Frame, Socket


def answer_to(socket: Socket, chat: int, text: str) -> Frame:
    """Send a message and return what the server says of it."""
    socket.send("send_message", chat_id=chat, message=text, client_id=f"{time.monotonic_ns()}")
    while (frame := socket.receive())["type"] not in ("message_sent", "error"):
        pass
    return frame


def wait_for_answer(socket: Socket, chat: int, kind: str) -> None:
    """What is blocked on a page reaches ws-server within a fraction of a second."""
    end = time.monotonic() + 3
    while answer_to(socket, chat, "probe")["type"] != kind:
        assert time.monotonic() < end, f"no {kind} in 3 s"
