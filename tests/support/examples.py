"""How is an example of a document compared with what a real server answers?

In an expected text `Jx3kPq9w…` stands for a whole secret that is another one each time, and any time for another time.
What it turned out to be is remembered, and put into later requests that say the same. Ids of messages are not compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
SECRET = r"[A-Za-z0-9_-]{8,}"
VARIES = re.compile(rf"([A-Za-z0-9]{{8}}…|{TIME})")


def blocks(document: str, kind: str) -> Iterator[str]:
    """Yield the fenced blocks of one kind in a document of docs/."""
    for found in BLOCK.finditer((DOCS / document).read_text(encoding="utf-8")):
        if found[1] == kind:
            yield found[2]


class Secrets:
    """What the shortened texts and the times of a document stand for."""

    def __init__(self, **known: str) -> None:
        self._known = {f"{shortened}…": secret for shortened, secret in known.items()}

    def fill_in(self, text: str) -> str:
        """Return a text of a request with what it stands for."""
        return VARIES.sub(lambda found: self._known[found[1]], text)

    def fits(self, expected: object, real: object) -> bool:
        """Say whether an answer is the expected one; learn what its shortened texts are."""
        if isinstance(expected, dict) and isinstance(real, dict):
            return expected.keys() == real.keys() and all(
                is_id_of_message(expected, name) or self.fits(expected[name], real[name]) for name in expected
            )
        if isinstance(expected, list) and isinstance(real, list):
            return len(expected) == len(real) and all(map(self.fits, expected, real))
        if isinstance(expected, str) and isinstance(real, str):
            return self._fits_text(expected, real)
        return type(expected) is type(real) and expected == real

    def fits_parts(self, expected: set[str], real: set[str]) -> bool:
        """Say whether each of some expected texts is there, in whatever order."""
        return all(any(self._fits_text(part, other) for other in real) for part in expected)

    def _fits_text(self, expected: str, real: str) -> bool:
        parts = VARIES.split(expected)
        pattern = "".join(_pattern(part) if place % 2 else re.escape(part) for place, part in enumerate(parts))
        found = re.fullmatch(pattern, real)
        if found:
            self._known.update(zip(parts[1::2], found.groups(), strict=True))
        return found is not None


def _pattern(varying: str) -> str:
    return f"({SECRET})" if varying.endswith("…") else f"({TIME})"


def is_id_of_message(structure: dict[str, Any], name: str) -> bool:
    """Say whether a field is a message's id: a try that stores nothing may use one up, so they are not compared."""
    return name == "message_id" or (name == "id" and "seq" in structure)


def as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
