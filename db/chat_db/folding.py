"""Are two spellings one word? Case and accents make no difference for a search."""

from __future__ import annotations

import functools
import re
import unicodedata

LAST_MARK = 0x1EFFF  # no character after it is a combining one (Unicode 16)
VARIANTS = "\ufe0e\ufe0f"  # of an emoji: as text, as a picture


def fold(text: str) -> str:
    """Return a text without case and marks, as Unicode compares without them: casefold, NFKD, no combining marks."""
    if text.isascii():
        return text.lower()
    return _marks().sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))


@functools.cache
def _marks() -> re.Pattern[str]:
    marks = (character for character in map(chr, range(LAST_MARK + 1)) if unicodedata.combining(character))
    return re.compile(f"[{VARIANTS}{''.join(marks)}]+")
