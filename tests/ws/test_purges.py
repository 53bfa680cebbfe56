"""Who hears when messages go by themselves, and does a conversation go on after it?"""

from __future__ import annotations

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.people import People, Person
from tests.support.rows import write

FEATURES = ["changes"]


class Talk:
    """Two people, in whose chat are 3 old messages; ws-server looks for what is to go all the time."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        people = People(stack)
        self.ada, self.bob = people.register("ada"), people.register("bob")
        self.chat = people.chat_between(self.ada, self.bob)
        write(stack, self.chat, self.bob, 3, at="2026-01-01 09:31:00")

    def keep(self, seconds: int) -> None:
        """Have messages go after so many seconds, as if that had been chosen long ago."""
        sql = "UPDATE chats SET keep_seconds = %s, keep_from = '2026-01-02' WHERE id = %s"
        self.stack.database.query(sql, seconds, self.chat)

    def clear(self, person: Person, seq: int) -> None:
        socket = person.connect()
        socket.send("clear_chat", chat_id=self.chat, seq=seq)
        socket.expect("chat_changed")

    def seqs(self, person: Person) -> list[int]:
        page = person.http.get("/backend/get_messages", {"chat_id": self.chat}).json()
        return [message["seq"] for message in page["messages"]]


@pytest.fixture
def talk(own_stack: StackMaker) -> Talk:
    return Talk(own_stack(WS_PURGE_SECONDS="0.05"))


def test_both_hear_what_is_gone_and_the_next_message_has_the_next_number(talk: Talk) -> None:
    adas, bobs = talk.ada.connect(features=FEATURES), talk.bob.connect(features=FEATURES)
    old = talk.ada.connect()
    talk.keep(3_600)
    gone = {"type": "purged", "chat_id": talk.chat, "up_to": 3}
    assert adas.expect("purged") == bobs.expect("purged") == gone
    assert (talk.seqs(talk.ada), talk.seqs(talk.bob)) == ([], [])
    assert talk.bob.say(talk.chat, "one")["seq"] == 4
    assert adas.expect("message")["seq"] == old.expect("message")["seq"] == 4
    assert adas.until_pong() == old.until_pong() == []
    late = talk.ada.connect(features=FEATURES)
    late.send("sync", chats={str(talk.chat): [2, 0]})
    frame = late.expect("sync_chat")
    assert (frame["reset"], frame["chat"]["floor"], [m["seq"] for m in frame["messages"]]) == (True, 3, [4])


def test_what_both_have_cleared_goes_and_neither_hears_of_the_other(talk: Talk) -> None:
    adas, bobs = talk.ada.connect(features=FEATURES), talk.bob.connect(features=FEATURES)
    talk.clear(talk.ada, 3)
    assert adas.expect("chat_changed")["chat"]["floor"] == 3
    talk.clear(talk.bob, 2)
    assert bobs.expect("chat_changed")["chat"]["floor"] == 2
    talk.keep(86_400)  # what is left goes later, and with a word, so that the test need not wait for silence
    assert bobs.expect("purged")["up_to"] == 3
    assert adas.until_pong() == []
    assert talk.stack.database.query("SELECT id FROM messages") == []
