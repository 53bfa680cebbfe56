"""How are the generated files of the contract written? What docs/openapi.json and docs/asyncapi.json have in common."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ROOT = Path(__file__).parents[1]


def newest_version() -> str:
    """Return the release that the changelog begins with. Raises LookupError."""
    found = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError("CHANGELOG.md names no release")
    return found[1]


def as_text(document: Json) -> str:
    """Return a document as it is stored: the same each time, so that a test can compare it."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def in_ecma(schema: Any) -> Any:
    """Return a schema with the anchors of JSON Schema's regular expressions (ECMA-262) instead of Python's."""
    if isinstance(schema, dict):
        return {name: in_ecma(value) for name, value in schema.items()}
    if isinstance(schema, list):
        return [in_ecma(value) for value in schema]
    return re.sub(r"\\A(.*)\\Z", r"^\1$", schema) if isinstance(schema, str) else schema
