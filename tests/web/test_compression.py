"""What is the same for everybody is sent small; what belongs to a user is not compressed beside foreign text."""

from __future__ import annotations

import gzip
import re

import pytest

from stack import Stack
from tests.support.http import HttpClient
from tests.support.people import Person

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/", "/login", "/register"])
def test_a_page_of_everybody_is_compressed_for_who_can_read_it(stack: Stack, ada: Person, path: str) -> None:
    browser = ada.http if path == "/" else HttpClient(stack.web.url)  # who is logged in is led on from the others
    plain = browser.get(path)
    packed = browser.get(path, headers=GZIP)
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < 0.6 * len(plain.body)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert ada.http.get(path, headers={"Accept-Encoding": "gzip;q=0"}).headers["Content-Encoding"] is None


def test_script_style_and_words_are_compressed(ada: Person) -> None:
    page = ada.http.get("/").text
    files = re.findall(r'(?:src|href)="(/(?:assets|words)[^"]*)"', page)
    assert any(path.startswith("/words/") for path in files)
    for path in files:
        answer = ada.http.get(path, headers=GZIP)
        assert answer.headers["Content-Encoding"] == "gzip", path
        assert gzip.decompress(answer.body) == ada.http.get(path).body


def test_what_belongs_to_a_user_or_comes_with_a_link_is_not_compressed(
    ada: Person, browser_of_nobody: HttpClient
) -> None:
    """Beside a text that somebody else chose, its compressed length would give it away (BREACH)."""
    own = ("/account", "/devices", "/backend/get_session", "/backend/get_chats", "/backend/get_account")
    answers = [ada.http.get(path, headers=GZIP) for path in own]
    answers += [
        browser_of_nobody.get(path, headers=GZIP)
        for path in ("/reset?token=x", "/register?invite=x", "/nothing", "/healthz")
    ]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {None}
