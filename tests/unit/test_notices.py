"""A notice is a sentence for old clients, and values for those that draw it."""

from __future__ import annotations

import pytest

from chat_db.notices import NoticeValues, read_sentence, sentence

DAY = 86_400
NAMES = ("ada", "a. set messages to stay.", "b set messages to disappear after 1 day instead of 2 days.", "c\nd", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3_600, "1 hour"),
        (DAY, "1 day"),
        (90 * 60, "90 minutes"),
        (3_601, "3601 seconds"),
        (365 * DAY, "365 days"),
    ],
)
def test_a_notice_names_the_largest_unit_that_fits(seconds: int, text: str) -> None:
    assert sentence("ada", NoticeValues(seconds)) == f"ada set messages to disappear after {text}."


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", [None, 3_600, 3_601, 30 * DAY])
@pytest.mark.parametrize("now", [None, 3_600, 7 * DAY])
def test_a_notice_is_read_as_it_was_written(name: str, now: int | None, before: int | None) -> None:
    values = NoticeValues(now, before)
    assert read_sentence(sentence(name, values)) == values


@pytest.mark.parametrize("text", ["", "ada", "ada set messages to go.", "ada set messages to stay. And more"])
def test_another_sentence_says_nothing(text: str) -> None:
    assert read_sentence(text) is None
