"""Which changes does a client get that was away, and when does it have to begin anew?"""

from __future__ import annotations

from typing import Any

import pytest

from stack import Stack
from tests.support.people import Person
from tests.support.rows import write
from tests.support.socket import Frame, Socket

FEATURES = ["changes"]


class Chat:
    """A chat with 10 messages of the first person, who changes them."""

    def __init__(self, stack: Stack, ada: Person, bob: Person, chat: int) -> None:
        self.id = chat
        self.database = stack.database
        self.last = 10
        write(stack, chat, ada, self.last)
        self._ada = ada.connect(features=FEATURES)
        self._bob = bob
        self._count = 0

    def edit(self, *seqs: int, text: str = "changed") -> None:
        for seq in seqs:
            self._count += 1
            fields = {"chat_id": self.id, "seq": seq, "message": f"{text} {self._count}"}
            self._ada.send("edit_message", **fields, client_id=f"c{self._count}")
            self._ada.wait_for("changed")

    def sync(self, held: Any, only: bool = False, socket: Socket | None = None) -> tuple[list[Frame], dict[str, Any]]:
        """Return the `sync_chat` frames and this chat as `sync_done` lists it; without `socket`, of a new one."""
        socket = socket or self._bob.connect(features=FEATURES)
        socket.send("sync", chats={str(self.id): held}, only=only)
        frames = []
        while (frame := socket.receive())["type"] != "sync_done":
            if frame["type"] == "sync_chat":
                frames.append(frame)
        [chat] = frame["chats"]
        return frames, chat

    def query(self, sql: str, *values: object) -> None:
        self.database.query(sql, *values)


@pytest.fixture
def chat_of_ten(stack: Stack, ada: Person, bob: Person, chat: int) -> Chat:
    return Chat(stack, ada, bob, chat)


def numbers(messages: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(message["seq"], message.get("change_seq", 0)) for message in messages]


def test_whoever_holds_everything_gets_nothing(chat_of_ten: Chat) -> None:
    chat_of_ten.edit(3)
    frames, chat = chat_of_ten.sync([10, 1])
    assert (frames, chat["change_seq"]) == ([], 1)


def test_changes_of_messages_that_are_held_come_once_each_as_they_are_now(chat_of_ten: Chat) -> None:
    chat_of_ten.edit(3, 5, 3, 9)
    [frame], _ = chat_of_ten.sync([10, 0])
    assert numbers(frame["changes"]) == [(3, 3), (5, 2), (9, 4)]
    assert (frame["messages"], frame["more"], frame["change_seq"]) == ([], False, 4)
    [frame], _ = chat_of_ten.sync([10, 2])
    assert (numbers(frame["changes"]), frame["change_seq"]) == ([(3, 3), (9, 4)], 4)


def test_changes_of_messages_that_are_not_held_come_with_the_messages(chat_of_ten: Chat) -> None:
    chat_of_ten.edit(3, 9)
    changes, messages = chat_of_ten.sync([8, 0])[0]
    assert (numbers(changes["changes"]), changes["change_seq"]) == ([(3, 1)], 2)
    assert (numbers(messages["messages"]), messages["change_seq"]) == ([(9, 2), (10, 0)], 2)
    assert "changes" not in messages
    [frame], _ = chat_of_ten.sync([0, 0])
    assert (len(frame["messages"]), frame["change_seq"]) == (10, 2)


def test_only_changes_beyond_what_is_held_raise_the_number_all_the_same(chat_of_ten: Chat) -> None:
    chat_of_ten.edit(9)
    chat_of_ten.query("UPDATE members SET cleared_seq = 9 WHERE chat_id = %s", chat_of_ten.id)
    [frame], chat = chat_of_ten.sync([10, 0])
    assert (frame["changes"], frame["change_seq"], chat["floor"]) == ([], 1, 9)


def test_many_changes_come_in_pages(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    there = Chat(stack, ada, bob, chat)
    write(stack, chat, ada, 250, first=11)
    fill_changes(there, [(number, number) for number in range(1, 251)])
    held, got = 0, []
    for size, more in ((100, True), (100, True), (50, False)):
        [frame], _ = there.sync([260, held])
        assert (len(frame["changes"]), frame["more"]) == (size, more)
        got += numbers(frame["changes"])
        held = frame["change_seq"]
    assert got == [(number, number) for number in range(1, 251)]
    assert held == 250


def test_pages_of_changes_are_bounded_by_bytes(chat_of_ten: Chat) -> None:
    for seq in range(1, 11):
        chat_of_ten.edit(seq, text="\u00e9" * 7_990)
    got, held = [], 0
    while held < 10:
        [frame], _ = chat_of_ten.sync([10, held])
        got += numbers(frame["changes"])
        held = frame["change_seq"]
        assert frame["changes"]
    assert got == [(number, number) for number in range(1, 11)]


def fill_changes(chat: Chat, made: list[tuple[int, int]]) -> None:
    """Write changes past the server: (change_seq, seq)."""
    rows = ", ".join(f"({chat.id}, {number}, {seq}, 1, 'x{number}')" for number, seq in made)
    chat.query(f"INSERT INTO changes (chat_id, change_seq, seq, user_id, client_id) VALUES {rows}")
    chat.query(
        "UPDATE messages m JOIN changes c ON c.chat_id = m.chat_id AND c.seq = m.seq SET m.change_seq = c.change_seq"
    )
    chat.query("UPDATE chats SET change_seq = %s WHERE id = %s", max(number for number, _ in made), chat.id)


@pytest.mark.parametrize("why", ["too many", "pruned", "all pruned", "one that never was", "messages that never were"])
def test_whoever_cannot_be_told_what_changed_begins_anew_at_the_latest_messages(chat_of_ten: Chat, why: str) -> None:
    held = [10, 1]
    if why == "too many":
        fill_changes(chat_of_ten, [(number, 1 + number % 10) for number in range(1, 1_003)])
    else:
        chat_of_ten.edit(1, 2, 3)
    if why == "pruned":
        chat_of_ten.query("DELETE FROM changes WHERE change_seq = 2")
    elif why == "all pruned":
        chat_of_ten.query("DELETE FROM changes")
    elif why == "one that never was":
        held = [10, 4]
    elif why == "messages that never were":
        held = [11, 3]
    [frame], chat = chat_of_ten.sync(held)
    assert (frame["reset"], frame["more"], frame["change_seq"]) == (True, False, chat["change_seq"])
    assert [message["seq"] for message in frame["messages"]] == list(range(1, 11))


def test_whoever_is_a_thousand_changes_behind_is_told_them(chat_of_ten: Chat) -> None:
    fill_changes(chat_of_ten, [(number, 1 + number % 10) for number in range(1, 1_002)])
    [frame], _ = chat_of_ten.sync([10, 1])
    assert (len(frame["changes"]), frame["change_seq"], frame.get("reset")) == (10, 1_001, None)


def test_whoever_holds_less_than_the_floor_begins_anew_and_others_go_on(chat_of_ten: Chat) -> None:
    chat_of_ten.query("UPDATE chats SET purged_seq = 4 WHERE id = %s", chat_of_ten.id)
    [frame], chat = chat_of_ten.sync([3, 0])
    assert (frame["reset"], chat["floor"]) == (True, 4)
    assert [message["seq"] for message in frame["messages"]] == [5, 6, 7, 8, 9, 10]
    [frame], _ = chat_of_ten.sync([4, 0])
    assert "reset" not in frame
    assert [message["seq"] for message in frame["messages"]] == [5, 6, 7, 8, 9, 10]


def test_a_client_of_1_0_0_hears_nothing_of_a_chat_of_which_it_cannot_have_all(
    chat_of_ten: Chat, stack: Stack, bob: Person
) -> None:
    """It would ask for the missing messages for ever."""
    chat_of_ten.query("UPDATE chats SET purged_seq = 4 WHERE id = %s", chat_of_ten.id)
    for only in (False, True):
        frames, chat = chat_of_ten.sync(3, only=only, socket=bob.connect())
        assert (frames, chat["last_seq"]) == ([], 3)
    frames, chat = chat_of_ten.sync(4, socket=bob.connect())
    assert ([message["seq"] for message in frames[0]["messages"]], chat["last_seq"]) == ([5, 6, 7, 8, 9, 10], 10)


def test_a_client_of_1_0_0_gets_messages_as_they_are_now_and_no_changes(chat_of_ten: Chat, bob: Person) -> None:
    chat_of_ten.edit(9, 1)
    [frame], _ = chat_of_ten.sync(8, socket=bob.connect())
    assert frame["messages"][0]["content"] == "changed 1"
    assert {"changes", "change_seq", "reset"}.isdisjoint(frame)
