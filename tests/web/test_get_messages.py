"""Which messages does a page of a chat hold?"""

from __future__ import annotations

from typing import Any

import pytest

from stack import Stack
from tests.support.http import RFC3339, HttpClient
from tests.support.people import Person
from tests.support.rows import write

PATH = "/backend/get_messages"


def page(person: Person, **query: object) -> tuple[list[int], bool]:
    answer = person.http.get(PATH, query)
    assert answer.status == 200, answer.text
    assert set(answer.json()) == {"messages", "more"}
    return [message["seq"] for message in answer.json()["messages"]], answer.json()["more"]


def span(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


def test_paging_gives_the_nearest_messages_oldest_first(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    assert page(ada, chat_id=chat) == ([], False)
    write(stack, chat, ada, 120)
    write(stack, chat, bob, 130, first=121)
    cases: list[tuple[dict[str, int], tuple[list[int], bool]]] = [
        ({}, (span(201, 250), True)),
        ({"limit": 1}, ([250], True)),
        ({"limit": 200}, (span(51, 250), True)),
        ({"before_seq": 201}, (span(151, 200), True)),
        ({"before_seq": 51, "limit": 50}, (span(1, 50), False)),
        ({"before_seq": 52, "limit": 50}, (span(2, 51), True)),
        ({"before_seq": 1}, ([], False)),
        ({"before_seq": 0}, ([], False)),
        ({"before_seq": 2**32 - 1, "limit": 3}, (span(248, 250), True)),
        ({"after_seq": 0}, (span(1, 50), True)),
        ({"after_seq": 200}, (span(201, 250), False)),
        ({"after_seq": 199}, (span(200, 249), True)),
        ({"after_seq": 250}, ([], False)),
        ({"after_seq": 2**32 - 1}, ([], False)),
        ({"after_seq": 10, "limit": 2}, ([11, 12], True)),
    ]
    for query, wanted in cases:
        assert page(ada, chat_id=chat, **query) == wanted, query
        assert page(bob, chat_id=chat, **query) == wanted, query


def around(person: Person, **query: object) -> tuple[list[int], bool, bool]:
    answer = person.http.get(PATH, query)
    assert answer.status == 200, answer.text
    body = answer.json()
    return [message["seq"] for message in body["messages"]], body["more"], body.get("more_after", False)


def test_a_page_around_a_message_has_it_in_the_middle(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    assert around(ada, chat_id=chat, around_seq=1) == ([], False, False)
    write(stack, chat, bob, 100)
    cases: list[tuple[dict[str, int], tuple[list[int], bool, bool]]] = [
        ({"around_seq": 50, "limit": 5}, (span(48, 52), True, True)),
        ({"around_seq": 50, "limit": 4}, (span(48, 51), True, True)),
        ({"around_seq": 50, "limit": 1}, ([50], True, True)),
        ({"around_seq": 2, "limit": 5}, (span(1, 5), False, True)),
        ({"around_seq": 0, "limit": 5}, (span(1, 5), False, True)),
        ({"around_seq": 100, "limit": 5}, (span(96, 100), True, False)),
        ({"around_seq": 2**32 - 1, "limit": 5}, (span(96, 100), True, False)),
        ({"around_seq": 7, "limit": 200}, (span(1, 100), False, False)),
        ({"around_seq": 60}, (span(35, 84), True, True)),
    ]
    for query, wanted in cases:
        assert around(ada, chat_id=chat, **query) == wanted, query


def test_a_page_around_an_instant_is_around_the_first_message_since(
    stack: Stack, ada: Person, bob: Person, chat: int
) -> None:
    assert around(ada, chat_id=chat, around_date="2026-11-22T09:31:00.001Z") == ([], False, False)
    write(stack, chat, bob, 500)
    write(stack, chat, bob, 3, first=501, at="2026-11-23 10:00:00")
    for instant, seq in (
        ("2026-11-22T09:31:00.123Z", 123),
        ("2026-11-22T09:31:00.001Z", 1),
        ("1970-01-01T00:00:00.000Z", 1),
        ("2026-11-22T09:31:00.500Z", 500),
        ("2026-11-22T09:31:00.501Z", 501),
        ("2026-11-23T10:00:00.503Z", 503),
        ("2026-11-23T10:00:00.504Z", 503),
        ("9999-12-31T23:59:59.999Z", 503),
    ):
        seqs, more, more_after = around(ada, chat_id=chat, around_date=instant, limit=1)
        assert (seqs, more, more_after) == ([seq], seq > 1, seq < 503), instant


def test_a_jump_stays_above_the_floor(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 100)
    stack.database.query("UPDATE chats SET purged_seq = 30 WHERE id = %s", chat)
    stack.database.query("DELETE FROM messages WHERE chat_id = %s AND seq <= 30", chat)
    stack.database.query("UPDATE members SET cleared_seq = 60 WHERE chat_id = %s AND user_id = %s", chat, bob.id)
    queries: list[dict[str, object]] = [{"around_seq": 5}, {"around_date": "2026-11-22T09:31:00.005Z"}]
    for query in queries:
        assert around(ada, chat_id=chat, limit=3, **query) == (span(31, 33), False, True)
        assert around(bob, chat_id=chat, limit=3, **query) == (span(61, 63), False, True)
    stack.database.query("UPDATE members SET cleared_seq = 100 WHERE chat_id = %s", chat)
    for query in queries:
        assert around(ada, chat_id=chat, **query) == ([], False, False)


def test_a_page_around_a_long_message_has_the_message(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 199)
    stack.database.query("UPDATE messages SET content = REPEAT('€', 8000) WHERE chat_id = %s", chat)
    seqs, more, more_after = around(ada, chat_id=chat, around_seq=100, limit=200)
    assert 5 < len(seqs) < 15  # of 24 KB each in 256 KiB
    assert (min(seqs) < 100 < max(seqs), more, more_after) == (True, True, True)
    assert abs((100 - seqs[0]) - (seqs[-1] - 100)) <= 1


@pytest.mark.parametrize(
    "instant",
    [
        *("", "now", "0", "1764000000", "2026-11-22", "2026-11-22T09:31:00Z", "2026-11-22 09:31:00.123Z", "' OR 1=1"),
        *("2026-02-30T00:00:00.000Z", "2026-11-22T24:00:00.000Z", "2026-11-22T09:31:60.000Z"),
        *("0000-01-01T00:00:00.000Z", "2026-11-22T09:31:00.123Z\n", "2026-11-22T09:31:00.123+01:00"),
        "٢٠٢٦-11-22T09:31:00.123Z",
    ],
)
def test_what_is_no_instant_is_a_bad_request(ada: Person, chat: int, instant: str) -> None:
    answer = ada.http.get(PATH, {"chat_id": chat, "around_date": instant})
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")


def test_walking_back_page_by_page_finds_every_message_once(stack: Stack, ada: Person, chat: int) -> None:
    write(stack, chat, ada, 23)
    found, more = page(ada, chat_id=chat, limit=7)
    while more:
        earlier, more = page(ada, chat_id=chat, limit=7, before_seq=found[0])
        found = earlier + found
    assert found == span(1, 23)


def test_a_message_looks_as_it_does_everywhere(ada: Person, bob: Person, chat: int) -> None:
    text = "  <b>'\"\\ 😀 हिन्दी\n\n\t\u2028 x "
    sent = ada.say(chat, text, client_id="c1")
    for path in (PATH, f"{PATH}.php"):
        answer = ada.http.get(path, {"chat_id": chat})
        assert answer.headers["Cache-Control"] == "no-store"
        (message,) = answer.json()["messages"]
        assert message == {
            "id": sent["message_id"],
            "chat_id": chat,
            "seq": 1,
            "sender_id": ada.id,
            "username": "ada",
            "content": text.strip(" "),
            "sent_at": sent["sent_at"],
            "client_id": "c1",
        }
        assert RFC3339.match(message["sent_at"])
        assert message == ada.chats()[0]["messages"][0]
    (bobs,) = bob.http.get(PATH, {"chat_id": chat}).json()["messages"]
    assert "client_id" not in bobs
    assert bobs == bob.chats()[0]["messages"][0]


def test_an_outsider_cannot_tell_a_chat_from_one_that_does_not_exist(
    stack: Stack, ada: Person, eve: Person, chat: int, browser_of_nobody: HttpClient
) -> None:
    write(stack, chat, ada, 3)

    def ask(chat_id: int, **query: object) -> tuple[int, Any]:
        answer = eve.http.get(PATH, {"chat_id": chat_id, **query})
        return answer.status, answer.json()

    queries: list[dict[str, object]] = [{}, {"before_seq": 3}, {"after_seq": 0}, {"limit": 200}, {"around_seq": 1}]
    queries.append({"around_date": "2026-11-22T09:31:00.001Z"})
    for query in queries:
        status, body = ask(chat, **query)
        assert (status, body["code"]) == (404, "no_such_chat")
        assert ask(2**32 - 1, **query) == (status, body)
    assert browser_of_nobody.get(PATH, {"chat_id": chat}).status == 401


WRONG_NUMBERS = ["", " ", "x", "-1", "+1", "1.0", "1e2", "0x1", " 1", "1 ", "1\n", "1_0", "１", "١", "²", "4294967296"]
WRONG_NUMBERS += ["9" * 400, "null", "true", "[1]", "1 or 1=1", "1;", "\x00"]


@pytest.mark.parametrize("field", ["chat_id", "before_seq", "after_seq", "around_seq", "limit"])
def test_what_is_not_a_plain_number_is_a_bad_request(ada: Person, chat: int, field: str) -> None:
    for value in WRONG_NUMBERS:
        answer = ada.http.get(PATH, {"chat_id": chat, field: value})
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), value


def test_numbers_that_make_no_sense_are_a_bad_request(ada: Person, chat: int) -> None:
    for query in (
        {},
        {"limit": 5},
        {"chat_id": 0},
        {"chat_id": chat, "limit": 0},
        {"chat_id": chat, "limit": 201},
        {"chat_id": chat, "before_seq": 3, "after_seq": 1},
        {"chat_id": chat, "around_seq": 3, "after_seq": 1},
        {"chat_id": chat, "around_seq": 3, "around_date": "2026-11-22T09:31:00.001Z"},
    ):
        answer = ada.http.get(PATH, query)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), query
