"""Does a client that asks get every message that it lacks, and the proof that it has them all?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from stack import Stack
from tests.support.people import People, Person
from tests.support.rows import write
from tests.support.socket import Frame, Socket


def sync(socket: Socket, held: dict[Any, int]) -> tuple[list[Frame], list[dict[str, Any]]]:
    """Send `sync`; return the `sync_chat` frames and the chats of `sync_done`."""
    socket.send("sync", chats=held)
    pages = []
    while (frame := socket.receive())["type"] != "sync_done":
        if frame["type"] != "presence":
            assert frame["type"] == "sync_chat", frame
            pages.append(frame)
    return pages, frame["chats"]


def seqs(page: Frame) -> list[int]:
    return [message["seq"] for message in page["messages"]]


def without_messages(chats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in chat.items() if name not in ("messages", "more")} for chat in chats]


def test_whoever_has_no_chat_is_done_at_once(ada: Person) -> None:
    assert sync(ada.connect(), {}) == ([], [])


def test_what_is_lacking_comes_in_order_and_looks_as_everywhere(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    ada.say(chat, "one", client_id="a1")
    bob.say(chat, "two", client_id="b1")
    ada.say(chat, "three", client_id="a2")
    for person, own in ((ada, ["a1", None, "a2"]), (bob, [None, "b1", None])):
        (page,), done = sync(person.connect(), {})
        (listed,) = person.chats()
        assert set(page) == {"type", "chat", "messages", "more"}
        assert page["messages"] == listed["messages"]
        assert [message.get("client_id") for message in page["messages"]] == own
        assert page["more"] is False
        assert [page["chat"]] == done == without_messages([listed])
    (page,), _ = sync(ada.connect(), {chat: 2})
    assert [message["content"] for message in page["messages"]] == ["three"]
    (page,), _ = sync(ada.connect(), {str(chat): 1})
    assert seqs(page) == [2, 3]


def test_whoever_has_everything_hears_only_that(ada: Person, chat: int) -> None:
    ada.say(chat, "one")
    pages, done = sync(ada.connect(), {chat: 1})
    assert pages == []
    assert done == without_messages(ada.chats())
    assert done[0]["last_seq"] == 1


def test_a_page_has_at_most_100_messages_of_a_chat(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 250)
    socket = ada.connect()
    held, found = 0, []
    for more in (True, True, False):
        (page,), _ = sync(socket, {chat: held})
        assert page["more"] is more
        found += seqs(page)
        held = found[-1]
    assert found == list(range(1, 251))
    assert sync(socket, {chat: held})[0] == []


@pytest.mark.parametrize("letter", ["a", "é", "\x01"], ids=ascii)
def test_a_page_has_at_most_256_kib(stack: Stack, ada: Person, bob: Person, chat: int, letter: str) -> None:
    rows = ", ".join(f"({chat}, {bob.id}, {seq}, 'c{seq}', REPEAT(%s, 8000))" for seq in range(1, 61))
    sql = f"INSERT INTO messages (chat_id, sender_id, seq, client_id, content) VALUES {rows}"
    stack.database.query(sql, *[letter] * 60)
    socket = ada.connect()
    found: list[int] = []
    while len(found) < 60:
        socket.send("sync", chats={chat: len(found)})
        page: Frame = {}
        while page.get("type") != "sync_chat":
            received = socket.connection.recv(timeout=5)
            page = json.loads(received)
        assert len(received.encode() if isinstance(received, str) else received) <= 257 * 1024
        assert page["more"] is (seqs(page)[-1] < 60)
        assert len(page["messages"]) >= 5
        found += seqs(page)
        socket.expect("sync_done")
    assert found == list(range(1, 61))


def test_a_client_that_knows_more_than_the_server_starts_again(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    socket = ada.connect()
    (page,), done = sync(socket, {chat: 3})  # a chat that lost all its messages
    assert (page["reset"], page["messages"], page["more"]) == (True, [], False)
    write(stack, chat, bob, 150)
    (page,), _ = sync(socket, {chat: 151})
    assert (page["reset"], page["more"]) == (True, True)
    assert seqs(page) == list(range(1, 101))
    (page,), _ = sync(socket, {chat: 2**53 - 1})
    assert page["reset"] is True
    (page,), done = sync(socket, {chat: 100})
    assert "reset" not in page
    assert done[0]["last_seq"] == 150


def test_each_chat_has_a_frame_of_its_own(stack: Stack, people: People, ada: Person, bob: Person, chat: int) -> None:
    chats = [chat]
    for name in ("p1", "p2", "p3"):
        chats.append(people.chat_between(ada, people.register(name)))
    for number, target in enumerate(chats[:3]):
        write(stack, target, ada, 5, at=f"2030-01-01 00:00:0{number}")
    pages, done = sync(ada.connect(), {chats[0]: 5, chats[1]: 2})
    assert {page["chat"]["id"]: seqs(page) for page in pages} == {chats[1]: [3, 4, 5], chats[2]: [1, 2, 3, 4, 5]}
    assert [chat["id"] for chat in done] == [chats[2], chats[1], chats[0], chats[3]]
    assert done == without_messages(ada.chats())


def test_chats_of_others_and_chats_that_are_none_are_ignored(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    write(stack, chat, ada, 3)
    own = people.chat_between(eve, bob)
    socket = eve.connect()
    for held in ({chat: 0}, {chat: 1}, {chat: 99}, {4294967295: 0}, {chat: 3, 4294967295: 7, 1: 0}):
        pages, done = sync(socket, held)
        assert pages == []
        assert [found["id"] for found in done] == [own]
    socket.send("sync", chats={"4294967296": 0})
    assert socket.expect("error")["code"] == "bad_frame"


def test_a_client_may_name_thousands_of_chats(ada: Person, bob: Person, chat: int) -> None:
    ada.say(chat, "one")
    pages, done = sync(ada.connect(), dict.fromkeys(range(chat, chat + 5000), 0))
    assert ([seqs(page) for page in pages], len(done)) == ([[1]], 1)


def test_messages_that_come_meanwhile_are_not_lost(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    """They come in a page or live, at the latest right after the `sync_done` that counts them."""
    write(stack, chat, bob, 80)
    adas, bobs = ada.connect(), bob.connect()
    for number in range(200):
        bobs.send("send_message", chat_id=chat, message=str(number))
        if number == 50:
            adas.send("sync", chats={})
    for _ in range(200):
        bobs.expect("message_sent")
    seen: list[int] = []
    last_seq = 0
    while not last_seq or len(set(seen)) < 280:
        frame = adas.receive()
        if frame["type"] == "message":
            seen.append(frame["seq"])
        elif frame["type"] == "sync_chat":
            seen += seqs(frame)
        elif frame["type"] == "sync_done":
            last_seq = frame["chats"][0]["last_seq"]
    assert set(seen) == set(range(1, 281))
    assert 80 <= last_seq <= 280
    assert sync(adas, {chat: 280})[0] == []


def test_many_syncs_at_once_are_answered_or_asked_to_wait(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 100)
    socket = ada.connect()
    for _ in range(40):
        socket.send("sync", chats={})
    answers = {"sync_done": 0, "error": 0}
    while sum(answers.values()) < 40:
        frame = socket.receive()
        if frame["type"] in answers:
            answers[frame["type"]] += 1
            assert frame.get("code", "rate_limited") == "rate_limited"
    assert answers["sync_done"] >= 4
    assert socket.until_pong() == []
