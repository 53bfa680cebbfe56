"""Does a malformed frame get the contract's error, store nothing, disturb nobody and leave the connection alive?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from stack import Stack
from tests.support.checksums import checksums
from tests.support.people import Person
from tests.support.raw_json import HUGE, SURROGATES, as_json
from tests.support.socket import Socket

NO_ID: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.0,
    1.5,
    2**32,
    2**63,
    2**70,
    HUGE,
    "",
    "x",
    "0",
    "01",
    "1.0",
    "-1",
    " 1",
]
NO_ID += ["4294967296", "x" * 5_000, [], [1], {}, {"a": 1}]
NO_SEQ: list[Any] = [None, True, False, -1, 1.0, 1.5, 2**53, 2**63, 2**64, HUGE, "1", "", "x" * 5_000, [], [1], {}]
NO_SEQ += [{"a": 1}]
NO_TEXT: list[Any] = [None, True, False, 0, 1, 1.5, HUGE, [], ["hi"], {}, {"a": "b"}, *SURROGATES]
NO_CLIENT_ID: list[Any] = [True, False, 0, 1, 1.5, HUGE, [], ["c1"], {}, "", "a b", "é", "x" * 65, "x" * 5_000, "a\n"]
NO_CLIENT_ID += SURROGATES
NO_FILES: list[Any] = [None, True, False, 0, 1, 1.5, HUGE, "", "1", {}, {"a": 1}, *SURROGATES]
NO_FILES += [[value] for value in NO_ID] + [[1, value] for value in NO_ID]
NO_FILES += [[1, 1], [1, "1"], [1, 2, 1], list(range(1, 12)), [[]], [[1]]]
NO_SWITCH: list[Any] = [None, 0, 1, 1.5, HUGE, "true", "", [], {}]
NO_INSTANT: list[Any] = [True, 0, 1, 1.5, HUGE, "", "x", [], {}, "2026-01-01", "2026-01-01T00:00:00", *SURROGATES]
NO_INSTANT += ["2026-13-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z", "x" * 5_000]
NO_SECONDS: list[Any] = [
    True,
    False,
    -1,
    0,
    1,
    3_599,
    31_536_001,
    2**31,
    2**63,
    3600.5,
    HUGE,
    "",
    "3600",
    [],
    [3_600],
    {},
]
NO_PAIR: list[Any] = [[], [1], [1, 2, 3], [[1], 2], {"1": 0}]
NO_PAIR += [pair for value in NO_SEQ for pair in ([value, 0], [0, value])]
NO_CHATS: list[Any] = [None, True, 1, "1", HUGE, [], [1], [[1, 2]]]
NO_CHATS += [{"1": value} for value in [value for value in NO_SEQ if not isinstance(value, list)] + NO_PAIR]
NO_CHATS += [{key: 1} for key in ("", "x", "0", "-1", "01", "1.0", "4294967296", "x" * 5_000)]

Fields = dict[str, list[Any]]


def table(chat: int, other: int) -> list[tuple[dict[str, Any], Fields, tuple[str, ...]]]:
    """Return every frame as it is right, with the wrong values of its fields, and the fields that must be there."""
    named = {"chat_id": chat, "client_id": "c1"}
    change = {**named, "seq": 1}
    no_message, no_change = {"chat_id": NO_ID, "client_id": NO_CLIENT_ID}, {"chat_id": NO_ID, "seq": NO_SEQ}
    no_change["client_id"] = [None, *NO_CLIENT_ID]
    optional_id, optional_seq = NO_ID[1:], NO_SEQ[1:]
    changed, place = ("chat_id", "seq", "client_id"), {"chat_id": chat, "seq": 1}
    return [
        (
            {"type": "send_message", "message": "hi", **named},
            {
                **no_message,
                "message": NO_TEXT,
                "reply_to_seq": optional_seq,
                "files": NO_FILES,
                "sender_id": optional_id,
                "receiver_id": optional_id,
            },
            ("chat_id", "message"),
        ),
        (
            {"type": "edit_message", "message": "hi", **change},
            {**no_change, "message": NO_TEXT, "base": optional_seq},
            (*changed, "message"),
        ),
        ({"type": "delete_message", **change}, no_change, changed),
        ({"type": "react", "emoji": "👍", **change}, {**no_change, "emoji": NO_TEXT[1:]}, (*changed, "emoji")),
        (
            {"type": "set_keep", "seconds": 3_600, **named},
            {"chat_id": NO_ID, "client_id": [None, *NO_CLIENT_ID], "seconds": NO_SECONDS},
            ("chat_id", "client_id", "seconds"),
        ),
        ({"type": "clear_chat", **place}, {"chat_id": NO_ID, "seq": NO_SEQ}, ("chat_id", "seq")),
        (
            {"type": "set_chat", "chat_id": chat, "pinned": True, "archived": True, "muted_until": None},
            {"chat_id": NO_ID, "pinned": NO_SWITCH, "archived": NO_SWITCH, "muted_until": NO_INSTANT},
            ("chat_id",),
        ),
        ({"type": "add_chat", "other_user_id": other}, {"other_user_id": NO_ID}, ("other_user_id",)),
        ({"type": "add_chat", "username": "bob"}, {"username": NO_TEXT}, ("username",)),
        ({"type": "sync", "chats": {}}, {"chats": NO_CHATS, "only": NO_SWITCH}, ("chats",)),
        ({"type": "delivered", **place}, {"chat_id": NO_ID, "seq": NO_SEQ}, ("chat_id", "seq")),
        ({"type": "read", **place}, {"chat_id": NO_ID, "seq": NO_SEQ}, ("chat_id", "seq")),
        (
            {"type": "typing", "chat_id": chat, "typing": True},
            {"chat_id": NO_ID, "typing": NO_SWITCH},
            ("chat_id", "typing"),
        ),
    ]


def wrong_frames(chat: int, other: int) -> Iterator[str]:
    """Every frame with every field of every wrong type, and with every field left out that must be there."""
    for right, fields, needed in table(chat, other):
        for field, values in fields.items():
            yield from (as_json({**right, field: value, "unknown": [None]}) for value in values)
        for field in needed:
            yield as_json({name: value for name, value in right.items() if name != field})


def test_every_json_type_in_every_field_is_a_bad_frame(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    ada.say(chat, "first")
    adas, tab, bobs, eves = (person.connect(features=["changes"]) for person in (ada, ada, bob, eve))
    before = checksums(stack)
    for frame in wrong_frames(chat, eve.id):
        adas.send_raw(frame)
        error = adas.expect("error")
        assert error["code"] == "bad_frame", frame
        assert set(error) <= {"type", "code", "message", "client_id", "chat_id"}
    for socket in (adas, tab, bobs, eves):
        assert socket.until_pong() == []
    assert before == checksums(stack)


@pytest.mark.parametrize("number", range(13))
def test_the_frame_that_the_wrong_ones_are_made_from_is_right(ada: Person, bob: Person, chat: int, number: int) -> None:
    ada.say(chat, "first")
    right, _, _ = table(chat, bob.id)[number]
    socket = ada.connect()
    socket.send_raw(as_json({**right, "unknown": [None]}))
    assert "error" not in {frame["type"] for frame in socket.until_pong()}


def test_every_json_type_in_auth_is_a_bad_frame_and_may_be_corrected(ada: Person, socket_of_nobody: Socket) -> None:
    for fields in (
        *({"user_id": value, "token": ada.token} for value in NO_ID),
        *({"user_id": ada.id, "token": value} for value in NO_TEXT),
        {"user_id": ada.id},
        {"token": ada.token},
        {},
    ):
        socket_of_nobody.send_raw(as_json({"type": "auth", **fields}))
        assert socket_of_nobody.expect("error")["code"] == "bad_frame", fields
    socket_of_nobody.send("auth", user_id=ada.id, token=ada.token)
    assert socket_of_nobody.expect("auth")["status"] == "success"


NOT_FRAMES = [
    *("", " ", "x", "null", "true", "1", '"ping"', "[]", '[{"type":"ping"}]', "{", "{}", "}", '{"type":"ping"', "NaN"),
    *('{"type":null}', '{"type":1}', '{"type":["ping"]}', '{"type":{"ping":1}}', "{'type':'ping'}", '{"type":"ping"}x'),
    *('{"type":"ping","x":NaN}', '{"type":"ping","x":Infinity}', '{"type":"ping","x":-Infinity}', "\ufeff{}"),
    *('{"type":"ping","x":"\\ud800"}', '{"type":"\\ud800"}', '{"\\udfff":1,"type":"ping"}', '{"type":"nope","x":}'),
    *("[" * 60_000, '{"a":' * 12_000, '{"type":"ping","x":' + "[" * 30_000 + "]" * 30_000 + "}", "9" * 60_000),
    '{"type":"ping","x":"\x00"}',
]


def test_what_is_no_frame_is_a_bad_frame(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    for text in NOT_FRAMES:
        adas.send_raw(text)
        error = adas.expect("error")
        assert error["code"] == "bad_frame", text[:60]
    for binary in (b"", b"\x00", b'{"type":"ping"}', b"\xff" * 1_000):
        adas.send_raw(binary)
        assert adas.expect("error")["code"] == "bad_frame"
    assert adas.until_pong() == bobs.until_pong() == []
    assert stack.database.query("SELECT id FROM messages") == []


@pytest.mark.parametrize("kind", ["", "PING", "ping ", "pong", "message", "message_sent", "auth_ok", "__init__", "💥"])
def test_an_unknown_type_says_so(ada: Person, kind: str) -> None:
    adas = ada.connect()
    adas.send(kind, chat_id=1)
    assert adas.expect("error")["code"] == "unknown_type"
    assert adas.until_pong() == []


def test_unknown_fields_are_ignored_everywhere(ada: Person, bob: Person, chat: int) -> None:
    adas, bobs = ada.connect(), bob.connect()
    extra = {"x": [None, {"type": "auth"}], "from": bob.id, "seq_": 1}
    adas.send("send_message", chat_id=chat, message="hi", **extra)
    adas.expect("message_sent")
    assert bobs.expect("message")["from"] == ada.id
    adas.send("typing", chat_id=chat, typing=False, **extra)
    assert adas.until_pong() == []
    assert bobs.expect("typing") == {"type": "typing", "chat_id": chat, "from": ada.id, "typing": False}


def test_a_frame_has_64_kib_and_not_one_byte_more(ada: Person, bob: Person, chat: int) -> None:
    adas, tab, bobs = ada.connect(), ada.connect(), bob.connect()
    fits = '{"type":"ping"}'.ljust(64 * 1024)
    adas.send_raw(fits)
    assert adas.expect("pong") == {"type": "pong"}
    adas.send_raw(fits + " ")
    assert adas.wait_closed() == 1009
    parts = ada.connect()
    with contextlib.suppress(ConnectionClosed):  # the server may close before the last part has left
        parts.connection.send(["{" + " " * 40_000, " " * 40_000, "}"])
    assert parts.wait_closed() == 1009
    assert tab.until_pong() == bobs.until_pong() == []


def test_a_message_in_fragments_is_one_frame(ada: Person) -> None:
    adas = ada.connect()
    adas.connection.send(["{", '"type":', '"pi', 'ng"}'])
    assert adas.expect("pong") == {"type": "pong"}
