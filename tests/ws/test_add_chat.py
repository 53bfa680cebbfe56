"""How does a chat begin, and who hears of it?"""

from __future__ import annotations

from typing import Any

import pytest

from stack import Stack
from tests.support.people import People, Person


def chats(stack: Stack) -> list[dict[str, Any]]:
    return stack.database.query("SELECT id, user1_id, user2_id FROM chats")


@pytest.mark.parametrize("by", ["id", "id as text", "name", "name in another spelling"])
def test_a_chat_is_announced_to_every_socket_of_both(
    stack: Stack, ada: Person, bob: Person, eve: Person, by: str
) -> None:
    adas, bobs, eves = [ada.connect(), ada.connect()], [bob.connect(), bob.connect()], eve.connect()
    fields: dict[str, dict[str, object]] = {
        "id": {"other_user_id": bob.id},
        "id as text": {"other_user_id": str(bob.id), "username": None},
        "name": {"username": "bob"},
        "name in another spelling": {"username": " BÖB "},
    }
    adas[0].send("add_chat", **fields[by])
    frames = [socket.expect("chat_added") for socket in adas]
    (row,) = chats(stack)
    message = frames[0]["message"]
    assert "ada" in message
    expected = {"type": "chat_added", "from": ada.id, "message": message}
    assert frames == [{**expected, "chat": {"id": row["id"], "other_user": {"id": bob.id, "username": "bob"}}}] * 2
    for socket in bobs:
        seen = {"id": row["id"], "other_user": {"id": ada.id, "username": "ada"}}
        assert socket.expect("chat_added") == {**expected, "chat": seen}
    for socket, other in ((adas[0], bob), (adas[1], bob), (bobs[0], ada), (bobs[1], ada)):
        presence = socket.expect("presence")
        assert presence == {"type": "presence", "user_id": other.id, "online": True, "last_seen": None}
        assert socket.until_pong() == []
    assert eves.until_pong() == []
    adas[0].send("send_message", chat_id=row["id"], message="hi")
    adas[0].expect("message_sent")
    assert bobs[0].expect("message")["message"] == "hi"


def test_where_the_chat_exists_only_the_caller_hears_so(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, tab, bobs = ada.connect(), ada.connect(), bob.connect()
    for socket, other in ((adas, bob), (adas, bob), (bobs, ada)):
        socket.send("add_chat", username=other.name)
        added = socket.expect("chat_added")
        assert added["existing"] is True
        assert added["chat"] == {"id": chat, "other_user": {"id": other.id, "username": other.name}}
    assert tab.until_pong() == bobs.until_pong() == adas.until_pong() == []
    assert [row["id"] for row in chats(stack)] == [chat]


def test_of_two_who_add_each_other_at_once_one_makes_the_chat(stack: Stack, people: People, ada: Person) -> None:
    for name in ("p1", "p2", "p3"):
        other = people.register(name)
        adas, others = ada.connect(), other.connect()
        adas.send("add_chat", other_user_id=other.id)
        others.send("add_chat", other_user_id=ada.id)
        for socket in (adas, others):
            assert socket.expect("chat_added")["chat"]["id"] == chats(stack)[-1]["id"]
        ada.leave()
    assert len(chats(stack)) == 3


def test_somebody_who_is_away_finds_the_chat_and_is_shown_as_away(stack: Stack, ada: Person, bob: Person) -> None:
    stack.database.query("INSERT INTO user_last_seen VALUES (%s, '2026-11-20 12:34:56.789')", bob.id)
    adas = ada.connect()
    adas.send("add_chat", username="bob")
    chat = adas.expect("chat_added")["chat"]["id"]
    assert adas.expect("presence") == {
        "type": "presence",
        "user_id": bob.id,
        "online": False,
        "last_seen": "2026-11-20T12:34:56.789Z",
    }
    assert [found["id"] for found in bob.chats()] == [chat]


def test_nobody_starts_a_chat_with_himself_or_with_nobody(stack: Stack, ada: Person, bob: Person) -> None:
    adas, bobs = ada.connect(), bob.connect()
    cases: list[tuple[dict[str, object], str]] = [
        ({"other_user_id": ada.id}, "own_chat"),
        ({"other_user_id": str(ada.id)}, "own_chat"),
        ({"username": "ÀDA"}, "own_chat"),
        ({"other_user_id": 4294967295}, "no_such_user"),
        ({"username": "nobody"}, "no_such_user"),
        ({"username": ""}, "no_such_user"),
        ({"username": "%"}, "no_such_user"),
        ({"username": "bob\x00"}, "no_such_user"),
        ({"username": "x" * 60_000}, "no_such_user"),
        ({"username": "bob", "other_user_id": bob.id}, "bad_frame"),
        ({}, "bad_frame"),
        ({"username": None, "other_user_id": None}, "bad_frame"),
        ({"other_user_id": "4294967296"}, "bad_frame"),
    ]
    for fields, code in cases:
        adas.send("add_chat", **fields)
        assert adas.expect("error")["code"] == code, fields
    assert chats(stack) == []
    assert bobs.until_pong() == adas.until_pong() == []


def test_a_chat_that_an_earlier_release_made_during_the_upgrade_gets_its_members(
    stack: Stack, ada: Person, bob: Person
) -> None:
    """The old containers run on for a moment when the database is up to date already, and know no `members`."""
    stack.database.query("INSERT INTO chats (user1_id, user2_id) VALUES (%s, %s)", ada.id, bob.id)
    (row,) = chats(stack)
    adas, bobs = ada.connect(), bob.connect()
    adas.send("add_chat", other_user_id=bob.id)
    assert adas.expect("chat_added")["chat"]["id"] == row["id"]
    assert bobs.expect("chat_added")["chat"]["id"] == row["id"]
    ada.say(row["id"], "hello")
    assert bobs.expect("message")["message"] == "hello"
