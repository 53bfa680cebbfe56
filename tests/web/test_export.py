"""What does somebody take along of a conversation, and who may?"""

from __future__ import annotations

import io
import json
import re
import zipfile
from html.parser import HTMLParser
from typing import Any

import pytest

from stack import Stack
from tests.conftest import StackMaker
from tests.support.http import Answer
from tests.support.people import People, Person
from tests.support.rows import FORGED, forge, write

PATH = "/backend/export"
SCRIPT = '<script>alert(1)</script> & "quoted" <img src=x onerror=alert(1)> {{ 7 * 7 }} {% raw %}'


def ask(person: Person, chat: object, form: object = "html", **fields: object) -> Answer:
    return person.http.post_json(PATH, {"chat_id": chat, "format": form, **fields})


def unpack(answer: Answer) -> dict[str, str]:
    """Return the files of a ZIP, each under its name in the ZIP's folder."""
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        assert packed.testzip() is None
        return {name.partition("/")[2]: packed.read(name).decode() for name in packed.namelist()}


def pages(person: Person, chat: int, **fields: object) -> dict[str, str]:
    return unpack(ask(person, chat, **fields))


def lines(person: Person, chat: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in unpack(ask(person, chat, "jsonl"))["messages.jsonl"].splitlines()]


class Parsed(HTMLParser):
    """The elements of a page, the texts of its messages, and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self._is_text = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        assert not any(name.startswith("on") for name in named), named
        self.tags.add(tag)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [named["href"] or ""] if "href" in named else []
        self._is_text = tag == "p" and named.get("class") == "text"
        if self._is_text:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_text = False

    def handle_data(self, data: str) -> None:
        if self._is_text:
            self.texts[-1] += data


def texts(page: str) -> list[str]:
    return Parsed(page).texts


def test_an_archive_has_an_index_and_a_page_for_each_month(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 250, at="2026-09-30 22:30:00")
    write(stack, chat, bob, 3, first=251, at="2026-11-22 09:31:00")
    answer = ask(bob, chat)
    assert answer.headers["Content-Disposition"] == "attachment; filename=ChatApp-ada.zip"
    found = unpack(answer)
    assert list(found) == ["2026-09.html", "2026-11.html", "index.html"]
    assert texts(found["2026-09.html"]) == [f"text {seq}" for seq in range(1, 251)]
    assert texts(found["2026-11.html"]) == ["text 251", "text 252", "text 253"]
    for words in ("September 2026", "250 messages", "November 2026", "3 messages"):
        assert words in found["index.html"]
    assert Parsed(found["index.html"]).links == ["2026-09.html", "2026-11.html"]
    assert set(Parsed(found["2026-09.html"]).links) == {"index.html", "2026-11.html"}
    assert set(Parsed(found["2026-11.html"]).links) == {"index.html", "2026-09.html"}


def test_months_and_times_are_those_of_the_time_zone(stack: Stack, ada: Person, chat: int) -> None:
    write(stack, chat, ada, 1, at="2026-09-30 22:30:00")
    assert ">22:30</time>" in pages(ada, chat)["2026-09.html"]
    there = pages(ada, chat, time_zone="Europe/Rome")["2026-10.html"]
    assert ">00:30</time>" in there
    assert "Times: Europe/Rome" in there
    for unknown in ("Nowhere/City", "../../etc/passwd", "/etc/passwd", "Europe"):
        field = {"time_zone": unknown}
        answer = ask(ada, chat, **field)
        if "." in unknown:
            assert (answer.status, answer.json()["code"]) == (400, "bad_request")
        else:
            assert "Times: UTC" in unpack(answer)["2026-09.html"]


def test_a_page_needs_nothing_but_itself(ada: Person, bob: Person, chat: int) -> None:
    """No network, no script, nothing of ours: a browser loads nothing, and both themes are in it."""
    bob.say(chat, "https://example.org/picture.png")
    for page in pages(ada, chat).values():
        assert "default-src 'none'" in page
        assert "prefers-color-scheme: dark" in page
        assert Parsed(page).tags.isdisjoint({"script", "link", "img", "iframe", "form", "object"})
        assert not re.search(r"(?:src|url)\s*[=(]", page)


def test_a_text_is_never_html(ada: Person, bob: Person, chat: int) -> None:
    for text in (SCRIPT, "</style><b>", "two\nlines\t\u2028 \u202eright to left", "😀 हिन्दी"):
        ada.say(chat, text)
    [page] = [page for name, page in pages(bob, chat).items() if name != "index.html"]
    assert texts(page) == [SCRIPT, "</style><b>", "two\nlines\t\u2028 \u202eright to left", "😀 हिन्दी"]
    assert "<script" not in page
    assert "<img" not in page


def test_what_has_become_of_messages_is_shown(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    first = ada.say(chat, "the question")["seq"]
    gone = bob.say(chat, "regretted")["seq"]
    sockets = ada.connect(), bob.connect()
    sockets[1].send("send_message", chat_id=chat, message="the answer", client_id="r1", reply_to_seq=first)
    sockets[1].expect("message_sent")
    sockets[0].send("edit_message", chat_id=chat, seq=first, message="the question, again", client_id="e1")
    sockets[0].wait_for("changed")
    sockets[1].send("react", chat_id=chat, seq=first, emoji="👍", client_id="e2")
    sockets[1].wait_for("changed")
    sockets[1].send("delete_message", chat_id=chat, seq=gone, client_id="e3")
    sockets[1].wait_for("changed")
    forge(stack, chat, bob, 4)
    [page] = [page for name, page in pages(ada, chat).items() if name != "index.html"]
    assert texts(page) == ["the question, again", "the answer", FORGED]
    assert "regretted" not in page
    assert [words in page for words in (" · edited<", "This message was deleted", "👍 bob")] == [True] * 3
    assert "This message could not be verified" in page
    assert re.search(r'<blockquote><a href="[0-9-]+\.html#m1">ada</a> <span dir="auto">the question, again<', page)
    assert Parsed(page).ids == ["m1", "m2", "m3", "m4"]
    listed = ada.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
    assert lines(ada, chat) == listed


def test_lines_say_whose_they_are(ada: Person, bob: Person, chat: int) -> None:
    ada.say(chat, "hello")
    answer = ask(ada, chat, "jsonl")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ChatApp-bob.zip"
    about = json.loads(unpack(answer)["chat.json"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", about.pop("exported_at"))
    assert about == {
        "chat_id": chat,
        "user": {"id": ada.id, "username": "ada"},
        "other_user": {"id": bob.id, "username": "bob"},
        "floor": 0,
        "last_seq": 1,
        "change_seq": 0,
    }


def test_what_is_gone_for_a_reader_is_not_taken_along(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 10)
    stack.database.query("UPDATE members SET cleared_seq = 7 WHERE chat_id = %s AND user_id = %s", chat, bob.id)
    assert [message["seq"] for message in lines(ada, chat)] == list(range(1, 11))
    assert [message["seq"] for message in lines(bob, chat)] == [8, 9, 10]
    assert texts(pages(bob, chat)["2026-11.html"]) == ["text 8", "text 9", "text 10"]
    stack.database.query("UPDATE members SET cleared_seq = 10 WHERE chat_id = %s AND user_id = %s", chat, bob.id)
    assert lines(bob, chat) == []
    assert "There are no messages." in pages(bob, chat)["index.html"]


def test_a_damaged_row_takes_nothing_else_along(stack: Stack, ada: Person, chat: int) -> None:
    for number in range(3):
        ada.say(chat, f"text {number}", client_id=f"c{number}")
    stack.database.query("UPDATE messages SET content = 'ŝ' WHERE client_id = 'c1'")
    [page] = [page for name, page in pages(ada, chat).items() if name != "index.html"]
    assert texts(page) == ["text 0", "text 2"]
    assert "This message is damaged" in page
    assert [message.get("problem") for message in lines(ada, chat)] == [None, "damaged", None]


def test_the_words_are_in_the_readers_language(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    write(stack, chat, ada, 1)
    answer = bob.http.request(
        "POST",
        PATH,
        json.dumps({"chat_id": chat, "format": "html"}),
        {"Content-Type": "application/json", "Accept-Language": "it"},
    )
    found = unpack(answer)
    assert '<html lang="it">' in found["2026-11.html"]
    assert "novembre 2026" in found["index.html"]
    assert "1 messaggio" in found["index.html"]


def test_an_account_that_is_gone_has_no_name(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    bob.say(chat, "hello")
    stack.database.query("UPDATE users SET username = NULL, deleted_at = NOW(3) WHERE id = %s", bob.id)
    answer = ask(ada, chat)
    assert answer.headers["Content-Disposition"] == f"attachment; filename=ChatApp-{chat}.zip"
    assert "Deleted account" in unpack(answer)["index.html"]


@pytest.mark.parametrize(
    ("name", "folder"), [("bob..", "ChatApp-bob"), ("b.ob", "ChatApp-b.ob"), ("NUL", "ChatApp-NUL"), ("...", None)]
)
def test_a_folder_is_named_so_that_every_system_unpacks_it(people: People, name: str, folder: str | None) -> None:
    ada, other = people.register("ada"), people.register(name)
    chat = people.chat_between(ada, other)
    folder = folder or f"ChatApp-{chat}"
    for form in ("html", "jsonl"):
        answer = ask(ada, chat, form)
        assert answer.headers["Content-Disposition"] == f"attachment; filename={folder}.zip"
        with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
            assert {place.partition("/")[0] for place in packed.namelist()} == {folder}


def test_a_clock_that_went_back_makes_no_page_twice(stack: Stack, ada: Person, chat: int) -> None:
    write(stack, chat, ada, 1, at="2026-11-22 09:31:00")
    write(stack, chat, ada, 1, first=2, at="2026-10-22 09:31:00")
    write(stack, chat, ada, 1, first=3, at="2026-11-22 09:31:00")
    found = pages(ada, chat)
    assert list(found) == ["2026-11.html", "2026-10.html", "2026-11-2.html", "index.html"]
    assert [texts(found[name]) for name in list(found)[:3]] == [["text 1"], ["text 2"], ["text 3"]]


def test_a_form_of_a_page_gets_the_file_too(stack: Stack, ada: Person, chat: int) -> None:
    write(stack, chat, ada, 2)
    answer = ada.http.post_form(PATH, {"chat_id": chat, "format": "html", "time_zone": "Europe/Rome"})
    assert list(unpack(answer)) == ["2026-11.html", "index.html"]


def test_nobody_takes_along_what_others_said(stack: Stack, ada: Person, eve: Person, chat: int) -> None:
    ada.say(chat, "secret")
    for form in ("html", "jsonl"):
        answers = [ask(eve, chat, form), ask(eve, 2**32 - 1, form)]
        assert [(answer.status, answer.json()["code"]) for answer in answers] == [(404, "no_such_chat")] * 2
    answer = ada.http.request("POST", PATH, "{}", {"Content-Type": "application/json", "Cookie": ""})
    assert answer.status == 401


def test_fields_that_make_no_sense_are_a_bad_request(ada: Person, chat: int) -> None:
    values: list[object] = [None, True, 0, -1, 1.5, 2**32, "", "x", "HTML", [], {}]
    for value in values:
        answers = [ask(ada, value), ask(ada, chat, value)]
        answers += [ask(ada, chat, time_zone=value)] if value not in ("x", "HTML") else []
        assert [answer.status for answer in answers] == [400] * len(answers), value
    for body in ({}, {"chat_id": chat}, {"format": "html"}, {"chat_id": chat, "format": "pdf"}):
        assert ada.http.post_json(PATH, body).json()["code"] == "bad_request"


def test_exports_of_a_user_have_a_limit(own_web: StackMaker) -> None:
    stack = own_web(limits=True, LIMIT_EXPORTS="2/hour")
    people = People(stack)
    ada, bob = people.register("ada"), people.register("bob")
    chat = people.chat_between(ada, bob)
    answers = [ask(ada, chat) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert (answers[2].json()["code"], int(answers[2].headers["Retry-After"]) > 0) == ("rate_limited", True)
    assert ask(bob, chat).status == 200
