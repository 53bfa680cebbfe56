"""Who fills places must not take those of others."""

from __future__ import annotations

import socket
from contextlib import ExitStack

from tests.conftest import StackMaker
from tests.support.people import People


def connect_from(address: str, port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(address, 0))


def test_one_address_that_never_shakes_hands_takes_no_places_of_others(own_stack: StackMaker) -> None:
    """Beyond its cap an address was refused at the handshake only: without one, it had every place there is."""
    stack = own_stack(WS_MAX_CONNECTIONS="300", WS_MAX_PER_ADDRESS="40")
    people = People(stack)
    ada = people.register("ada")
    with ExitStack() as opened:
        for _ in range(400):
            opened.enter_context(connect_from("127.0.0.2", stack.ws_server.port))
        ada.connect().until_pong()
    people.leave()
