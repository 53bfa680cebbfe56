"""How does one statement ask for many things, each by its key? Joined with a table of keys, or as a UNION of ranges.

IN and OR leave servers a choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from .connection import Connection, fetch_all

Item = TypeVar("Item")

UNION_PARTS = 200  # SELECTs in one statement
SHORT_SPAN = 5  # messages
SHORT_SPANS = 5_000  # in one SELECT


class SeqSpan(NamedTuple):
    """A part of a chat, the first and the last `seq` included."""

    chat_id: int
    first_seq: int
    last_seq: int


def table_of(ids: Iterable[int]) -> str:
    """Return a table of these ids, ascending. `id IN (…)` makes MySQL look through all of a table, and lock it, where
    it takes that for small."""
    return f"({' UNION ALL '.join(f'SELECT {identity:d} AS id' for identity in sorted(ids))})"


def json_table_of(ids: Iterable[int]) -> str:
    """As table_of, for thousands: a UNION takes longer to parse. MySQL locks no rows that it is joined with."""
    return f"JSON_TABLE('{sorted(ids)}', '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$'))"


def fetch_spans(
    connection: Connection, spans: Iterable[SeqSpan], user_id: int, of_seqs: str, of_span: str
) -> list[tuple[Any, ...]]:
    """Return the rows of many parts of chats, in no order.

    `of_span` is a SELECT of one span ({chat_id}, {first_seq}, {last_seq}), `of_seqs` the same one from a table {seqs}
    of (chat_id, seq); {user_id} is in both. A SELECT costs its plan, about as much as a look at five rows: spans that
    are no longer share one.
    """
    short: list[SeqSpan] = []
    statements: list[str] = []
    for span in spans:
        if span.last_seq - span.first_seq < SHORT_SPAN:
            short.append(span)
        else:
            statements.append(of_span.format(user_id=user_id, **span._asdict()))
    statements += [of_seqs.format(user_id=user_id, seqs=_table_of_seqs(part)) for part in _parts(short, SHORT_SPANS)]
    rows: list[tuple[Any, ...]] = []
    for part in _parts(statements, UNION_PARTS):
        rows += fetch_all(connection, " UNION ALL ".join(part))
    return rows


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def _table_of_seqs(spans: Iterable[SeqSpan]) -> str:
    """Return a table of each chat and `seq` of some spans. As JSON: a UNION of thousands takes longer to parse."""
    rows = ",".join(f"[{span.chat_id:d},{seq:d}]" for span in spans for seq in range(span.first_seq, span.last_seq + 1))
    columns = "chat_id INT UNSIGNED PATH '$[0]', seq INT UNSIGNED PATH '$[1]'"
    return f"JSON_TABLE('[{rows}]', '$[*]' COLUMNS ({columns}))"
