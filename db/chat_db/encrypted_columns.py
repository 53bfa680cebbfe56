"""Which columns are encrypted, and what is each of them tied to?

One list: the start check, the rotation of keys and the spans go through it. A table of it has an `id`, and a
`key_version` with an index of its own (`<table>_key_version`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from .connection import Connection, fetch_all, fetch_one
from .encryption import PLAIN, DecryptionFailed, KeyRing, accepted_associated_data, encrypt_columns, reaction_data
from .file_records import key_data, metadata_data
from .messages import RECEIVER

Ties = tuple[Any, ...]
Decrypt = Callable[[str, Iterable[str]], str]


class EncryptedColumn(NamedTuple):
    """A column, and how a row's ties make the associated data that its text may have, the present ones first."""

    name: str
    accepted: Callable[..., Iterable[str]]
    is_needed: bool = True  # without it the row is damaged; any other text that nobody can read goes


class EncryptedRow(NamedTuple):
    """A row as it is stored; `stored`: its encrypted columns, in the order of its table's."""

    id: int
    mark: object
    is_living: bool
    stored: tuple[str | None, ...]
    ties: Ties


@dataclass(frozen=True)
class EncryptedTable:
    """A table with encrypted columns. Its name is also what people call its rows."""

    name: str
    alias: str
    columns: tuple[EncryptedColumn, ...]
    ties: str  # what is selected for the associated data
    mark: str  # a column that changes whenever an encrypted one does
    is_living: str = "TRUE"  # of other rows nothing is encrypted any more
    beside: str = ""  # what is joined for the ties

    @property
    def by_key(self) -> str:
        """The index to use. Without it a server sorts a whole chat where there is one chat or few, and statistics may
        have it read all rows."""
        return f"FORCE INDEX ({self.name}_key_version)"


MESSAGES = EncryptedTable(
    "messages",
    "m",
    (
        EncryptedColumn("content", accepted_associated_data),
        EncryptedColumn("sender_reaction", lambda *ties: (reaction_data(*ties, by_sender=True),), is_needed=False),
        EncryptedColumn("other_reaction", lambda *ties: (reaction_data(*ties, by_sender=False),), is_needed=False),
    ),
    ties=f"m.chat_id, m.sender_id, {RECEIVER}, m.client_id",
    mark="change_seq",
    is_living="m.deleted_at IS NULL",
    beside="JOIN chats c FORCE INDEX (PRIMARY) ON c.id = m.chat_id",
)
FILES = EncryptedTable(
    "files",
    "f",
    (
        EncryptedColumn("wrapped_key", lambda *ties: (key_data(*ties),)),
        EncryptedColumn("metadata", lambda *ties: (metadata_data(*ties),)),
    ),
    ties="f.stored_name, f.owner_id, f.chat_id",
    mark="wrapped_key",
)
ENCRYPTED = (MESSAGES, FILES)


def find_versions(connection: Connection, table: EncryptedTable, above: int = PLAIN) -> frozenset[int]:
    """Return the key versions that a table uses, without the plain one: one look into the index for each.

    DISTINCT goes through all rows where statistics say that there are few.
    """
    sql = f"SELECT MIN(key_version) FROM {table.name} {table.by_key} WHERE key_version > %s"
    versions: set[int] = set()
    while (row := fetch_one(connection, sql, max(versions, default=above))) is not None and row[0] is not None:
        versions.add(row[0])
    return frozenset(versions)


def find_key_versions(connection: Connection) -> dict[str, frozenset[int]]:
    """Return the key versions that each table uses, without the plain one; no table that uses none."""
    found = {table.name: find_versions(connection, table) for table in ENCRYPTED}
    return {name: versions for name, versions in found.items() if versions}


def list_rows(
    connection: Connection, table: EncryptedTable, version: int, after_id: int, limit: int
) -> list[EncryptedRow]:
    """Return the rows of a key version behind an id, ascending."""
    tail = f"AND {table.alias}.id > %s ORDER BY {table.alias}.id LIMIT %s"
    return _select(connection, table, tail, version, after_id, limit)


def find_sample(connection: Connection, table: EncryptedTable, version: int, count: int) -> list[EncryptedRow]:
    """Return the newest and the oldest rows of a key version, so many of each."""
    newest, oldest = (
        _select(connection, table, f"ORDER BY {table.alias}.id {order} LIMIT %s", version, count)
        for order in ("DESC", "ASC")
    )
    return list({row.id: row for row in (*newest, *oldest)}.values())


def _select(
    connection: Connection, table: EncryptedTable, tail: str, version: int, *values: object
) -> list[EncryptedRow]:
    own = ", ".join(f"{table.alias}.{name}" for name in ("id", table.mark))
    columns = ", ".join(f"{table.alias}.{column.name}" for column in table.columns)
    sql = (
        f"SELECT STRAIGHT_JOIN {own}, {table.is_living}, {columns}, {table.ties} FROM {table.name} {table.alias}"
        f" {table.by_key} {table.beside} WHERE {table.alias}.key_version = %s {tail}"
    )
    count = len(table.columns)
    return [
        EncryptedRow(identity, mark, bool(is_living), tuple(rest[:count]), tuple(rest[count:]))
        for identity, mark, is_living, *rest in fetch_all(connection, sql, version, *values)
    ]


def decrypt_row(ring: KeyRing, table: EncryptedTable, version: int, row: EncryptedRow) -> list[str | None] | None:
    """Return what is encrypted in a row, column by column; None where no key decrypts what the row needs.

    Where only its version is wrong, another key does.
    """
    for decrypt in (partial(ring.decrypt, version), ring.decrypt_with_any):
        try:
            return decrypt_columns(decrypt, table, row)
        except DecryptionFailed:
            continue
    return None


def decrypt_columns(decrypt: Decrypt, table: EncryptedTable, row: EncryptedRow) -> list[str | None]:
    """As decrypt_row, by one way to decrypt. Raises DecryptionFailed."""
    texts: list[str | None] = []
    for column, stored in zip(table.columns, row.stored, strict=True):
        try:
            texts.append(None if stored is None else decrypt(stored, column.accepted(*row.ties)))
        except DecryptionFailed:
            if column.is_needed:
                raise
            texts.append(None)
    return texts


def encrypt_rows(
    ring: KeyRing, table: EncryptedTable, version: int, rows: Sequence[tuple[EncryptedRow, list[str | None]]]
) -> list[list[str | None]]:
    """Return what is stored of the texts of rows, column by column, each tied to its row as it is now."""
    texts = [
        [
            None if text is None else (text, next(iter(column.accepted(*row.ties))))
            for column, text in zip(table.columns, values, strict=True)
        ]
        for row, values in rows
    ]
    return encrypt_columns(ring, version, texts)
