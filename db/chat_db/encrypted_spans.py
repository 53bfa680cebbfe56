"""From which id on must a message be encrypted, and from which one a file's row?

Whoever can write into the database can write a plain row, too. What tells it from one of before encryption was
switched on is kept beside the keys, where that writer does not reach: the ids at which `SEAL_MESSAGES` was switched on
and off, one a line, `17 on`. A plain row in a span that is on was not written by ChatApp. Each table has a file of its
own: another service writes its rows, which is started at another moment.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from .key_files import KeyRingError, write_file

KEYS_FOLDER = Path("/var/lib/chatapp/keys")
ENDINGS = {"messages": "sealing", "files": "sealing-files"}  # of the spans' file of each table
WORDS = {"on": True, "off": False}


@dataclass(frozen=True)
class EncryptedSpans:
    """Spans of ids, each from its first id to the next span: `firsts` ascending, `states` whether it is on."""

    firsts: tuple[int, ...] = ()
    states: tuple[bool, ...] = ()

    def demands(self, identity: int) -> bool:
        """Say whether the row of that id must be encrypted."""
        index = bisect_right(self.firsts, identity)
        return index > 0 and self.states[index - 1]

    @property
    def is_on(self) -> bool | None:
        """The state of the last span, None where nothing is known."""
        return self.states[-1] if self.states else None

    def switched(self, first: int, is_on: bool) -> EncryptedSpans:
        """Return these spans with one from `first` on in place of all that begins there or later."""
        count = sum(known < first for known in self.firsts)
        if count and self.states[count - 1] is is_on:
            return EncryptedSpans(self.firsts[:count], self.states[:count])
        return EncryptedSpans((*self.firsts[:count], first), (*self.states[:count], is_on))


def spans_path(keys: Path, table: str) -> Path:
    """Return where the spans of a table are: beside the key file, or in the keys' volume where it is a read-only
    secret."""
    beside = keys.with_name(f"{keys.name}.{ENDINGS[table]}")
    if beside.exists() or not keys.parent.exists() or os.access(keys.parent, os.W_OK):
        return beside
    return KEYS_FOLDER / beside.name


def read_spans(path: Path) -> EncryptedSpans:
    """Return the spans of a file, none where there is no file. Raises KeyRingError."""
    try:
        lines = [line.split(" ") for line in path.read_text(encoding="ascii").splitlines()]
        firsts, states = [int(first) for first, _ in lines], [WORDS[word] for _, word in lines]
    except FileNotFoundError:
        return EncryptedSpans()
    except OSError as error:
        raise KeyRingError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError):
        firsts, states = [], []
    if not firsts or firsts != sorted(set(firsts)):
        raise KeyRingError(f"{path} cannot be read: each line is an id and on or off, `1 on`, the ids ascending")
    return EncryptedSpans(tuple(firsts), tuple(states))


def write_spans(path: Path, spans: EncryptedSpans) -> None:
    """Write the spans. Raises KeyRingError."""
    words = {is_on: word for word, is_on in WORDS.items()}
    lines = zip(spans.firsts, spans.states, strict=True)
    write_file(path, "".join(f"{first} {words[is_on]}\n" for first, is_on in lines))
