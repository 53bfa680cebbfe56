"""What do clients hear while the database is away, and what does it take to come back?"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from stack import Stack
from tests.support.people import People
from tests.support.socket import Socket
from tests.support.waiting import freeze, wait_until

StackMaker = Callable[..., Stack]


def try_auth(stack: Stack, user_id: int, token: str, deadline: float = 5) -> tuple[str, int]:
    """Return the code of the error that auth gets, and the close code."""
    with Socket(stack.ws_server.url) as socket:
        socket.send("auth", user_id=user_id, token=token)
        return socket.expect("error", deadline=deadline)["code"], socket.wait_closed()


def test_while_the_database_is_down_everybody_is_asked_to_come_back(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message="before", client_id="c0")
    adas.expect("message_sent")
    stack.database.kill()

    wait_until(lambda: stack.ws_server.health() == 503)  # an answer is good for a second
    for token in (ada.token, "A" * 43):  # nobody can say which of them is wrong
        assert try_auth(stack, ada.id, token) == ("unavailable", 1013)
    for kind, fields in (
        ("add_chat", {"username": "zoe"}),
        ("sync", {"chats": {}}),
        ("send_message", {"chat_id": 4294967295, "message": "x", "client_id": "c9"}),
    ):
        adas.send(kind, **fields)
        error = adas.expect("error")
        assert (error["code"], error["retry_after"] > 0) == ("unavailable", True), kind
        assert (error.get("client_id"), error.get("chat_id")) == (fields.get("client_id"), fields.get("chat_id"))
    for number in range(3):  # these wait for the database, which is back in time
        adas.send("send_message", chat_id=chat, message=f"m{number}", client_id=f"c{number + 1}")
    adas.send("read", chat_id=chat, seq=1)
    adas.send("typing", chat_id=chat, typing=True)
    assert bobs.wait_for("typing")
    assert adas.until_pong() == []

    stack.database.start()
    assert [adas.expect("message_sent", deadline=10)["seq"] for _ in range(3)] == [2, 3, 4]
    assert [bobs.wait_for("message", seq=seq)["message"] for seq in (2, 3, 4)] == ["m0", "m1", "m2"]
    adas.send("send_message", chat_id=chat, message="m1", client_id="c2")
    assert adas.expect("message_sent")["duplicate"] is True
    assert len(stack.database.query("SELECT id FROM messages")) == 4
    later = ada.connect()  # the logins have outlived it
    later.send("sync", chats={chat: 4})
    assert later.expect("sync_done")["chats"][0]["read_seq"] == 1
    people.leave()


def test_a_message_whose_fate_stays_unknown_is_answered_after_10_s(own_stack: StackMaker) -> None:
    """The database hangs. Nobody is logged out; the same client_id later stores the message once."""
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message="before", client_id="c0")
    adas.expect("message_sent")
    bobs.expect("message")
    freeze(stack.database)
    try:
        began = time.monotonic()
        adas.send("send_message", chat_id=chat, message="hello", client_id="c1")
        assert try_auth(stack, bob.id, bob.token, deadline=9) == ("unavailable", 1013)
        assert adas.until_pong() == []
        error = adas.expect("error", deadline=30)
        assert time.monotonic() - began > 9.5
        assert (error["code"], error["client_id"], error["chat_id"]) == ("unavailable", "c1", chat)
        assert error["retry_after"] > 0
        assert bobs.until_pong() == []
    finally:
        stack.database.resume()
    adas.send("send_message", chat_id=chat, message="hello", client_id="c1")
    answers = [adas.wait_for("message_sent", deadline=10)]
    assert bobs.wait_for("message", seq=2)["message"] == "hello"
    answers += adas.until_pong()  # the first try may have been stored after all, and is then answered, too
    assert {(answer["type"], answer["client_id"], answer["seq"]) for answer in answers} == {("message_sent", "c1", 2)}
    assert bobs.until_pong() == []
    rows = stack.database.query("SELECT seq, client_id FROM messages ORDER BY seq")
    assert rows == [{"seq": 1, "client_id": "c0"}, {"seq": 2, "client_id": "c1"}]
    people.leave()


@pytest.mark.timeout(120)
def test_who_waits_for_a_frozen_database_is_asked_to_come_back(own_stack: StackMaker) -> None:
    """17 of 20 heard after 10 s that they had sent no auth. That is for who sent none."""
    stack = own_stack()
    people = People(stack)
    ada = people.register("ada")
    with ExitStack() as sockets:
        silent, *waiting = [sockets.enter_context(Socket(stack.ws_server.url)) for _ in range(21)]
        freeze(stack.database)
        try:
            for socket in waiting:
                socket.send("auth", user_id=ada.id, token=ada.token)
            for socket in waiting:
                assert socket.expect("error", deadline=14)["code"] == "unavailable"
                assert socket.wait_closed() == 1013
            assert silent.wait_closed(14) == 4408
        finally:
            stack.database.resume()
    wait_until(lambda: stack.ws_server.health() == 200)
    assert ada.connect().until_pong() == []
    people.leave()
