"""What becomes of a frame that fails where it arrives?"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

from chat_db.tokens import Login
from chat_ws.client import Client, ClientContext
from chat_ws.limits import Buckets
from chat_ws.protocol import SendMessage
from chat_ws.socket import ClientSocket


class FakeSocket:
    """Stands for a connection that is open, and keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.loop = SimpleNamespace(time=lambda: 1.0)
        self.take: Any = None

    def send_soon(self, payload: bytes) -> None:
        self.sent.append(json.loads(payload))


def fail(client: Client, frame: SendMessage) -> bool:
    raise LookupError("a fault")


def test_a_fault_in_it_is_answered_and_the_connection_goes_on() -> None:
    context = SimpleNamespace(quick_handlers={SendMessage: fail}, frame_rates=Buckets(10, 1))
    socket = FakeSocket()
    client = Client(cast(ClientContext, context), cast(ClientSocket, socket))
    client.login = cast(Login, SimpleNamespace(user_id=1, username="ada"))
    assert socket.take(b'{"type": "send_message", "chat_id": 1, "message": "hello", "client_id": "c1"}')
    assert [(frame["code"], frame["client_id"]) for frame in socket.sent] == [("unavailable", "c1")]
