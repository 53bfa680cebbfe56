"""What does a member set of a chat for themselves, and who hears of it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.rows import set_receipts, write
from tests.support.socket import Frame, Socket

FEATURES = ["changes"]
FAR = "9999-12-31T23:59:59.000Z"


def settle(socket: Socket, chat: int, kind: str = "set_chat", **fields: object) -> dict[str, Any]:
    """Set something; return the chat as the answer shows it."""
    socket.send(kind, chat_id=chat, **fields)
    frame = socket.expect("chat_changed", passing_over=("presence", "message"))
    assert set(frame) == {"type", "chat"}
    return dict(frame["chat"])


def refuse(socket: Socket, kind: str = "set_chat", **fields: object) -> Frame:
    socket.send(kind, **fields)
    return socket.expect("error")


def listed(person: Person, chat: int) -> dict[str, Any]:
    """Return the chat as the list shows it, without its messages."""
    [found] = [one for one in person.chats() if one["id"] == chat]
    return {name: value for name, value in found.items() if name not in ("messages", "more")}


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_what_is_set_comes_to_every_own_device_and_to_nobody_else(ada: Person, bob: Person, chat: int) -> None:
    phone, desktop, old = ada.connect(features=FEATURES), ada.connect(features=FEATURES), ada.connect()
    bobs = bob.connect(features=FEATURES)
    until = in_an_hour()
    for fields, names in (
        ({"pinned": True}, {"pinned_at"}),
        ({"muted_until": until}, {"pinned_at", "muted_until"}),
        ({"archived": True, "pinned": False}, {"archived_at", "muted_until"}),
        ({}, {"archived_at", "muted_until"}),
        ({"muted_until": None, "archived": False}, set()),
    ):
        shown = settle(phone, chat, **fields)
        assert {"pinned_at", "archived_at", "muted_until"} & shown.keys() == names
        assert shown.get("muted_until", until) == until
        assert desktop.expect("chat_changed")["chat"] == shown == listed(ada, chat)
    assert old.until_pong() == bobs.until_pong() == phone.until_pong() == []
    assert {"pinned_at", "archived_at", "muted_until"}.isdisjoint(listed(bob, chat))


def test_who_knows_no_changes_and_sets_something_is_answered_all_the_same(ada: Person, chat: int) -> None:
    assert settle(ada.connect(), chat, pinned=True)["pinned_at"]


def test_a_chat_that_is_pinned_again_keeps_its_place(ada: Person, chat: int) -> None:
    socket = ada.connect()
    assert settle(socket, chat, pinned=True) == settle(socket, chat, pinned=True)


@pytest.mark.parametrize("muted", [False, True])
def test_a_new_message_brings_an_archived_chat_back_unless_it_is_muted(
    stack: Stack, ada: Person, bob: Person, chat: int, muted: bool
) -> None:
    bob.say(chat, "before")
    socket = ada.connect()
    assert settle(socket, chat, archived=True, muted_until=FAR if muted else None)["archived_at"]
    write(stack, chat, bob, 1, first=2, at="2037-01-01 00:00:00")
    assert ("archived_at" in listed(ada, chat)) == muted
    if muted:
        assert "archived_at" not in settle(socket, chat, muted_until=None)


def test_what_is_muted_until_a_moment_that_has_passed_is_not_muted(stack: Stack, ada: Person, chat: int) -> None:
    socket = ada.connect()
    assert "muted_until" not in settle(socket, chat, muted_until="2026-01-01T00:00:00Z")
    assert settle(socket, chat, muted_until="2037-01-01T02:00:00.1239+02:00")["muted_until"] == (
        "2037-01-01T00:00:00.123Z"
    )
    stack.database.query("UPDATE members SET muted_until = NOW(3) - INTERVAL 1 SECOND WHERE chat_id = %s", chat)
    assert "muted_until" not in listed(ada, chat)


def test_what_is_cleared_is_gone_for_oneself_and_nothing_else_moves(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    write(stack, chat, bob, 10)
    set_receipts(stack, chat, ada, delivered=4, read=2)
    phone, desktop, bobs = ada.connect(features=FEATURES), ada.connect(features=FEATURES), bob.connect()
    assert listed(ada, chat)["unread"] == 8
    shown = settle(phone, chat, "clear_chat", seq=7)
    assert (shown["floor"], shown["last_seq"], shown["unread"], shown["read_seq"]) == (7, 10, 3, 2)
    assert desktop.expect("chat_changed")["chat"] == shown == listed(ada, chat)
    page = ada.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert [message["seq"] for message in page] == [8, 9, 10]
    page = bob.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert [message["seq"] for message in page] == list(range(1, 11))
    assert (bobs.until_pong(), "floor" in listed(bob, chat)) == ([], False)
    assert settle(phone, chat, "clear_chat", seq=3)["floor"] == 7


def test_only_what_has_been_said_is_cleared(ada: Person, bob: Person, chat: int) -> None:
    socket = ada.connect()
    assert "floor" not in settle(socket, chat, "clear_chat", seq=0)
    bob.say(chat, "one")
    assert settle(socket, chat, "clear_chat", seq=2**53 - 1)["floor"] == 1
    bob.say(chat, "two")
    page = ada.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert [message["content"] for message in page] == ["two"]


def test_instants_before_the_calendar_of_the_database_have_passed(ada: Person, chat: int) -> None:
    assert "muted_until" not in settle(ada.connect(), chat, muted_until="0001-01-02T00:00:00Z")


def test_an_outsider_finds_no_chat(eve: Person, chat: int) -> None:
    socket = eve.connect()
    assert refuse(socket, chat_id=chat, pinned=True)["code"] == "no_such_chat"
    assert refuse(socket, "clear_chat", chat_id=chat, seq=1)["code"] == "no_such_chat"


def test_what_is_set_shares_the_limit_of_messages(own_stack: StackMaker) -> None:
    stack = own_stack(WS_MESSAGE_BURST="2", WS_MESSAGE_RATE="0.01")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat, socket = people.chat_between(ada, bob), ada.connect()
    settle(socket, chat, pinned=True)
    settle(socket, chat, "clear_chat", seq=0)
    for kind, fields in (("set_chat", {"pinned": False}), ("set_keep", {"seconds": 3_600, "client_id": "k1"})):
        error = refuse(socket, kind, chat_id=chat, **fields)
        assert (error["code"], error["chat_id"], error["retry_after"] > 0) == ("rate_limited", chat, True)
