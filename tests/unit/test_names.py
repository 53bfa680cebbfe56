"""Which names are names? (Which two are the same one, the table decides: tests/web/test_register.py.)"""

from __future__ import annotations

import unicodedata

import pytest

from chat_db.names import INVISIBLE, clean_name


@pytest.mark.parametrize(
    "name",
    [
        *("a", "ada", "Ada_Lovelace", "ada.l-1815", "7", "_", "-", "."),
        *(
            "Zoë",
            "Ångström",
            "Дмитрий",
            "Ελένη",
            "李小龍",
            "さくら",
            "이순신",
            "हिन्दी",
            "தமிழ்",
            "עברית",
            "العربية",
            "ไทย",
        ),
        *("٣٤٥", "x" * 50, "é" * 50, "𝒳" * 50),
    ],
)
def test_letters_of_every_script_are_accepted(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFKC", name)


def test_a_name_is_stored_composed_and_without_space_around_it() -> None:
    assert clean_name("  ada\n") == "ada"
    assert clean_name("a\u0300da") == "àda"
    assert clean_name("ａｄａ") == "ada"
    assert clean_name("ﬁona") == "fiona"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\t\n", "a b", "a\tb", "a\x00b", "\x00", "x" * 51, "x" * 100_000, "ﷺ", "ﷺ" * 20),
        *("a/b", "a@b", "a%b", "a'b", 'a"b', "a;b", "a<b>", "a\\b", "a,b", "a:b", "a=b", "$", "€", "½", "😀", "a😀"),
        *("\u0301", "\u0301a", "_\u0301", "1\u0301", "\u200d", "\ud800", "a\udfff", "\ue000", "\U0010ffff"),
    ],
)
def test_nothing_else_is_a_name(text: str) -> None:
    assert clean_name(text) is None


def test_no_invisible_character_hides_in_a_name() -> None:
    for character in INVISIBLE:
        folded = unicodedata.normalize("NFKC", f"a{character}b")
        assert clean_name(f"a{character}b") in (None, folded)
        assert not INVISIBLE & set(clean_name(f"a{character}b") or "")
    for letter in "\u115f\u1160\u3164\uffa0\u200b\u200d\u202e\u2060\ufeff\u00ad\u034f":
        assert clean_name(f"ada{letter}") is None


def test_a_long_text_that_shrinks_is_no_way_around_the_limit() -> None:
    assert clean_name("a\u0301" * 50) == "á" * 50
    assert clean_name("a\u0301" * 51) is None


def test_an_accepted_name_is_stable() -> None:
    """What was stored once is found again: cleaning it a second time changes nothing."""
    for point in range(0x110000):
        stored = clean_name("a" + chr(point))
        assert stored is None or clean_name(stored) == stored


def test_no_name_has_a_control_character() -> None:
    for code in (*range(0x20), *range(0x7F, 0xA0)):
        assert clean_name(f"a{chr(code)}b") is None, hex(code)
