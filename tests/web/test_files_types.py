"""Which files does a browser show in their place, and what may they do there? Nothing."""

from __future__ import annotations

from typing import Any

import pytest

from stack import Stack
from tests.support.file_samples import INLINE, SAVED
from tests.support.http import Answer
from tests.support.people import Person
from tests.support.shared_files import share, upload

POLICY = "; default-src 'none'; media-src 'self'; img-src 'self'"
DOCUMENT = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}


def send(stack: Stack, chat: int, sender: Person, content: bytes, **said: Any) -> str:
    """Send a file; return its path."""
    file = upload(stack, chat, sender, content, **said)
    share(chat, sender, file)
    return f"/files/{file.id}"


def check_headers(answer: Answer, kind: str, content: bytes) -> None:
    """Look at what each answer with a file says, whatever is in it."""
    headers = answer.headers
    assert (answer.status, answer.body) == (200, content)
    assert headers["Content-Type"] == kind
    assert headers["Content-Length"] == str(len(content))
    is_played = kind.startswith(("audio/", "video/"))
    assert headers["Content-Security-Policy"] == f"sandbox{' allow-same-origin' if is_played else ''}{POLICY}"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Transfer-Encoding"] is None
    assert headers["Access-Control-Allow-Origin"] is None
    assert headers["ETag"].strip('"').isalnum()
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("kind", INLINE)
def test_what_cannot_act_is_shown_in_its_place(stack: Stack, ada: Person, bob: Person, chat: int, kind: str) -> None:
    path = send(stack, chat, ada, INLINE[kind], name="a.html", declared="text/html")
    answer = bob.http.get(path, headers=DOCUMENT)
    check_headers(answer, kind, INLINE[kind])
    assert answer.headers["Content-Disposition"] == 'inline; filename="a.html"'
    assert bob.http.get(f"{path}?download").headers["Content-Disposition"] == 'attachment; filename="a.html"'


@pytest.mark.parametrize("what", SAVED)
def test_everything_else_is_saved(stack: Stack, ada: Person, bob: Person, chat: int, what: str) -> None:
    """Whatever its sender calls it, and also where a browser would rather show it."""
    path = send(stack, chat, ada, SAVED[what], name="a.png", declared="image/png")
    for query in ("", "?download", "?download=0", "?type=image/png"):
        answer = bob.http.get(path + query, headers=DOCUMENT)
        check_headers(answer, "application/octet-stream", SAVED[what])
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a.png"'


def test_a_type_that_the_table_does_not_have_is_never_served(stack: Stack, ada: Person, chat: int) -> None:
    """The row's word is not enough: whoever can write there could have a page opened on our address."""
    path = send(stack, chat, ada, SAVED["an HTML page"])
    for kind in ("text/html", "image/svg+xml", "application/pdf", "", "image/png\r\nX: y", "IMAGE/PNG"):
        stack.database.query("UPDATE files SET type = %s", kind)
        check_headers(ada.http.get(path), "application/octet-stream", SAVED["an HTML page"])


def test_what_is_two_things_at_once_is_only_the_harmless_one(stack: Stack, ada: Person, chat: int) -> None:
    """A picture that is a page behind its first bytes is a picture, and a browser may not look for more."""
    for kind in ("image/gif", "image/png", "image/jpeg", "audio/mpeg"):
        content = INLINE[kind] + b"<script>alert(1)</script>%PDF-1.4"
        check_headers(ada.http.get(send(stack, chat, ada, content)), kind, content)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Grüße.png", "inline; filename=\"Gr__e.png\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.png"),
        ("photo\u202egpj.exe", 'inline; filename="photogpj.exe"'),
        (
            'a"; filename="b.exe',
            "inline; filename=\"a_; filename=_b.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.exe",
        ),
        ("../../x\r\nSet-Cookie: a=b\x00", 'inline; filename="xSet-Cookie: a=b"'),
        ("", 'inline; filename="file"'),
    ],
)
def test_a_name_misleads_nobody(stack: Stack, ada: Person, chat: int, name: str, wanted: str) -> None:
    answer = ada.http.get(send(stack, chat, ada, INLINE["image/png"], name=name))
    assert answer.headers["Content-Disposition"] == wanted
    assert answer.headers["Set-Cookie"] is None


def test_a_file_whose_name_nobody_can_read_is_served_without_one(stack: Stack, ada: Person, chat: int) -> None:
    path = send(stack, chat, ada, INLINE["image/png"], name="a.png")
    stack.database.query("UPDATE files SET metadata = 'x'")
    answer = ada.http.get(path)
    check_headers(answer, "image/png", INLINE["image/png"])
    assert answer.headers["Content-Disposition"] == 'inline; filename="file"'


REFUSED = {
    "a frame": {"Sec-Fetch-Dest": "iframe"},
    "an embedded document": {"Sec-Fetch-Dest": "embed"},
    "an object": {"Sec-Fetch-Dest": "object"},
    "a script": {"Sec-Fetch-Dest": "script"},
    "a style": {"Sec-Fetch-Dest": "style"},
    "a worker": {"Sec-Fetch-Dest": "serviceworker"},
    "an unknown kind of use": {"Sec-Fetch-Dest": "whatever"},
    "no use": {"Sec-Fetch-Dest": ""},
    "another site's picture": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"},
    "another port's picture": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "image"},
    "a link of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_what_would_run_or_frame_a_file_gets_nothing(
    stack: Stack, ada: Person, chat: int, source: dict[str, str]
) -> None:
    path = send(stack, chat, ada, INLINE["image/png"])
    fetched = ada.http.get(path)
    for headers in (source, {**source, "If-None-Match": fetched.headers["ETag"]}):
        for known in (path, "/files/4294967295"):
            answer = ada.http.get(known, headers=headers)
            assert answer.status == 403
            assert INLINE["image/png"] not in answer.body
            assert answer.headers["Cache-Control"] == "no-store"
            if headers["Sec-Fetch-Dest"] != "document":
                assert answer.json()["code"] == "forbidden"


def test_our_own_pages_and_programs_get_it(stack: Stack, ada: Person, chat: int) -> None:
    path = send(stack, chat, ada, INLINE["image/png"])
    for use in ("image", "audio", "video", "document", "empty"):
        for site in ("same-origin", "none"):
            headers = {"Sec-Fetch-Dest": use, "Sec-Fetch-Site": site}
            assert ada.http.get(path, headers=headers).body == INLINE["image/png"]
    assert ada.http.get(path).body == INLINE["image/png"]
