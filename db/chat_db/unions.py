"""How does one statement ask for many things, each by its key? As a UNION of them: IN and OR leave servers a choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .connection import Connection, fetch_all

UNION_PARTS = 200  # SELECTs in one statement


def table_of(ids: Iterable[int]) -> str:
    """Return a table of these ids, ascending. `id IN (…)` makes MySQL look through all of a table, and lock it, where
    it takes that for small."""
    return f"({' UNION ALL '.join(f'SELECT {identity:d} AS id' for identity in sorted(ids))})"


def fetch_each(connection: Connection, statements: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the rows of several SELECTs (without values), joined by UNION ALL in statements of a bounded length."""
    rows: list[tuple[Any, ...]] = []
    for first in range(0, len(statements), UNION_PARTS):
        rows += fetch_all(connection, " UNION ALL ".join(statements[first : first + UNION_PARTS]))
    return rows
