"""Does a malformed frame get the contract's error, store nothing, disturb nobody and leave the connection alive?"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from stack import Stack
from tests.support.people import Person
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
    2**70,
    "",
    "x",
    "0",
    "01",
    "1.0",
    "-1",
    " 1",
    [],
    [1],
    {},
]
NO_SEQ: list[Any] = [None, True, False, -1, 1.0, 1.5, 2**53, "1", "", [], [1], {}, {"a": 1}]
NO_TEXT: list[Any] = [None, True, False, 0, 1, 1.5, [], ["hi"], {}, {"a": "b"}]
NO_CLIENT_ID: list[Any] = [True, False, 0, 1, 1.5, [], ["c1"], {}, "", "a b", "é", "x" * 65, "a\n"]
NO_SWITCH: list[Any] = [None, 0, 1, 1.5, "true", "", [], {}]
NO_CHATS: list[Any] = [None, True, 1, "1", [], [1], [[1, 2]]]
NO_CHATS += [{"1": value} for value in NO_SEQ] + [{key: 1} for key in ("", "x", "0", "-1", "01", "1.0", "4294967296")]


def wrong_frames(chat: int, other: int) -> Iterator[dict[str, Any]]:
    """Every frame with every field of every wrong type, and with every field left out that must be there."""
    message = {"type": "send_message", "chat_id": chat, "message": "hi", "client_id": "c1"}
    table: list[tuple[dict[str, Any], dict[str, list[Any]], tuple[str, ...]]] = [
        (
            message,
            {
                "chat_id": NO_ID,
                "message": NO_TEXT,
                "client_id": NO_CLIENT_ID,
                "sender_id": NO_ID[1:],
                "receiver_id": NO_ID[1:],
            },
            ("chat_id", "message"),
        ),
        ({"type": "add_chat", "other_user_id": other}, {"other_user_id": NO_ID}, ("other_user_id",)),
        ({"type": "add_chat", "username": "bob"}, {"username": NO_TEXT}, ("username",)),
        ({"type": "sync", "chats": {}}, {"chats": NO_CHATS}, ("chats",)),
        ({"type": "delivered", "chat_id": chat, "seq": 1}, {"chat_id": NO_ID, "seq": NO_SEQ}, ("chat_id", "seq")),
        ({"type": "read", "chat_id": chat, "seq": 1}, {"chat_id": NO_ID, "seq": NO_SEQ}, ("chat_id", "seq")),
        (
            {"type": "typing", "chat_id": chat, "typing": True},
            {"chat_id": NO_ID, "typing": NO_SWITCH},
            ("chat_id", "typing"),
        ),
    ]
    for right, fields, needed in table:
        for field, values in fields.items():
            yield from ({**right, field: value} for value in values)
        for field in needed:
            yield {name: value for name, value in right.items() if name != field}


def test_every_json_type_in_every_field_is_a_bad_frame(
    stack: Stack, ada: Person, bob: Person, eve: Person, chat: int
) -> None:
    ada.say(chat, "first")
    adas, tab, bobs, eves = ada.connect(), ada.connect(), bob.connect(), eve.connect()
    # not when somebody was last seen: that is written a moment after it was so
    tables = ("* FROM messages", "* FROM chats", "id, username, password FROM users")
    before = {table: stack.database.query(f"SELECT {table}") for table in tables}
    for frame in wrong_frames(chat, eve.id):
        adas.send_raw(json.dumps(frame))
        error = adas.expect("error")
        assert error["code"] == "bad_frame", frame
        assert set(error) <= {"type", "code", "message", "client_id"}
    for socket in (adas, tab, bobs, eves):
        assert socket.until_pong() == []
    assert before == {table: stack.database.query(f"SELECT {table}") for table in tables}


def test_every_json_type_in_auth_is_a_bad_frame_and_may_be_corrected(ada: Person, socket_of_nobody: Socket) -> None:
    for fields in (
        *({"user_id": value, "token": ada.token} for value in NO_ID),
        *({"user_id": ada.id, "token": value} for value in NO_TEXT),
        {"user_id": ada.id},
        {"token": ada.token},
        {},
    ):
        socket_of_nobody.send("auth", **fields)
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
    for surrogate in ("\\ud800", "\\udfff", "ok \\ud83d end", "\\ude00\\ud83d"):
        adas.send_raw(f'{{"type":"send_message","chat_id":{chat},"message":"{surrogate}","client_id":"c1"}}')
        assert adas.expect("error")["code"] == "bad_frame", surrogate
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
