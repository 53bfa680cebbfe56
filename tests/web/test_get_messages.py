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

    for query in ({}, {"before_seq": 3}, {"after_seq": 0}, {"limit": 200}):
        status, body = ask(chat, **query)
        assert (status, body["code"]) == (404, "no_such_chat")
        assert ask(2**32 - 1, **query) == (status, body)
    assert browser_of_nobody.get(PATH, {"chat_id": chat}).status == 401


WRONG_NUMBERS = ["", " ", "x", "-1", "+1", "1.0", "1e2", "0x1", " 1", "1 ", "1\n", "1_0", "１", "١", "²", "4294967296"]
WRONG_NUMBERS += ["9" * 400, "null", "true", "[1]", "1 or 1=1", "1;", "\x00"]


@pytest.mark.parametrize("field", ["chat_id", "before_seq", "after_seq", "limit"])
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
    ):
        answer = ada.http.get(PATH, query)
        assert (answer.status, answer.json()["code"]) == (400, "bad_request"), query
