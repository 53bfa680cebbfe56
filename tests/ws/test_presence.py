"""Who is there, and who is writing?"""

from __future__ import annotations

import re
import time

from stack import Stack
from tests.support.people import People, Person
from tests.support.socket import Frame, Socket


def presences(socket: Socket) -> list[Frame]:
    """Return the presence frames that came so far."""
    socket.send("ping")
    frames = []
    while (frame := socket.receive())["type"] != "pong":
        frames.append(frame)
    return [frame for frame in frames if frame["type"] == "presence"]


def test_after_auth_one_is_told_of_everybody_with_whom_one_has_a_chat(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    zoe = people.register("zoe")
    people.chat_between(zoe, ada)
    stack.database.query("INSERT INTO user_last_seen VALUES (%s, '2026-11-20 10:00:00.5')", zoe.id)
    bob.connect()
    eve.connect()
    told = {frame["user_id"]: frame for frame in presences(ada.connect())}
    assert told == {
        bob.id: {"type": "presence", "user_id": bob.id, "online": True, "last_seen": None},
        zoe.id: {"type": "presence", "user_id": zoe.id, "online": False, "last_seen": "2026-11-20T10:00:00.500Z"},
    }


def test_coming_and_going_is_told_once_and_a_reload_not_at_all(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    bobs, eves = bob.connect(), eve.connect()
    assert [frame["online"] for frame in presences(bobs)] == [False]
    first = ada.connect()
    second = ada.connect()
    assert bobs.expect("presence") == {"type": "presence", "user_id": ada.id, "online": True, "last_seen": None}
    first.close()
    second.close()
    reloaded = ada.connect()
    assert presences(bobs) == []
    left = time.monotonic()
    reloaded.close()
    gone = bobs.expect("presence", deadline=20)
    assert time.monotonic() - left > 4.5
    assert (gone["user_id"], gone["online"]) == (ada.id, False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", gone["last_seen"])
    (row,) = stack.database.query("SELECT last_seen_at FROM user_last_seen WHERE user_id = %s", ada.id)
    assert row["last_seen_at"].isoformat(timespec="milliseconds") + "Z" == gone["last_seen"]
    assert presences(bobs) == presences(eves) == []
    assert presences(bob.connect())[0] == gone  # whoever comes later hears the same
    ada.connect()
    assert bobs.expect("presence")["online"] is True


def test_typing_is_told_to_the_other_and_to_nobody_else(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    people.chat_between(ada, eve)
    adas, tab, eves = ada.connect(), ada.connect(), eve.connect()
    bobs = [bob.connect(), bob.connect()]
    before = stack.database.query("SELECT * FROM chats")
    for typing in (True, True, False):
        adas.send("typing", chat_id=str(chat), typing=typing)
        assert adas.until_pong() == []
        for socket in bobs:
            told = {"type": "typing", "chat_id": chat, "from": ada.id, "typing": typing}
            assert socket.until_pong() == [told]
    assert tab.until_pong() == eves.until_pong() == []
    assert stack.database.query("SELECT * FROM chats") == before
    later = bob.connect()
    assert later.until_pong() == []


def test_a_ping_is_answered_with_a_pong(ada: Person) -> None:
    socket = ada.connect()
    for _ in range(50):
        socket.send("ping", x=1)
    for _ in range(50):
        assert socket.expect("pong") == {"type": "pong"}
    assert socket.connection.ping(b"x" * 125).wait(5)  # the protocol's own


def test_whoever_knows_the_frame_is_told_of_everybody_at_once(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    """In 1.1.0 somebody with 3,000 chats had 3,000 frames before the answer to their `sync`."""
    zoe = people.register("zoe")
    people.chat_between(zoe, ada)
    bob.connect()
    adas = ada.connect(features=["presence_list", "something of the year 2030"])
    told = adas.receive()
    assert told == {
        "type": "presence_list",
        "people": [
            {"user_id": bob.id, "online": True, "last_seen": None},
            {"user_id": zoe.id, "online": False, "last_seen": None},
        ],
    }
    assert adas.until_pong() == []
    zoe.connect()
    assert adas.receive() == {"type": "presence", "user_id": zoe.id, "online": True, "last_seen": None}
    assert eve.connect(features=["presence_list"]).receive() == {"type": "presence_list", "people": []}


def test_features_are_a_short_list_of_names(stack: Stack, ada: Person) -> None:
    for features in ("presence_list", [1], ["x" * 65], ["x"] * 33, {"presence_list": True}):
        with Socket(stack.ws_server.url) as socket:
            socket.send("auth", user_id=ada.id, token=ada.token, features=features)
            assert socket.expect("error")["code"] == "bad_frame"
