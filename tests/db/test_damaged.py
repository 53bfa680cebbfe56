"""One damaged row of the table takes nothing else along."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from chat_db.key_files import read_keys
from stack import Stack
from tests.conftest import StackMaker
from tests.support.command_line import rotate_key_soon
from tests.support.http import Answer
from tests.support.people import People, Person
from tests.support.socket import Frame
from tests.support.stored import keys_of, versions_of


def flipped(content: bytes) -> bytes:
    raw = bytearray(base64.b64decode(content))
    raw[20] ^= 1
    return base64.b64encode(raw)


def contents(stack: Stack) -> dict[str, bytes]:
    rows = stack.database.query("SELECT client_id, content FROM messages")
    return {row["client_id"]: row["content"].encode() for row in rows}


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "a flipped byte": flipped,
    "no base64": lambda content: b"#" + content[1:],
    "not even ASCII": lambda _: "ŝ€".encode(),
    "cut": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "NULL bytes": lambda content: b"\0" * len(content),
}


def harm(stack: Stack, client_id: str, how: str) -> None:
    damaged = HARMS[how](contents(stack)[client_id]).decode()
    stack.database.query("UPDATE messages SET content = %s WHERE client_id = %s", damaged, client_id)


def three_messages(ada: Person, bob: Person, chat: int) -> list[Frame]:
    return [
        who.say(chat, f"text {client_id}", client_id=client_id)
        for who, client_id in ((ada, "a"), (bob, "b"), (ada, "c"))
    ]


def as_listed(messages: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(message["content"], message.get("problem")) for message in messages]


WITH_DAMAGE = [("text a", None), ("", "damaged"), ("text c", None)]


@pytest.mark.parametrize("how", HARMS)
def test_a_damaged_message_is_listed_without_its_text(
    stack: Stack, ada: Person, bob: Person, chat: int, how: str
) -> None:
    sent = three_messages(ada, bob, chat)
    harm(stack, "b", how)
    socket = ada.connect()
    socket.send("sync", chats={})
    pages = [
        ada.chats()[0]["messages"],
        bob.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"],
        socket.expect("sync_chat")["messages"],
    ]
    socket.expect("sync_done")
    for page in pages:
        assert as_listed(page) == WITH_DAMAGE
        assert (page[1]["id"], page[1]["sender_id"], page[1]["username"]) == (sent[1]["message_id"], bob.id, "bob")


def test_a_key_version_that_does_not_exist_is_damage_of_one_row(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    three_messages(ada, bob, chat)
    for version in (77, -1):
        stack.database.query("UPDATE messages SET key_version = %s WHERE client_id = 'b'", version)
        assert as_listed(ada.chats()[0]["messages"]) == WITH_DAMAGE


def test_the_log_names_a_damaged_message_once(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    sent = three_messages(ada, bob, chat)
    harm(stack, "b", "a flipped byte")
    for _ in range(3):
        ada.chats()
    lines = [line for line in stack.web.log.read_text().splitlines() if "damaged" in line]
    assert len(lines) == 1
    assert f"event=message_damaged id={sent[1]['message_id']} chat={chat} " in lines[0]
    assert "text" not in lines[0].replace("the text cannot be decrypted", "")
    people.leave()


def test_a_damaged_message_that_is_sent_again_gets_its_first_answer(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    first = three_messages(ada, bob, chat)[0]
    harm(stack, "a", "a flipped byte")
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message="text a", client_id="a")
    assert adas.expect("message_sent") == {**first, "duplicate": True}
    # Its chat still tells: the same client id in another chat is another message.
    other = people.chat_between(ada, eve)
    adas.send("send_message", chat_id=other, message="text a", client_id="a")
    assert adas.expect("error")["code"] == "client_id_reused"
    assert bobs.until_pong() == []


def test_who_sends_beside_a_damaged_resend_is_stored_and_answered(
    stack: Stack, people: People, ada: Person, bob: Person, chat: int
) -> None:
    """The resend and the others come in one batch: all of them failed with it."""
    first = three_messages(ada, bob, chat)[0]
    harm(stack, "a", "a flipped byte")
    mia, tom = people.register("mia"), people.register("tom")
    theirs = people.chat_between(mia, tom)
    adas, mias = ada.connect(), mia.connect()
    for turn in range(20):
        mias.send("send_message", chat_id=theirs, message="hello", client_id=f"m{turn}")
        adas.send("send_message", chat_id=chat, message="text a", client_id="a")
        assert mias.expect("message_sent")["seq"] == turn + 1
        assert adas.expect("message_sent") == {**first, "duplicate": True}
    assert [message["content"] for message in tom.chats()[0]["messages"]] == ["hello"] * 20


@pytest.mark.parametrize("count", [1, 8])
def test_both_services_start_though_the_newest_message_is_damaged(own_stack: StackMaker, count: int) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    for number in range(count):
        ada.say(chat, f"text {number}", client_id=f"c{number}")
    harm(stack, f"c{count - 1}", "a flipped byte")
    stack.ws_server.restart()
    stack.web.restart()
    assert as_listed(ada.chats()[0]["messages"])[-1] == ("", "damaged")
    assert bob.say(chat, "still here")["seq"] == count + 1
    people.leave()


@pytest.mark.timeout(120)
def test_a_rotation_passes_over_what_is_damaged_and_keeps_its_key(own_stack: StackMaker) -> None:
    stack = own_stack()
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    three_messages(ada, bob, chat)
    whole = contents(stack)["b"]
    harm(stack, "b", "a flipped byte")
    stack.database.query("UPDATE messages SET key_version = 77 WHERE client_id = 'c'")  # only the version is wrong
    for newest in (2, 3):
        run = rotate_key_soon(stack)
        assert run.returncode == 0, run.stderr
        assert "1 messages are damaged" in run.stdout
        assert versions_of(stack) == {1, newest}
        assert set(read_keys(keys_of(stack))) == {1, newest}
        assert as_listed(ada.chats()[0]["messages"]) == WITH_DAMAGE
    # Mended from a backup, it opens again, and the next rotation takes it along.
    stack.database.query("UPDATE messages SET content = %s WHERE client_id = 'b'", whole.decode())
    assert as_listed(ada.chats()[0]["messages"]) == [(f"text {client_id}", None) for client_id in "abc"]
    assert rotate_key_soon(stack).returncode == 0
    assert set(read_keys(keys_of(stack))) == {4}
    people.leave()


def test_an_answer_with_damage_is_an_answer(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    """It was 503 with `unavailable`: "cannot reach its database", which was not true."""
    three_messages(ada, bob, chat)
    harm(stack, "c", "cut")
    answers: list[Answer] = [ada.http.get("/backend/get_chats"), bob.http.get("/backend/get_chats")]
    assert [answer.status for answer in answers] == [200, 200]
