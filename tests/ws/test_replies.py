"""What does an answer say of the message that it answers, to each of the two, live and in lists?"""

from __future__ import annotations

from typing import Any

import pytest

from stack import Stack
from tests.support.people import Person
from tests.support.socket import Socket

FEATURES = ["changes"]


class Talk:
    def __init__(self, stack: Stack, ada: Person, bob: Person, chat: int) -> None:
        self.chat, self.database = chat, stack.database
        for number in (1, 2, 3):
            ada.say(chat, f"text {number}")
        self.ada, self.bob = ada.connect(features=FEATURES), bob.connect(features=FEATURES)
        self._people = {"ada": ada, "bob": bob}

    def reply(self, seq: object, client_id: str = "r1", text: str = "yes", socket: Socket | None = None) -> Any:
        socket = socket or self.bob
        socket.send("send_message", chat_id=self.chat, message=text, reply_to_seq=seq, client_id=client_id)
        while (frame := socket.receive())["type"] not in ("message_sent", "error"):
            pass
        return frame

    def listed(self, name: str, seq: int) -> dict[str, Any]:
        """Return how a message is listed, in each of the ways in which it can be."""
        person = self._people[name]
        page = person.http.get("/backend/get_messages", {"chat_id": self.chat}).json()["messages"]
        chats = person.http.get("/backend/get_chats").json()
        socket = person.connect()
        socket.send("sync", chats={str(self.chat): max(seq - 1, chats[0].get("floor", 0))})
        synced = socket.wait_for("sync_chat")["messages"]
        found = [[each for each in messages if each["seq"] == seq] for messages in (page, chats[0]["messages"], synced)]
        assert found[0] == found[1] == found[2]
        message: dict[str, Any] = found[0][0]
        return message


@pytest.fixture
def talk(stack: Stack, ada: Person, bob: Person, chat: int) -> Talk:
    return Talk(stack, ada, bob, chat)


def test_an_answer_shows_what_it_answers_live_and_in_lists(talk: Talk, ada: Person, bob: Person) -> None:
    second = bob.connect()
    assert talk.reply(2)["seq"] == 4
    text = talk.listed("ada", 2)["content"]
    quote = {"seq": 2, "sender_id": ada.id, "content": text}
    for socket in (talk.ada, second):
        assert socket.wait_for("message")["reply_to"] == quote
    assert talk.listed("ada", 4)["reply_to"] == quote
    assert talk.listed("bob", 4)["reply_to"] == quote
    assert "reply_to" not in talk.listed("ada", 3)


def test_a_quote_is_the_beginning_of_its_text_as_it_is_now(talk: Talk) -> None:
    talk.reply(2)
    long = "\U0001f600" * 300
    talk.ada.send("edit_message", chat_id=talk.chat, seq=2, message=long, client_id="e1")
    talk.ada.wait_for("changed")
    assert talk.listed("bob", 4)["reply_to"]["content"] == "\U0001f600" * 200
    talk.ada.send("delete_message", chat_id=talk.chat, seq=2, client_id="d1")
    talk.ada.wait_for("changed")
    quote = talk.listed("bob", 4)["reply_to"]
    assert (quote.get("content", ""), quote["deleted"]) == ("", True)
    assert talk.reply(2, "r2")["type"] == "message_sent"


def test_an_answer_that_changes_keeps_its_quote(talk: Talk) -> None:
    talk.reply(2)
    talk.ada.wait_for("message")
    talk.ada.send("react", chat_id=talk.chat, seq=4, emoji="👍", client_id="e1")
    message = talk.ada.wait_for("changed")["message"]
    assert message["reply_to"] == talk.listed("ada", 4)["reply_to"]
    assert talk.bob.wait_for("message_changed")["message"]["reply_to"] == message["reply_to"]


def test_a_quote_below_a_members_floor_is_gone_for_them_alone(talk: Talk, ada: Person) -> None:
    sql = "UPDATE members SET cleared_seq = 2 WHERE chat_id = %s AND user_id = %s"
    talk.database.query(sql, talk.chat, ada.id)
    talk.reply(2)
    gone = {"seq": 2, "gone": True}
    assert talk.ada.wait_for("message")["reply_to"] == gone
    assert talk.listed("ada", 4)["reply_to"] == gone
    assert talk.listed("bob", 4)["reply_to"]["content"]
    talk.bob.send("edit_message", chat_id=talk.chat, seq=4, message="no", client_id="e1")
    assert talk.bob.wait_for("changed")["message"]["reply_to"]["content"]
    assert talk.ada.wait_for("message_changed")["message"]["reply_to"] == gone
    error = talk.reply(2, "r2", socket=talk.ada)
    assert (error["code"], error["client_id"], error["chat_id"]) == ("no_such_message", "r2", talk.chat)


@pytest.mark.parametrize("seq", [0, 4, 2**32, 2**53 - 1])
def test_an_answer_to_no_message_is_refused(talk: Talk, seq: int) -> None:
    error = talk.reply(seq)
    assert (error["code"], error["client_id"]) == ("no_such_message", "r1")
    assert talk.ada.until_pong() == []


def test_an_answer_that_is_sent_again_is_answered_whatever_became_of_what_it_answers(talk: Talk) -> None:
    first = talk.reply(2)
    talk.database.query("UPDATE chats SET purged_seq = 2 WHERE id = %s", talk.chat)
    again = talk.reply(2)
    assert (again["seq"], again["duplicate"]) == (first["seq"], True)
    assert talk.reply(2, "r2")["code"] == "no_such_message"


def test_answers_and_other_messages_are_written_in_one_batch(talk: Talk) -> None:
    for number in range(20):
        fields = {"reply_to_seq": 1 + number % 3} if number % 2 else {}
        talk.bob.send("send_message", chat_id=talk.chat, message=f"m{number}", client_id=f"b{number}", **fields)
    frames = [talk.ada.wait_for("message") for _ in range(20)]
    assert {frame["message"]: frame.get("reply_to", {}).get("seq") for frame in frames} == {
        f"m{number}": 1 + number % 3 if number % 2 else None for number in range(20)
    }
