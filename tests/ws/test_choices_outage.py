"""What becomes of a choice that is made while the database is away? It counts whole or not at all, and once."""

from __future__ import annotations

from typing import Any

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.socket import Socket
from tests.support.waiting import freeze, wait_until

FEATURES = ["changes"]
HOUR = 3_600
KEPT = "ada set messages to disappear after 1 hour."


class Talk:
    """Ada and Bob, who have said one thing each."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._people = People(stack)
        self.ada, self.bob = self._people.register("ada"), self._people.register("bob")
        self.chat = self._people.chat_between(self.ada, self.bob)
        self.adas, self.bobs = self.connect(self.ada), self.connect(self.bob)
        for number, socket in enumerate((self.adas, self.bobs), 1):
            socket.send("send_message", chat_id=self.chat, message=f"hello {number}", client_id=f"m{number}")
            assert socket.wait_for("message_sent")["seq"] == number
        self.bobs.until_pong()
        self.adas.wait_for("message", seq=2)

    def connect(self, person: Person) -> Socket:
        return person.connect(features=FEATURES)

    def stored(self) -> dict[str, Any]:
        """Return what choices and changes leave in the tables."""
        [chat] = self.stack.database.query("SELECT keep_seconds, keep_from IS NULL AS forever, change_seq FROM chats")
        sql = "SELECT cleared_seq, pinned_at IS NOT NULL AS pinned FROM members WHERE user_id = %s"
        [member] = self.stack.database.query(sql, self.ada.id)
        counts = "SELECT (SELECT COUNT(*) FROM messages) AS messages, (SELECT COUNT(*) FROM changes) AS noted"
        return {**chat, **member, **self.stack.database.query(counts)[0]}

    def choices(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            ("set_chat", {"chat_id": self.chat, "pinned": True}),
            ("clear_chat", {"chat_id": self.chat, "seq": 1}),
            ("set_keep", {"chat_id": self.chat, "seconds": HOUR, "client_id": "keep"}),
        ]

    def choose_all(self) -> dict[str, Any]:
        """Make each choice (again), and return what is stored then; Bob hears of the one that is for both."""
        for kind, fields in self.choices():
            self.adas.send(kind, **fields)
            assert self.adas.wait_for("chat_changed").get("client_id") == fields.get("client_id")
        return self.stored()

    def leave(self) -> None:
        self._people.leave()


@pytest.fixture
def talk(own_stack: StackMaker) -> Talk:
    return Talk(own_stack())


BEFORE = {"keep_seconds": None, "forever": 1, "cleared_seq": 0, "pinned": 0}
AFTER = {"keep_seconds": HOUR, "forever": 0, "cleared_seq": 1, "pinned": 1}


def test_a_choice_while_the_database_is_down_is_refused_whole_and_a_change_waits_for_it(talk: Talk) -> None:
    talk.stack.database.kill()
    wait_until(lambda: talk.stack.ws_server.health() == 503)
    for kind, fields in talk.choices():
        talk.adas.send(kind, **fields)
        error = talk.adas.expect("error")
        assert (error["code"], error["retry_after"] > 0) == ("unavailable", True), kind
        assert (error["chat_id"], error.get("client_id")) == (talk.chat, fields.get("client_id"))
    talk.adas.send("edit_message", chat_id=talk.chat, seq=1, message="hello there", client_id="e1")
    talk.bobs.send("react", chat_id=talk.chat, seq=1, emoji="👍", client_id="r1")
    talk.bobs.send("delete_message", chat_id=talk.chat, seq=2, client_id="d1")
    assert talk.adas.until_pong() == talk.bobs.until_pong() == []

    talk.stack.database.start()
    assert talk.adas.wait_for("changed")["client_id"] == "e1"
    assert [talk.bobs.wait_for("changed")["client_id"] for _ in range(2)] == ["r1", "d1"]
    assert talk.stored() == {**BEFORE, "change_seq": 3, "messages": 2, "noted": 3}
    assert talk.choose_all() == {**AFTER, "change_seq": 3, "messages": 3, "noted": 4}
    assert talk.bobs.wait_for("message")["message"] == KEPT
    assert talk.bobs.wait_for("chat_changed")["chat"]["keep_seconds"] == HOUR
    talk.leave()


@pytest.mark.timeout(120)
def test_a_choice_whose_fate_stays_unknown_counts_once_when_it_is_made_again(talk: Talk) -> None:
    """The database hangs. What was asked of it may still be done when it goes on; the same again changes nothing."""
    devices = [talk.connect(talk.ada) for _ in talk.choices()]
    for device in devices:
        device.until_pong()  # what a login begins is done
    freeze(talk.stack.database)
    try:
        for device, (kind, fields) in zip(devices, talk.choices(), strict=True):
            device.send(kind, **fields)
        for device, (_, fields) in zip(devices, talk.choices(), strict=True):
            error = device.wait_for("error", deadline=30)
            assert error["code"] == "unavailable"
            assert (error["chat_id"], error.get("client_id")) == (talk.chat, fields.get("client_id"))
    finally:
        talk.stack.database.resume()
    wait_until(lambda: talk.stack.ws_server.health() == 200)
    once = {**AFTER, "change_seq": 0, "messages": 3, "noted": 1}
    assert talk.choose_all() == once
    assert talk.choose_all() == once
    [message] = [frame for frame in talk.bobs.until_pong() if frame["type"] == "message"]
    assert (message["seq"], message["message"]) == (3, KEPT)
    talk.bobs.send("sync", chats={str(talk.chat): [3, 0]})
    [chat] = talk.bobs.wait_for("sync_done")["chats"]
    assert (chat["last_seq"], chat["keep_seconds"], chat["unread"]) == (3, HOUR, 1)
    talk.leave()
