"""How does somebody with many chats get their list, a page at a time?"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from stack import Stack
from tests.support.people import Person
from tests.support.rows import add_partners, write

PATH = "/backend/get_chats"


def page(person: Person, query: str) -> tuple[list[dict[str, Any]], str | None]:
    """Return the chats of a page, and the query of the next one."""
    answer = person.http.get(f"{PATH}{query}")
    assert answer.status == 200, answer.text
    link = re.fullmatch(r'<(/backend/get_chats)(\?[^>]*)>; rel="next"', answer.headers.get("Link") or "")
    assert link or "Link" not in answer.headers
    return answer.json(), link[2] if link else None


def walk(person: Person, limit: int) -> list[list[int]]:
    """Return the ids of the chats on each page."""
    pages: list[list[int]] = []
    query: str | None = f"?limit={limit}"
    while query is not None:
        chats, query = page(person, query)
        pages.append([chat["id"] for chat in chats])
    return pages


def test_pages_hold_every_chat_once_in_the_order_of_the_whole_list(stack: Stack, ada: Person) -> None:
    chats = add_partners(stack, ada, 25)
    for place, chat in enumerate(chats[:15]):  # some at the same time, some before the empty ones, some after
        write(stack, chat, ada, 2, at=f"20{20 + place // 3}-01-01 00:00:00")
    whole = [chat["id"] for chat in ada.chats()]
    assert sorted(whole) == chats
    for limit in (1, 7, 24, 25, 26):
        pages = walk(ada, limit)
        assert [chat for ids in pages for chat in ids] == whole
        assert [len(ids) for ids in pages] == [limit] * (25 // limit) + ([25 % limit] if 25 % limit else [])


def test_a_page_tells_of_a_chat_what_the_whole_list_tells(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, bob, 40)
    other = add_partners(stack, ada, 1)[-1]
    write(stack, other, ada, 3, at="2020-01-01 00:00:00")
    whole = ada.chats()
    first, following = page(ada, "?limit=1")
    assert first == whole[:1]
    assert following is not None
    [behind], last = page(ada, following)
    assert last is None
    assert [message["seq"] for message in behind["messages"]] == [3]  # for the list; the others come when it is opened
    assert behind | {"messages": whole[1]["messages"], "more": False} == whole[1]


def test_a_chat_that_moves_up_while_one_walks_is_never_told_of_twice(stack: Stack, ada: Person) -> None:
    chats = add_partners(stack, ada, 6)
    first, following = page(ada, "?limit=3")
    write(stack, chats[0], ada, 1, at="2037-01-01 00:00:00")
    assert following is not None
    rest, last = page(ada, following)
    assert [chat["id"] for chat in first + rest] == chats[:0:-1]
    assert last is None
    assert page(ada, "?limit=1")[0][0]["id"] == chats[0]


def test_nobody_sees_chats_of_others_by_a_cursor(stack: Stack, ada: Person, eve: Person) -> None:
    add_partners(stack, ada, 3)
    _, following = page(ada, "?limit=1")
    assert following is not None
    assert page(eve, following) == ([], None)


@pytest.mark.parametrize(
    "query",
    [
        *(f"limit={limit}" for limit in ("", "0", "-1", "201", "1.0", "x", "1e1", "%C2%B2")),
        "before=2026-11-22T09:31:00.123Z_1",  # without a limit
        *(
            f"limit=5&before={quote(cursor)}"
            for cursor in (
                "",
                "1",
                "x_1",
                "2026-11-22T09:31:00.123Z",
                "2026-11-22T09:31:00.123Z_0",
                "2026-11-22T09:31:00.123Z_01",
                "2026-11-22T09:31:00.123Z_1\n",
                "2026-11-22T09:31:00.123Z_4294967296",
                "2026-13-22T09:31:00.123Z_1",
                "2026-02-30T09:31:00.123Z_1",
                "2026-11-22 09:31:00.123_1",
                "２026-11-22T09:31:00.123Z_1",
                "2026-11-22T09:31:00.123Z_1' OR 1=1 --",
            )
        ),
    ],
)
def test_a_limit_or_cursor_that_makes_no_sense_is_a_bad_request(ada: Person, query: str) -> None:
    answer = ada.http.get(f"{PATH}?{query}")
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")
