"""Are two spellings one word? Case and accents make no difference for a search."""

from __future__ import annotations

import functools
import unicodedata

LAST_MARK = 0x1EFFF  # no character after it is a combining one (Unicode 16)
VARIANTS = "\ufe0e\ufe0f"  # of an emoji: as text, as a picture


def fold(text: str) -> str:
    """Return a text without case and marks, as Unicode compares without them: casefold, NFKD, no combining marks."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    marks = _marks()
    if marks.isdisjoint(folded):
        return folded
    return "".join([character for character in folded if character not in marks])


@functools.cache
def _marks() -> frozenset[str]:
    """A set: a regular expression of so many ranges takes ten times as long."""
    characters = map(chr, range(LAST_MARK + 1))
    return frozenset((*VARIANTS, *filter(unicodedata.combining, characters)))
