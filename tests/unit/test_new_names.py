"""Which names may a new user have? None that is made of several scripts to look like another one."""

from __future__ import annotations

import pytest

from chat_db.names import clean_name
from chat_web.new_names import has_digits_of_one_kind, is_of_one_script


@pytest.mark.parametrize(
    "name",
    [
        *("bob", "Zoë", "ada_lovelace-1815", "ada.l", "7", "_-.", "Ångström", "Дмитрий", "дима2", "Ελένη", "Հայկ"),
        *(
            "李小龍",
            "さくら",
            "タロー",
            "太郎さん",
            "taro太郎",
            "taroたろう",
            "ㄅㄆㄇ李lee",
            "이순신kim李",
            "हिन्दी",
            "தமிழ்",
        ),
        *("עברית", "العربية", "ไทย", "١٢٣", "علي٣", "शर्मा५", "𐎀" * 50, "a\u0308\u0323"),
    ],
)
def test_a_name_of_one_script_or_of_some_written_together_is_good(name: str) -> None:
    assert clean_name(name) is not None
    assert is_of_one_script(name)
    assert has_digits_of_one_kind(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "bоb",
            "adа",
            "раypal",
            "Ελenη",
            "аνα",
            "toм",
            "さくらㄅ",
            "이たろう",
            "ㄅ이",
            "шалом-שלום",
            "ᎪᎠa",
            "aա",
            "тaro太郎",
        ),
        "ѕеx",
    ],
)
def test_a_name_of_several_scripts_is_not(name: str) -> None:
    assert clean_name(name) is not None
    assert not is_of_one_script(name)


@pytest.mark.parametrize("name", ["1१", "bob٣4", "৪8"])
def test_digits_of_two_kinds_are_not_one_name(name: str) -> None:
    assert not has_digits_of_one_kind(name)
