"""What a notice says: who has chosen for how long messages are kept, as a sentence, and as values for who draws it.

The sentence is what is stored: a client that knows no better shows it, and nothing else has to be kept with it.
"""

from __future__ import annotations

import re

import msgspec

SIZES = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
TIME = r"(\d{1,9}) (day|hour|minute|second)s?"
GOING = rf"disappear after {TIME}(?: instead of {TIME})?"
STAYING = rf"stay(?: instead of disappearing after {TIME})?"
# The name in front of it may say the same: what counts is the last one.
SENTENCE = re.compile(rf".* set messages to (?:{GOING}|{STAYING})\.", re.DOTALL)


class NoticeValues(msgspec.Struct, frozen=True):
    """For how long messages are kept since then, and for how long they were before, in seconds; null: for ever."""

    keep_seconds: int | None
    before: int | None = None


def sentence(name: str, values: NoticeValues) -> str:
    """Return what a notice says."""
    now, before = values.keep_seconds, values.before
    if now is None:
        what = "stay" if before is None else f"stay instead of disappearing after {_time(before)}"
    else:
        what = f"disappear after {_time(now)}" + ("" if before is None else f" instead of {_time(before)}")
    return f"{name} set messages to {what}."


def read_sentence(text: str) -> NoticeValues | None:
    """Return what a notice says as values; None where it is no sentence that this release knows."""
    found = SENTENCE.fullmatch(text)
    if found is None:
        return None
    now, before, instead = (_seconds(found[count], found[count + 1]) for count in (1, 3, 5))
    return NoticeValues(now, before or instead)


def _time(seconds: int) -> str:
    unit, size = next((unit, size) for unit, size in SIZES.items() if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'s' if count > 1 else ''}"


def _seconds(count: str | None, unit: str | None) -> int | None:
    return None if count is None or unit is None else int(count) * SIZES[unit]
