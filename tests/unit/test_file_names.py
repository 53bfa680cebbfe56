"""Which name does a browser save a file under, whatever its sender called it?"""

from __future__ import annotations

import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis.strategies import characters, text

from chat_web.file_names import MAX_NAME_BYTES, clean_name, disposition

NAMES = {
    "photo.jpg": "photo.jpg",
    "Grüße aus Rom.pdf": "Grüße aus Rom.pdf",
    "photo\u202egpj.exe": "photogpj.exe",
    "\u2066a\u2069\u061c\u200fb.txt": "ab.txt",
    "../../etc/passwd": "etcpasswd",
    "..\\..\\boot.ini": "boot.ini",
    "a\x00b\r\nSet-Cookie: x=1\x7f\x85.txt": "abSet-Cookie: x=1.txt",
    "a\u2028b\u2029c": "abc",
    "  two   words \t.txt": "two words .txt",
    ".htaccess": "htaccess",
    "....": "file",
    "": "file",
    "\u202e": "file",
    "👩\u200d👩\u200d👧.png": "👩\u200d👩\u200d👧.png",
    "हिन्दी.txt": "हिन्दी.txt",
    "a\"b;c=%41'.txt": "a\"b;c=%41'.txt",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_keeps_what_is_harmless(name: str) -> None:
    assert clean_name(name) == NAMES[name]


def test_a_long_name_keeps_its_extension() -> None:
    assert clean_name("x" * 300 + ".tar.gz") == "x" * 252 + ".gz"
    assert clean_name("é" * 300 + ".png").endswith("é.png")
    assert len(clean_name("a." + "é" * 300).encode()) in (MAX_NAME_BYTES - 1, MAX_NAME_BYTES)


@given(text(characters(codec="utf-8"), max_size=300))
@settings(max_examples=300, deadline=None)
def test_every_name_makes_one_safe_header_that_says_it(name: str) -> None:
    cleaned = clean_name(name)
    assert 0 < len(cleaned.encode()) <= MAX_NAME_BYTES
    assert not set(cleaned) & set("/\\\u202e\u2066\u2028")
    assert not any(unicodedata.category(c) == "Cc" for c in cleaned)
    assert clean_name(cleaned) == cleaned
    header = disposition(name, inline=False)
    assert header.isascii()
    assert header.isprintable()
    kind, plain, *extended = header.split("; ") if "; filename*=" in header else header.split("; ", 1)
    assert kind == "attachment"
    if extended:
        assert unquote(extended[-1].removeprefix("filename*=UTF-8''")) == cleaned
    else:
        assert plain == f'filename="{cleaned}"'


def test_a_header_says_a_name_to_old_and_new_programs() -> None:
    assert disposition("a.png", inline=True) == 'inline; filename="a.png"'
    assert disposition('ü"%.png', inline=False) == (
        "attachment; filename=\"___.png\"; filename*=UTF-8''%C3%BC%22%25.png"
    )
