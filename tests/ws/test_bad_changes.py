"""Does what nobody may do to a message, or to none, get the contract's error, and leave everything as it is?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chat_db.messages import NewMessage
from stack import Stack
from tests.support.checksums import checksums
from tests.support.people import People, Person
from tests.support.rows import forge, write
from tests.support.socket import Socket
from tests.support.stored import store_messages

FEATURES = ["changes"]
MINE, THEIRS, TOMBSTONE, NOTICE, FORGED = 3, 4, 5, 6, 7  # numbers of messages: of Ada, of Bob, …
CLEARED = 2  # Ada has none up to here
LAST = 7
BEYOND = (0, LAST + 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1)
ELSEWHERE = 9  # a number that only another chat has

NO_EMOJI = {
    "letters": ["a", "é", "1", "#", "<b>", "\u0301", "漢", ":)", ":thumbsup:"],
    "nothing": ["", " ", "\n", "\x00", "\u200b", "\u200d", "\ufe0f", "\ufe0e", "\u20e3"],
    "more than one": ["👍👍", "👍🎉", "👍 ", " 👍", "ok 👍", "👍\n", "👍\x00", "❤️❤️"],
    "parts of flags": ["🇮", "🇮🇹🇫🇷", "🇮🇹🇮", "🇽🇽", "🏴\U000e0067", "🏴\U000e0067\U000e0062\U000e007f", "🏳\u200d🌈"],
    "joined": ["👩\u200d", "\u200d👩", "👍\u200d👍", "👩\u200d👩\u200d👩\u200d👩", "👩\u200d\u200d🚀", "👩\u200b🚀"],
    "variants": ["\u2764", "\u2764\ufe0e", "👍\ufe0f", "👍\ufe0e", "\u2764\ufe0f\ufe0f", "1\ufe0f", "1\u20e3", "©"],
    "tones": ["🏻", "👍🏻🏻", "😀🏽", "🏽👍", "👍\u200d🏽"],
    "long": ["👍" * 16, "👍" * 16 + "a", "x" * 64, "x" * 65, "👍" * 2_000, "x" * 60_000],
}


@dataclass(frozen=True)
class Refused:
    """A frame and its code; Ada sends it."""

    code: str
    kind: str
    fields: dict[str, Any]


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("edit_message", {"message": "x"}),
    ("delete_message", {}),
    ("react", {"emoji": "👍"}),
    ("react", {"emoji": None}),
]


def of_what_is_not_there(elsewhere: int) -> Iterator[Refused]:
    """Yield frames about what is in no chat of Ada's; `elsewhere` is a chat that she is not in."""
    for seq in (*BEYOND, 1, CLEARED, ELSEWHERE):
        yield from (Refused("no_such_message", kind, {**fields, "seq": seq}) for kind, fields in CHANGES)
        yield Refused("no_such_message", "send_message", {"message": "x", "reply_to_seq": seq})
    for chat in (elsewhere, 2**32 - 1, str(elsewhere)):
        for seq in (1, MINE, ELSEWHERE):
            named: dict[str, Any] = {"seq": seq, "chat_id": chat}
            yield from (Refused("no_such_chat", kind, {**fields, **named}) for kind, fields in CHANGES)
            yield Refused("no_such_chat", "clear_chat", named)
        for fields in ({"muted_until": None}, {"pinned": True}, {"archived": True}, {}):
            yield Refused("no_such_chat", "set_chat", {"chat_id": chat, **fields})
        for seconds in (3_600, None):
            yield Refused("no_such_chat", "set_keep", {"chat_id": chat, "seconds": seconds})


def of_what_is_there() -> Iterator[Refused]:
    """Yield what may not be done to the messages of Ada's chat."""
    for seq in (THEIRS, NOTICE, FORGED):
        yield Refused("not_yours", "edit_message", {"seq": seq, "message": "x"})
        yield Refused("not_yours", "delete_message", {"seq": seq})
    yield Refused("no_such_message", "edit_message", {"seq": TOMBSTONE, "message": "back"})
    for seq, emoji in ((TOMBSTONE, "👍"), (TOMBSTONE, None), (NOTICE, "👍"), (NOTICE, None), (FORGED, "👍")):
        yield Refused("bad_reaction", "react", {"seq": seq, "emoji": emoji})
    for text in ("", " \n\t", "\x00\x1f\x7f\x85", "\u2003\u3000"):
        yield Refused("empty_message", "edit_message", {"seq": MINE, "message": text})
    for text in ("x" * 8_001, "é" * 8_001, "\U0001f600" * 4_001, f" {'x' * 8_001} "):
        yield Refused("message_too_long", "edit_message", {"seq": MINE, "message": text})
    for base in (1, 2**32, 2**53 - 1):
        yield Refused("edit_conflict", "edit_message", {"seq": MINE, "message": "x", "base": base})


@dataclass(frozen=True)
class Room:
    """Ada's chat with Bob, with a message of each kind, and Bob's with Eve."""

    ada: Socket
    others: list[Socket]
    chat: int
    elsewhere: int


def said(chat: int, sender: Person, seq: int, receiver: Person) -> NewMessage:
    text, sent_at = f"text {seq}", "2026-11-22 09:31:00.000"
    return NewMessage(chat, sender.id, receiver.id, f"said-{seq}", text, sent_at=sent_at, seq=seq)


@pytest.fixture
def room(stack: Stack, people: People, ada: Person, bob: Person, eve: Person, chat: int) -> Room:
    elsewhere = people.chat_between(bob, eve)
    write(stack, elsewhere, eve, ELSEWHERE)
    senders = [bob if seq == THEIRS else ada for seq in range(1, FORGED)]
    store_messages(
        stack.database, [said(chat, who, seq, {ada: bob, bob: ada}[who]) for seq, who in enumerate(senders, 1)]
    )
    forge(stack, chat, bob, FORGED)
    query = stack.database.query
    query(
        "UPDATE messages SET content = '', deleted_at = NOW(3), change_seq = 1, text_seq = 1 WHERE seq = %s", TOMBSTONE
    )
    query("UPDATE messages SET kind = 1 WHERE chat_id = %s AND seq = %s", chat, NOTICE)
    query("UPDATE chats SET change_seq = 1 WHERE id = %s", chat)
    query("UPDATE members SET cleared_seq = %s WHERE chat_id = %s AND user_id = %s", CLEARED, chat, ada.id)
    sockets = [person.connect(features=FEATURES) for person in (ada, ada, bob, eve)]
    return Room(sockets[0], sockets[1:], chat, elsewhere)


def test_what_may_not_be_changed_stays_as_it_is_and_nobody_hears_of_it(room: Room, stack: Stack) -> None:
    before = checksums(stack)
    for number, each in enumerate((*of_what_is_not_there(room.elsewhere), *of_what_is_there())):
        fields = {"chat_id": room.chat, "client_id": f"c{number}", **each.fields}
        room.ada.send(each.kind, **fields)
        error = room.ada.expect("error")
        assert error["code"] == each.code, (each, error)
        assert error["chat_id"] == int(fields["chat_id"]), each
        if each.kind not in ("set_chat", "clear_chat"):  # these have none
            assert error["client_id"] == f"c{number}", each
        assert ("current" in error) == (each.code == "edit_conflict")
        assert checksums(stack) == before, each
    assert [socket.until_pong() for socket in (room.ada, *room.others)] == [[]] * 4


@pytest.mark.parametrize("kind", NO_EMOJI)
def test_what_is_no_emoji_is_no_reaction(room: Room, stack: Stack, kind: str) -> None:
    before = checksums(stack)
    for emoji in NO_EMOJI[kind]:
        room.ada.send("react", chat_id=room.chat, seq=THEIRS, emoji=emoji, client_id="c1")
        error = room.ada.expect("error")
        assert (error["code"], error["client_id"], error["chat_id"]) == ("bad_reaction", "c1", room.chat), ascii(emoji)
    assert [socket.until_pong() for socket in (room.ada, *room.others)] == [[]] * 4
    assert checksums(stack) == before


@pytest.mark.parametrize(
    "emoji",
    ["👍", "❤️", "🇮🇹", "👍🏽", "1️⃣", "👩‍🚀", "🏳️‍🌈", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
)
def test_an_emoji_of_any_make_is_a_reaction(room: Room, emoji: str) -> None:
    room.ada.send("react", chat_id=room.chat, seq=THEIRS, emoji=emoji, client_id="c1")
    message = room.ada.expect("changed")["message"]
    assert [reaction["emoji"] for reaction in message["reactions"]] == [emoji]


def test_the_longest_text_of_an_edit_is_taken_as_it_is(room: Room) -> None:
    for number, text in enumerate(("x" * 8_000, "\U0001f600" * 4_000)):
        room.ada.send("edit_message", chat_id=room.chat, seq=MINE, message=f" {text}\n", client_id=f"c{number}")
        assert room.ada.expect("changed")["message"]["content"] == text


def test_a_client_id_of_another_change_is_refused_and_moves_neither(room: Room, stack: Stack) -> None:
    room.ada.send("react", chat_id=room.chat, seq=THEIRS, emoji="👍", client_id="c1")
    room.ada.expect("changed")
    heard = [socket.until_pong() for socket in room.others]
    assert [len(frames) for frames in heard] == [1, 1, 0]
    before = checksums(stack)
    for kind, fields in (("react", {"emoji": "👍"}), ("edit_message", {"message": "x"}), ("delete_message", {})):
        room.ada.send(kind, chat_id=room.chat, seq=MINE, client_id="c1", **fields)
        error = room.ada.expect("error")
        assert (error["code"], error["client_id"]) == ("client_id_reused", "c1")
    assert [socket.until_pong() for socket in (room.ada, *room.others)] == [[]] * 4
    assert checksums(stack) == before


def test_one_wrong_change_takes_no_other_of_its_batch_along(room: Room) -> None:
    """All are written together: each is answered for itself, in the order in which they came."""
    wrong = list(of_what_is_there())
    for number, each in enumerate(wrong):
        fields = {"chat_id": room.chat, "client_id": f"w{number}", **each.fields}
        room.ada.send(each.kind, **fields)
        emoji = ("👍", "🎉")[number % 2]
        room.ada.send("react", chat_id=room.chat, seq=THEIRS, emoji=emoji, client_id=f"r{number}")
    answers: dict[str, Any] = {}
    while len(answers) < 2 * len(wrong):
        frame = room.ada.receive()
        if frame["type"] in ("error", "changed"):
            answers[frame["client_id"]] = frame
    assert [answers[f"w{number}"]["code"] for number in range(len(wrong))] == [each.code for each in wrong]
    made = [answers[f"r{number}"]["message"]["change_seq"] for number in range(len(wrong))]
    assert made == list(range(2, 2 + len(wrong)))
