"""What happens to a message: stored first, then answered, then told to everybody whom it concerns?"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from stack import Stack
from tests.support.people import People, Person
from tests.support.stored import stored_messages

RFC3339 = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


def stored(stack: Stack) -> list[dict[str, Any]]:
    return stored_messages(stack.database)


def test_a_message_is_stored_answered_and_delivered(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message="hello", client_id="c1", later="ignored")
    sent = adas.expect("message_sent")
    (row,) = stored(stack)
    assert (row["chat_id"], row["sender_id"], row["seq"], row["content"]) == (chat, ada.id, 1, "hello")
    assert (row["client_id"], row["key_version"]) == ("c1", 1)
    assert sent == {
        "type": "message_sent",
        "client_id": "c1",
        "chat_id": chat,
        "message_id": row["id"],
        "seq": 1,
        "sent_at": sent["sent_at"],
    }
    assert RFC3339.match(sent["sent_at"])
    assert row["sent_at"].isoformat(timespec="milliseconds") + "Z" == sent["sent_at"]
    assert bobs.expect("message") == {
        "type": "message",
        "message_id": row["id"],
        "chat_id": chat,
        "seq": 1,
        "from": ada.id,
        "message": "hello",
        "sent_at": sent["sent_at"],
    }
    assert adas.until_pong() == bobs.until_pong() == []


def test_every_other_socket_of_both_hears_of_it_and_nobody_else(
    people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    people.chat_between(ada, eve)
    sender, tab, phone = ada.connect(), ada.connect(), ada.connect()
    bobs, eves = [bob.connect(), bob.connect()], eve.connect()
    sender.send("send_message", chat_id=chat, message="hi", client_id="c1")
    sent = sender.expect("message_sent")
    for socket in bobs:
        (message,) = socket.until_pong()
        assert (message["message_id"], "client_id" in message) == (sent["message_id"], False)
    for socket in (tab, phone):
        (message,) = socket.until_pong()
        assert (message["from"], message["message"], message["client_id"]) == (ada.id, "hi", "c1")
    assert sender.until_pong() == eves.until_pong() == []


def test_the_prototypes_page_sends_ids_as_text_and_names_both(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    adas, bobs = ada.connect(), bob.connect()
    for sender, receiver in ((ada.id, bob.id), (str(ada.id), str(bob.id)), (None, str(bob.id)), (ada.id, None)):
        adas.send("send_message", chat_id=str(chat), sender_id=sender, receiver_id=receiver, message="hi")
        assert adas.expect("message_sent")["chat_id"] == chat
        frame = bobs.expect("message")
        assert (frame["chat_id"], frame["from"]) == (chat, ada.id)
    assert [row["seq"] for row in stored(stack)] == [1, 2, 3, 4]


def test_nobody_writes_in_anothers_name_or_to_anybody_else(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    adas, bobs, eves = ada.connect(), bob.connect(), eve.connect()
    for sender, receiver in (
        *((bob.id, ada.id), (eve.id, bob.id), (ada.id, eve.id), (ada.id, ada.id), (bob.id, None), (None, eve.id)),
        *((str(bob.id), str(ada.id)), (4294967295, bob.id), (ada.id, "4294967295")),
    ):
        adas.send("send_message", chat_id=chat, sender_id=sender, receiver_id=receiver, message="x", client_id="c1")
        error = adas.expect("error")
        assert (error["code"], error["client_id"]) == ("forbidden", "c1")
    assert stored(stack) == []
    assert bobs.until_pong() == eves.until_pong() == adas.until_pong() == []


def test_an_outsider_cannot_write_into_a_chat_or_learn_that_it_exists(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    adas, bobs, eves = ada.connect(), bob.connect(), eve.connect()
    adas.send("send_message", chat_id=chat, message="between us")  # the chat is in the server's memory now
    adas.expect("message_sent")
    bobs.expect("message")
    frames: list[tuple[str, dict[str, object]]] = [
        ("send_message", {"message": "hi", "client_id": "c1"}),
        ("send_message", {"message": "hi", "client_id": "c1", "sender_id": ada.id, "receiver_id": bob.id}),
        ("delivered", {"seq": 1}),
        ("read", {"seq": 2**53 - 1}),
        ("typing", {"typing": True}),
    ]
    for kind, fields in frames:
        answers = []
        for target in (chat, 4294967295):
            eves.send(kind, chat_id=target, **fields)
            error = eves.expect("error")
            assert error.pop("chat_id") == target
            answers.append(error)
        assert answers[0] == answers[1], kind
        assert answers[0]["code"] == "no_such_chat"
    assert len(stored(stack)) == 1
    assert adas.until_pong() == bobs.until_pong() == eves.until_pong() == []
    assert ada.chats()[0]["delivered_seq"] == bob.chats()[0]["delivered_seq"] == 0


def test_a_text_that_cannot_be_stored_is_refused_before_anything_is_looked_up(ada: Person, chat: int) -> None:
    """Else everybody could have the database asked for nothing; and what it says tells nobody whether a chat exists."""
    socket = ada.connect()
    for number in range(350):  # more than the chats that one user may have looked up at once
        socket.send("send_message", chat_id=4_000_000_000 + number, message=" \u0000 ")
        error = socket.expect("error")
        assert (error["code"], error["chat_id"]) == ("empty_message", 4_000_000_000 + number)
    socket.send("send_message", chat_id=chat, message="hello")
    assert socket.expect("message_sent")["seq"] == 1


def test_without_a_client_id_the_server_makes_one(stack: Stack, ada: Person, chat: int) -> None:
    sender, tab = ada.connect(), ada.connect()
    for _ in range(2):
        sender.send("send_message", chat_id=chat, message="same", client_id=None)
    made = [sender.expect("message_sent")["client_id"] for _ in range(2)]
    assert len(set(made)) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", client_id) for client_id in made)
    assert [frame["client_id"] for frame in tab.until_pong()] == made
    assert [row["client_id"] for row in stored(stack)] == made


TEXTS = [
    "<script>alert(1)</script> & \"quotes\" 'and' \\backslashes\\ %s %% {0} \\' -- ; DROP TABLE messages",
    "line\nline\n\ttab \u2028\u2029 end",
    "हिन्दी ไทย 李小龍 עברית 😀👩‍👩‍👧‍👦🏳️‍🌈 e\u0301 \u202eright to left",
    "\u200b",
    "\ud83d\ude00 \U0010ffff \ufffe \uffff",
    "Z̸̢̛a̷l̶g̵o̷" * 20,
]


def test_a_text_arrives_and_is_stored_as_it_was_written(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    texts = [text.encode("utf-16", "surrogatepass").decode("utf-16") for text in TEXTS]
    for text in texts:
        adas.send("send_message", chat_id=chat, message=text)
        adas.expect("message_sent")
        assert bobs.expect("message")["message"] == text
    assert [row["content"] for row in stored(stack)] == texts
    assert [message["content"] for message in bob.chats()[0]["messages"]] == texts


def test_control_characters_reach_nobody(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message="one\r\n\ttwo\x00\x01\x1b[2J\x1f\x7f\x9f")
    adas.expect("message_sent")
    assert bobs.expect("message")["message"] == "one\n\ttwo[2J"
    assert [row["content"] for row in stored(stack)] == ["one\n\ttwo[2J"]


def test_white_space_around_a_message_goes(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message=" \u3000\n hi  there \u2003\x85\t")
    adas.expect("message_sent")
    assert bobs.expect("message")["message"] == "hi  there"
    for empty in ("", " ", "\n\t\u2028\u3000\xa0", "\x00 \x1b\x9f"):
        adas.send("send_message", chat_id=chat, message=empty, client_id="c1")
        error = adas.expect("error")
        assert (error["code"], error["client_id"], error["chat_id"]) == ("empty_message", "c1", chat)
    assert len(stored(stack)) == 1
    assert bobs.until_pong() == []


@pytest.mark.parametrize("longest", ["a" * 8_000, "é" * 8_000, "€" * 8_000, "😀" * 4_000], ids=["a", "é", "€", "😀"])
def test_a_message_has_at_most_8000_utf16_units(
    stack: Stack, ada: Person, bob: Person, chat: int, longest: str
) -> None:
    adas, bobs = ada.connect(), bob.connect()
    adas.send("send_message", chat_id=chat, message=longest + "a", client_id="c1")
    error = adas.expect("error")
    assert (error["code"], error["client_id"]) == ("message_too_long", "c1")
    assert stored(stack) == []
    assert bobs.until_pong() == []
    # json.dumps escapes every character that is not ASCII, so this is also the largest frame there is
    adas.send("send_message", chat_id=chat, message=f"\n{longest} ", client_id="c1")
    adas.expect("message_sent")
    assert bobs.expect("message")["message"] == longest == stored(stack)[0]["content"]


def test_a_message_of_which_every_unit_is_escaped_fits_into_a_frame(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    adas, bobs = ada.connect(), bob.connect()
    escaped = "\\u0061" * 8_000
    fields = f'"chat_id":"{chat}","sender_id":"{ada.id}","receiver_id":"{bob.id}","client_id":"{"x" * 64}"'
    adas.send_raw(f'{{"type":"send_message",{fields},"message":"{escaped}"}}')
    assert adas.expect("message_sent")["client_id"] == "x" * 64
    assert bobs.expect("message")["message"] == "a" * 8_000 == stored(stack)[0]["content"]


def test_a_burst_keeps_its_order_without_a_hole(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    adas, tab, bobs, eves = ada.connect(), ada.connect(), bob.connect(), eve.connect()
    for number in range(300):
        adas.send("send_message", chat_id=chat if number % 3 else other, message=str(number), client_id=f"c{number}")
    sent = [adas.expect("message_sent") for _ in range(300)]
    assert [frame["client_id"] for frame in sent if frame["chat_id"] == chat] == [
        f"c{number}" for number in range(300) if number % 3
    ]
    heard = [bobs.expect("message") for _ in range(200)]
    assert [frame["seq"] for frame in heard] == list(range(1, 201))
    assert [int(frame["message"]) for frame in heard] == [number for number in range(300) if number % 3]
    assert [eves.expect("message")["seq"] for _ in range(100)] == list(range(1, 101))
    assert len(tab.until_pong()) == 300
    for place, row in enumerate(row for row in stored(stack) if row["chat_id"] == chat):
        assert (row["seq"], row["content"]) == (place + 1, heard[place]["message"])


def test_a_message_in_fragments_and_those_after_it_keep_their_order(ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    for number in range(0, 40, 2):  # the first of all also has to wait until the chat was looked up
        text = json.dumps({"type": "send_message", "chat_id": chat, "message": str(number), "client_id": f"c{number}"})
        adas.connection.send([text[:20], text[20:]])
        adas.send("send_message", chat_id=chat, message=str(number + 1))
    assert [bobs.expect("message")["message"] for _ in range(40)] == [str(number) for number in range(40)]


def test_both_write_at_once_and_both_see_one_order(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    for number in range(100):
        adas.send("send_message", chat_id=chat, message=f"a{number}")
        bobs.send("send_message", chat_id=chat, message=f"b{number}")

    def collect(frames: list[dict[str, Any]]) -> list[int]:
        return [frame["message_id"] for frame in sorted(frames, key=lambda frame: frame["seq"])]

    seen = []
    for socket in (adas, bobs):
        frames: list[dict[str, Any]] = []
        while len(frames) < 200:
            frame = socket.receive()
            if frame["type"] != "presence":
                frames.append(frame)
        assert sorted(frame["seq"] for frame in frames) == list(range(1, 201))
        seen.append(collect(frames))
    assert seen[0] == seen[1] == [row["id"] for row in stored(stack)]


def test_a_refused_message_takes_no_number(stack: Stack, ada: Person, chat: int) -> None:
    socket = ada.connect()
    for message in ("one", " ", "x" * 8_001, "two"):
        socket.send("send_message", chat_id=chat, message=message)
    assert socket.wait_for("message_sent", seq=2)
    assert [row["seq"] for row in stored(stack)] == [1, 2]


def test_a_chat_that_is_deleted_meanwhile_takes_no_other_message_with_it(
    stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    other = people.chat_between(ada, eve)
    socket = ada.connect()
    for target in (chat, other):
        socket.send("send_message", chat_id=target, message="first")
        socket.expect("message_sent")
    stack.database.query("DELETE FROM messages WHERE chat_id = %s", other)
    stack.database.query("DELETE FROM chats WHERE id = %s", other)
    for number in range(10):
        socket.send("send_message", chat_id=other if number == 5 else chat, message="x", client_id=f"c{number}")
    answers: dict[str, dict[str, Any]] = {}
    while len(answers) < 10:
        frame = socket.receive()
        if frame["type"] in ("message_sent", "error"):
            answers[frame["client_id"]] = frame
    assert answers.pop("c5")["code"] == "no_such_chat"
    assert {frame["type"] for frame in answers.values()} == {"message_sent"}
    assert [row["seq"] for row in stored(stack)] == list(range(1, 11))
