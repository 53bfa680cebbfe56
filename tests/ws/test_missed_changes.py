"""A block that is stored holds, also when the database goes away before ws-server has seen it."""

from __future__ import annotations

import time

import pytest

from tests.conftest import StackMaker
from tests.support.people import People
from tests.support.socket import Socket


@pytest.mark.timeout(120)
def test_a_block_made_just_before_an_outage_holds_after_it(own_stack: StackMaker) -> None:
    """ws-server asked for the changes of the last 10 s only; an outage is longer."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    of_bob = bob.connect()
    of_bob.send("send_message", chat_id=chat, message="hello")
    of_bob.expect("message_sent")
    # The moment in which ada's page has its answer and ws-server has not asked yet, held for as long as it takes.
    stack.ws_server.pause()
    assert ada.http.post_json("/backend/e_block", {"user_id": bob.id}).status == 200
    stack.database.pause()
    stack.ws_server.resume()
    time.sleep(13)
    stack.database.resume()
    end = time.monotonic() + 15
    while answer_of(of_bob, chat) != "not_delivered":
        assert time.monotonic() < end, "the block is not known"
        time.sleep(0.3)
    people.leave()


def answer_of(socket: Socket, chat: int) -> str:
    """Send a message; return the code of its refusal, or the type of its answer."""
    client_id = str(time.monotonic_ns())
    socket.send("send_message", chat_id=chat, message="are you there?", client_id=client_id)
    while (frame := socket.receive(20)).get("client_id") != client_id:
        pass
    return str(frame.get("code", frame["type"]))
