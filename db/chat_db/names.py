"""Which names may a user have, and how is a typed name brought into the form that is stored?"""

from __future__ import annotations

import unicodedata

MAX_NAME = 50  # code points

# Unicode's Default_Ignorable_Code_Point: a name with one of these looks empty, or like another name.
INVISIBLE = frozenset(
    character
    for first, last in (
        (0x00AD, 0x00AD),
        (0x034F, 0x034F),
        (0x061C, 0x061C),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0xE0000, 0xE0FFF),
    )
    for character in range(first, last + 1)
)


def clean_name(typed: str) -> str | None:
    """Return a user name in its stored form (NFKC, no white space around it), or None where it is none.

    1 to 50 code points: letters, digits, combining marks after a letter or mark, and `_ . -`; nothing invisible.
    `str.isalnum` would refuse names in scripts that need combining marks and accept invisible letters.
    """
    if len(typed) > 4 * MAX_NAME:  # NFKC of a hostile text can be long; no name shrinks that much
        return None
    name = unicodedata.normalize("NFKC", typed.strip())
    if not 1 <= len(name) <= MAX_NAME:
        return None
    return name if all(_is_allowed(name, index) for index in range(len(name))) else None


def _is_allowed(name: str, index: int) -> bool:
    character = name[index]
    if ord(character) in INVISIBLE:
        return False
    kind = unicodedata.category(character)
    if kind[0] == "M":
        return index > 0 and unicodedata.category(name[index - 1])[0] in "LM"
    return kind[0] == "L" or kind == "Nd" or character in "_.-"
