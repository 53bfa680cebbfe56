"""A client that loads its list in pages asks for the chats that it holds, and hears of the others by their heads."""

from __future__ import annotations

import json

from stack import Stack
from tests.support.people import People, Person
from tests.support.rows import add_partners, write
from tests.support.socket import Frame, Socket

MANY = 3_000
PART = 256 * 1024  # bytes


def sync_only(socket: Socket, held: dict[int, int]) -> list[Frame]:
    """Return every frame of the answer."""
    socket.send("sync", chats={str(chat): seq for chat, seq in held.items()}, only=True)
    frames = [socket.receive()]
    while frames[-1]["type"] != "sync_done" or frames[-1].get("more"):
        frames.append(socket.receive())
    return frames


def fill(stack: Stack, person: Person, count: int = MANY) -> list[int]:
    """Give a person many chats with one message in each."""
    chats = add_partners(stack, person, count)
    stack.database.query(
        "INSERT INTO messages (chat_id, sender_id, seq, client_id, content, sent_at)"
        " SELECT id, user2_id, 1, CONCAT('m', id), 'hello', NOW(3) FROM chats WHERE user1_id = %s",
        person.id,
    )
    return chats


def test_a_chat_that_is_not_named_comes_in_the_list_alone(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    write(stack, chat, bob, 3)
    write(stack, other, eve, 2)
    page, done = sync_only(ada.connect(features=["presence_list"]), {chat: 1})[-2:]
    assert (page["type"], page["chat"]["id"]) == ("sync_chat", chat)
    assert [message["seq"] for message in page["messages"]] == [2, 3]
    assert {entry["id"]: (entry["last_seq"], entry["unread"]) for entry in done["chats"]} == {
        chat: (3, 3),
        other: (2, 2),
    }
    assert "more" not in done


def test_without_only_a_chat_that_is_not_named_is_held_by_nobody(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    write(stack, chat, bob, 2)
    socket = ada.connect()
    socket.send("sync", chats={}, only=False)
    assert len(socket.expect("sync_chat")["messages"]) == 2
    assert len(socket.expect("sync_done")["chats"]) == 1


def test_whoever_has_3000_chats_is_up_to_date_after_five_frames(stack: Stack, ada: Person) -> None:
    """As 1.1.0 was: 3,000 frames of presence, and 3,000 sync_chat or a `sync` of 60 KB that names every chat."""
    chats = fill(stack, ada)
    last = chats[-20:]
    socket = ada.connect(features=["presence_list"])
    frames = sync_only(socket, dict.fromkeys(last, 1))
    kinds = [frame["type"] for frame in frames]
    assert set(kinds) == {"presence_list", "sync_done"}
    assert 1 + len(frames) <= 5, kinds  # with the answer to auth
    assert all(len(json.dumps(frame, separators=(",", ":"))) <= PART for frame in frames)
    assert sorted(entry["id"] for frame in frames for entry in frame.get("chats", [])) == chats
    assert len([person for frame in frames for person in frame.get("people", [])]) == MANY


def test_the_parts_are_whole_lists_for_whoever_does_not_say_only(stack: Stack, ada: Person) -> None:
    """The page of 1.0.0 would drop the chats of the other parts."""
    chats = fill(stack, ada)
    socket = ada.connect()
    socket.send("sync", chats={str(chat): 1 for chat in chats})
    done = socket.expect("sync_done")
    assert len(done["chats"]) == MANY
    assert "more" not in done
