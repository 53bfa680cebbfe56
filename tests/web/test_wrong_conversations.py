"""Does a search, an export or a page that makes no sense get the contract's error, and change nothing?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from stack import Stack
from tests.support.checksums import checksums
from tests.support.http import Answer
from tests.support.people import Person
from tests.support.raw_json import HUGE, SURROGATES, Raw, as_json

SEARCH, EXPORT, PAGE = "/backend/search", "/backend/export", "/backend/get_messages"
NO_ID: list[Any] = [None, True, False, 0, -1, 1.0, 1.5, 2**32, 2**63, 2**70, HUGE, "", "x", "1", [], [1], {}, {"a": 1}]
NO_WORDS: list[Any] = [None, True, 0, 1.5, HUGE, "", " ", "\t\n", "\u0301", "x" * 201, "x" * 2_000, "x" * 2_001]
NO_WORDS += [*SURROGATES, [], ["a"], {}]
NO_PLACE: list[Any] = [None, True, 0, HUGE, "", "1", "1_2", "1_2_x", "1_2_3_4", "01_2_3", "-1_2_3", "1_2_3\n", "²_2_3"]
NO_PLACE += [f"{2**63}_1_1", f"{'9' * 400}_1_1", *SURROGATES, [], [1, 2, 3], {}]
NO_FORM: list[Any] = [None, True, 0, HUGE, "", "HTML", "html ", "pdf", *SURROGATES, [], ["html"], {}]
NO_ZONE: list[Any] = [None, True, 0, HUGE, "", "../../etc/passwd", "Europe/Rome\n", "x" * 65, *SURROGATES, [], {}]
NO_OBJECTS: list[Any] = [None, True, 0, "", "x", HUGE, [], [{}], {}]
NO_JSON = ["", "{", "nonsense", "{}x", "NaN", "[" * 60_000, '{"a":' * 5_000]

TABLE: list[tuple[str, dict[str, Any], dict[str, list[Any]], tuple[str, ...]]] = [
    (SEARCH, {"q": "text"}, {"q": NO_WORDS, "chat_id": NO_ID, "before": NO_PLACE}, ("q",)),
    (
        EXPORT,
        {"format": "jsonl"},
        {"chat_id": NO_ID, "format": NO_FORM, "time_zone": NO_ZONE},
        ("chat_id", "format"),
    ),
]


def post(person: Person, path: str, body: str, kind: str = "application/json") -> Answer:
    return person.http.request("POST", path, body.encode(), {"Content-Type": kind})


def wrong_bodies(right: dict[str, Any], fields: dict[str, list[Any]], needed: tuple[str, ...]) -> Iterator[str]:
    """Yield every body with a field of every wrong type, and with every field left out that must be there."""
    for field, values in fields.items():
        yield from (as_json({**right, field: value, "unknown": [None]}) for value in values)
    for field in needed:
        yield as_json({name: value for name, value in right.items() if name != field})
    yield from map(as_json, NO_OBJECTS)
    yield from map(Raw, NO_JSON)


@pytest.mark.parametrize(("path", "right", "fields", "needed"), TABLE)
def test_every_json_type_in_every_field_is_a_bad_request(
    stack: Stack,
    ada: Person,
    bob: Person,
    chat: int,
    path: str,
    right: dict[str, Any],
    fields: dict[str, list[Any]],
    needed: tuple[str, ...],
) -> None:
    ada.say(chat, "text")
    sockets = [person.connect(features=["changes"]) for person in (ada, bob)]
    before, right = checksums(stack), {"chat_id": chat, **right}
    for body in wrong_bodies(right, fields, needed):
        answer = post(ada, path, body)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), body[:200]
    assert post(ada, path, as_json({**right, "unknown": [None]})).status == 200
    assert [socket.until_pong() for socket in sockets] == [[], []]
    assert checksums(stack) == before


@pytest.mark.parametrize(
    "words", ["%", "_", "\\", "t_xt", "t%t", ".*", "[a-z]+", "^text$", "(", "t(e|y)xt", "\x00", "x" * 200]
)
def test_words_are_searched_as_they_are(ada: Person, chat: int, words: str) -> None:
    ada.say(chat, "text")
    for fields in ({}, {"chat_id": chat}):
        answer = ada.http.post_json(SEARCH, {"q": words, **fields})
        assert (answer.status, answer.json()["found"]) == (200, []), words


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "nonsense"])
def test_a_body_of_another_kind_is_no_request(ada: Person, chat: int, kind: str) -> None:
    for path, right, _, _ in TABLE:
        answer = post(ada, path, as_json({"chat_id": chat, **right}), kind)
        assert answer.status == 400, (path, kind)


def test_a_form_with_wrong_fields_is_a_bad_request(stack: Stack, ada: Person, chat: int) -> None:
    before = checksums(stack)
    for fields in (
        {},
        {"format": "html"},
        {"chat_id": "x", "format": "html"},
        {"chat_id": f"{chat}.0", "format": "html"},
        {"chat_id": f" {chat}", "format": "html"},
        {"chat_id": chat, "format": "x"},
        {"chat_id": chat, "format": "html", "time_zone": "\ud83d".encode("utf-16", "surrogatepass")},
    ):
        answer = post(ada, EXPORT, urlencode(fields), "application/x-www-form-urlencoded")
        assert answer.status == 400, fields
    assert checksums(stack) == before


def test_places_in_a_chat_that_make_no_sense_are_a_bad_request(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    ada.say(chat, "text")
    socket, before = bob.connect(features=["changes"]), checksums(stack)
    for field, values in (
        ("around_seq", ["", "x", "-1", "1.0", "1e0", "1e400", "4294967296", "9" * 400, "null", "[1]", "\ud83d"]),
        ("around_date", ["", "x", "0", "null", "2026-11-22", "2026-11-22T09:31:00Z", "9999-99-99T99:99:99.999Z", "[]"]),
    ):
        for value in values:
            query = urlencode({"chat_id": chat, field: value}, errors="surrogatepass")
            answer = ada.http.get(f"{PAGE}?{query}")
            assert (answer.status, answer.json()["code"]) == (400, "bad_request"), (field, ascii(value))
    for query in ("around_seq=1&around_date=2026-11-22T09:31:00.000Z", "around_seq=1&before_seq=1", "around_seq=%ff"):
        assert ada.http.get(f"{PAGE}?chat_id={chat}&{query}").status == 400, query
    assert socket.until_pong() == []
    assert checksums(stack) == before
