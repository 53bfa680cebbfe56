"""However long the messages, an answer with many of them is bounded by its bytes, and says that there are more."""

from __future__ import annotations

from typing import Any

import pytest

from chat_db.messages import NewMessage
from stack import Stack
from tests.support.people import Person
from tests.support.rows import add_partners, write
from tests.support.stored import store_messages

PAGE_BYTES = 256 * 1024
LIST_BYTES = 1024 * 1024
CONTENT_KINDS = {"letters": "x", "two bytes": "é", "three bytes": "漢", "escaped": "\\", "six bytes (1.0.0)": "\x01"}


def fill(stack: Stack, chat: int, sender: Person, count: int, text: str, first: int = 1) -> None:
    """Store encrypted messages, as an earlier release did: control characters and all."""
    (members,) = stack.database.query("SELECT user1_id + user2_id AS both_ids FROM chats WHERE id = %s", chat)
    receiver = int(members["both_ids"]) - sender.id
    rows = [
        NewMessage(chat, sender.id, receiver, f"c{chat}-{seq}", text, "2026-11-22 09:31:00.000", seq)
        for seq in range(first, first + count)
    ]
    store_messages(stack.database, rows)


def page(person: Person, **query: object) -> tuple[list[dict[str, Any]], bool, int]:
    answer = person.http.get("/backend/get_messages", query)
    assert answer.status == 200
    return answer.json()["messages"], answer.json()["more"], len(answer.body)


@pytest.mark.parametrize("kind", CONTENT_KINDS)
def test_a_page_has_at_most_256_kib_and_walking_on_finds_every_message(
    stack: Stack, ada: Person, bob: Person, chat: int, kind: str
) -> None:
    """200 messages of 8,000 control characters were 9.6 MB."""
    text = CONTENT_KINDS[kind] * 8_000
    fill(stack, chat, bob, 200, text)
    back: list[int] = []
    query: dict[str, int] = {}
    while True:
        messages, more, size = page(ada, chat_id=chat, limit=200, **query)
        assert messages
        assert size <= PAGE_BYTES + 100
        assert all(message["content"] == text for message in messages)
        back = [message["seq"] for message in messages] + back
        if not more:
            break
        query = {"before_seq": back[0]}
    assert back == list(range(1, 201))
    messages, more, size = page(ada, chat_id=chat, limit=200, after_seq=0)
    assert (messages[0]["seq"], more, size <= PAGE_BYTES + 100) == (1, True, True)


def test_short_and_long_messages_are_read_alike(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    for seq in range(1, 41):
        fill(stack, chat, bob, 1, f"{seq} " + "x" * (4_000 if seq % 3 else 10), first=seq)
    messages, more, _ = page(ada, chat_id=chat)
    assert [message["content"].split()[0] for message in messages] == [str(seq) for seq in range(1, 41)]
    assert not more


def test_a_list_of_chats_has_at_most_1_mib_of_messages(stack: Stack, ada: Person, bob: Person) -> None:
    chats = add_partners(stack, ada, 20)
    for chat in chats:
        fill(stack, chat, ada, 31, "\x01" * 8_000)
    answer = ada.http.get("/backend/get_chats")
    assert answer.status == 200
    assert len(answer.body) <= LIST_BYTES + 20 * 500
    listed = answer.json()
    assert len(listed) == 20
    with_messages = [chat for chat in listed if chat["messages"]]
    assert with_messages == listed[: len(with_messages)] != []
    for chat in listed:
        seqs = [message["seq"] for message in chat["messages"]]
        assert seqs == list(range(32 - len(seqs), 32))  # the newest ones
        assert (chat["more"], chat["last_seq"]) == (True, 31)


def test_a_short_list_of_chats_is_whole(stack: Stack, ada: Person) -> None:
    chats = add_partners(stack, ada, 3)
    write(stack, chats[0], ada, 30)
    write(stack, chats[1], ada, 31)
    found = {chat["id"]: (len(chat["messages"]), chat["more"]) for chat in ada.chats()}
    assert found == {chats[0]: (30, False), chats[1]: (30, True), chats[2]: (0, False)}
