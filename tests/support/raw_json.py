"""What JSON is sent that Python's own module would not write?"""

from __future__ import annotations

import json
from typing import Any


class Raw(str):
    """A value as it is sent."""

    __slots__ = ()


HUGE = Raw("1e400")  # no number that a computer has
SURROGATES = [Raw(f'"{text}"') for text in ("\\ud800", "\\udfff", "ok \\ud83d end", "\\ude00\\ud83d")]


def as_json(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{as_json(each)}" for name, each in value.items()) + "}"
    return "[" + ",".join(map(as_json, value)) + "]" if isinstance(value, list) else json.dumps(value)
