"""What a client sends after the server has closed the connection counts for nothing."""

from __future__ import annotations

from stack import Stack
from tests.support.people import Person
from tests.support.raw import RawClient, text


def test_a_login_that_was_ended_writes_nothing_more(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    listener = bob.connect()
    with RawClient(stack.ws_server, ada) as client:
        stack.database.query("DELETE FROM tokens WHERE user_id = %s", ada.id)
        client.socket.settimeout(8)
        client.read_until(b"This login has ended")
        client.send(text("send_message", chat_id=chat, message="still here", client_id="late"))
        client.send(text("typing", chat_id=chat, typing=True))
        client.read_to_the_end()
    assert listener.until_pong() == []
    assert stack.database.query("SELECT id FROM messages") == []
