"""Under which name is a file saved? Its sender's, without what could mislead whoever reads it, or leave its folder."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

MAX_NAME_BYTES = 255  # what file systems take
NAMELESS = "file"
# Marks, embeddings, overrides and isolates: `photo<RLO>gpj.exe` would read as `photoexe.jpg`.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SEPARATORS = "/\\\u2028\u2029"
NOT_IN_NAMES = frozenset(BIDI + SEPARATORS)
UNASSIGNED_OR_CONTROL = ("Cc", "Cs", "Cn", "Co")
# What RFC 8187 leaves as it is ("attr-char").
ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"


def clean_name(name: str) -> str:
    """Return a name without controls, separators, bidi characters, and dots at its beginning; never an empty one."""
    kept = "".join(c for c in name if c not in NOT_IN_NAMES and unicodedata.category(c) not in UNASSIGNED_OR_CONTROL)
    kept = " ".join(kept.split()).lstrip(". ")
    return _shorten(kept).strip() or NAMELESS


def _shorten(name: str) -> str:
    """Return a name that a file system takes: the end of what is before the extension goes."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > MAX_NAME_BYTES // 4:
        stem, dot, extension = name, "", ""
    room = MAX_NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + extension


def disposition(name: str, *, inline: bool) -> str:
    """Return the Content-Disposition under a name (RFC 6266; RFC 8187 for what is not ASCII)."""
    cleaned = clean_name(name)
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in cleaned)
    kind = "inline" if inline else "attachment"
    if plain == cleaned:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(cleaned, safe=ATTRIBUTE_CHARACTERS)}"
