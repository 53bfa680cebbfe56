"""What is the same for everybody is sent small; what belongs to a user is not compressed beside foreign text."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.support.http import HttpClient
from tests.support.people import Person

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/", "/login", "/register"])
def test_a_page_of_everybody_is_compressed_for_who_can_read_it(
    ada: Person, browser_of_nobody: HttpClient, path: str
) -> None:
    http = ada.http if path == "/" else browser_of_nobody  # who is logged in is sent on from the others
    plain = http.get(path)
    packed = http.get(path, headers=GZIP)
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < 0.6 * len(plain.body)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert http.get(path, headers={"Accept-Encoding": "gzip;q=0"}).headers["Content-Encoding"] is None


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
    own = ("/settings", "/backend/get_session", "/backend/get_chats", "/backend/get_account")
    answers = [ada.http.get(path, headers=GZIP) for path in own]
    answers += [
        browser_of_nobody.get(path, headers=GZIP)
        for path in ("/reset?token=x", "/register?invite=x", "/nothing", "/healthz")
    ]
    assert {answer.headers["Content-Encoding"] for answer in answers} == {None}
