"""A block works both ways and tells nobody."""

from __future__ import annotations

import pytest

from stack import Stack
from tests.support.answers import answer_to, wait_for_answer
from tests.support.people import People, Person
from tests.support.socket import Socket


@pytest.fixture
def blocked(ada: Person, bob: Person, chat: int) -> tuple[Socket, Socket]:
    """Ada has blocked Bob; a socket of each."""
    sockets = ada.connect(), bob.connect()
    assert ada.http.post_json("/backend/e_block", {"user_id": bob.id}).status == 200
    for socket in sockets:
        wait_for_answer(socket, chat, "error")
    for socket in sockets:
        socket.until_pong()
    return sockets


def count_messages(stack: Stack) -> int:
    return int(stack.database.query("SELECT COUNT(*) AS n FROM messages")[0]["n"])


def test_neither_can_write_to_the_other(stack: Stack, blocked: tuple[Socket, Socket], chat: int) -> None:
    before = count_messages(stack)
    for socket in blocked:
        refused = answer_to(socket, chat, "hello?")
        assert (refused["code"], refused["chat_id"]) == ("not_delivered", chat)
    assert count_messages(stack) == before
    for socket in blocked:
        assert socket.until_pong() == []


def test_neither_can_add_a_chat(blocked: tuple[Socket, Socket], ada: Person, bob: Person) -> None:
    for socket, other in zip(blocked, (bob, ada), strict=True):
        for how in ({"username": other.name}, {"other_user_id": other.id}):
            socket.send("add_chat", **how)
            assert socket.expect("error")["code"] == "not_delivered"


def test_receipts_typing_and_presence_stop_silently(
    blocked: tuple[Socket, Socket], ada: Person, bob: Person, chat: int
) -> None:
    of_ada, of_bob = blocked
    second = bob.connect()
    last = bob.chats()[0]["last_seq"]
    of_bob.send("typing", chat_id=chat, typing=True)
    of_bob.send("read", chat_id=chat, seq=last)
    assert second.expect("receipt")["read_seq"] == last  # one's own devices still hear of it
    assert of_bob.until_pong() == []
    assert of_ada.until_pong() == []
    of_ada.send("sync", chats={str(chat): last})
    assert of_ada.expect("sync_done")["chats"][0]["other_read_seq"] < last
    third = ada.connect()
    assert third.receive() == {"type": "presence", "user_id": bob.id, "online": False, "last_seen": None}


def test_only_who_blocked_sees_that_it_is_so(blocked: tuple[Socket, Socket], ada: Person, bob: Person) -> None:
    assert ada.chats()[0]["blocked"] is True
    assert "blocked" not in bob.chats()[0]
    assert [user["id"] for user in ada.http.get("/backend/get_account").json()["blocked"]] == [bob.id]
    assert bob.http.get("/backend/get_account").json()["blocked"] == []


def test_unblocking_opens_it_again(blocked: tuple[Socket, Socket], ada: Person, bob: Person, chat: int) -> None:
    assert bob.http.post_json("/backend/e_unblock", {"user_id": ada.id}).status == 200  # not his to undo
    assert answer_to(blocked[1], chat, "now?")["type"] == "error"
    assert ada.http.post_json("/backend/e_unblock", {"user_id": bob.id}).status == 200
    for socket in blocked:
        wait_for_answer(socket, chat, "message_sent")


def test_a_wrong_block_changes_nothing(stack: Stack, ada: Person, people: People) -> None:
    bodies: list[object] = [{}, {"user_id": "x"}, {"user_id": True}, {"user_id": ada.id}, {"user_id": 0}, []]
    for body in bodies:
        assert ada.http.post_json("/backend/e_block", body).status == 400, body
    assert ada.http.post_json("/backend/e_block", {"user_id": 4_000_000_000}).status == 404
    assert not stack.database.query("SELECT * FROM blocks")
