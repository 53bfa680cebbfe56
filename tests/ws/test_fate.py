"""A message that was stored is never said to be undelivered."""

from __future__ import annotations

from stack import Stack
from tests.support.answers import wait_for_answer
from tests.support.people import Person


def test_a_message_stored_before_a_block_is_acknowledged_again_after_it(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    """Its first answer was lost, then came the block: `not_delivered` promises that nothing was stored."""
    first = bob.say(chat, "hello", client_id="once")
    socket = bob.connect()
    assert ada.http.post_json("/backend/e_block", {"user_id": bob.id}).status == 200
    wait_for_answer(socket, chat, "error")
    last_seq = ada.chats()[0]["last_seq"]
    socket.send("send_message", chat_id=chat, message="another", client_id="twice")
    assert socket.wait_for("error")["code"] == "not_delivered"
    socket.send("send_message", chat_id=chat, message="hello", client_id="once")
    again = socket.expect("message_sent")
    assert (again["message_id"], again["duplicate"]) == (first["message_id"], True)
    socket.send("send_message", chat_id=chat, message="something else", client_id="once")
    assert socket.expect("error")["code"] == "client_id_reused"
    assert ada.chats()[0]["last_seq"] == last_seq
