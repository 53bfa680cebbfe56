"""How does a test talk WebSocket? A blocking client in which every wait has a deadline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

DEADLINE = 10  # seconds; only a failure takes so long

Frame = dict[str, Any]


class Socket:
    """One WebSocket connection, not yet authenticated. Frames are dictionaries.

    `presence` frames come whenever somebody comes or goes, so `expect` passes over them unless told
    otherwise; `receive` gives every frame as it comes.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, **options: Any) -> None:
        self._open = ExitStack()  # websockets 17 gives a connection as a context only
        self.connection: ClientConnection = self._open.enter_context(
            connect(
                url,
                additional_headers=dict(headers or {}),
                open_timeout=DEADLINE,
                close_timeout=DEADLINE,
                compression=None,
                max_size=None,
                max_queue=None,  # else it stops reading after 16 frames, and closing waits for nothing
                **options,
            )
        )

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, type: str, **fields: object) -> None:  # noqa: A002  # the frame's own word
        """Send one frame: send("ping"), send("send_message", chat_id=1, message="hi")."""
        self.connection.send(json.dumps({"type": type, **fields}))

    def send_raw(self, data: str | bytes) -> None:
        """Send any text (str) or binary (bytes) frame as it is."""
        self.connection.send(data)

    def receive(self, deadline: float = DEADLINE) -> Frame:
        """Return the next frame. Raises TimeoutError, or ConnectionClosed with the code in `.rcvd.code`."""
        frame: Frame = json.loads(self.connection.recv(timeout=deadline))
        return frame

    def expect(
        self,
        type: str,  # noqa: A002
        *,
        passing_over: tuple[str, ...] = ("presence",),
        deadline: float = DEADLINE,
    ) -> Frame:
        """Return the next frame and assert its type; frames of `passing_over` types are dropped before it."""
        passed = tuple(kind for kind in passing_over if kind != type)
        while (frame := self.receive(deadline))["type"] in passed:
            pass
        assert frame["type"] == type, f"expected {type}, got {frame}"
        return frame

    def wait_for(self, type: str, deadline: float = DEADLINE, **fields: object) -> Frame:  # noqa: A002
        """Return the next frame of this type with these fields, whatever comes before it."""
        while True:
            frame = self.receive(deadline)
            if frame["type"] == type and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    def until_pong(self, deadline: float = DEADLINE) -> list[Frame]:
        """Send `ping` and return the frames that came before its `pong`, without presence.

        [] shows that nothing was queued for this socket before the ping was read. After something done on
        *another* socket, wait for that one's answer first.
        """
        self.send("ping")
        frames = []
        while (frame := self.receive(deadline))["type"] != "pong":
            frames.append(frame)
        return [frame for frame in frames if frame["type"] != "presence"]

    def wait_closed(self, deadline: float = DEADLINE) -> int:
        """Read until the server closes; return the close code (1006: it went without one)."""
        try:
            while True:
                self.connection.recv(timeout=deadline)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def close(self) -> None:
        self._open.close()
