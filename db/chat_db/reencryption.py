"""How is everything encrypted again with another key, while people write? Batch by batch, table by table.

What is damaged stays as it is: it may be restored from a backup. A plain row that must be encrypted stays plain:
encrypting it would make it genuine. A file's bytes stay too: its row holds their key, which is encrypted again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .connection import Connection, Database, execute, fetch_one, transaction
from .encrypted_columns import (
    ENCRYPTED,
    EncryptedTable,
    decrypt_row,
    encrypt_rows,
    find_key_versions,
    find_versions,
    list_rows,
)
from .encryption import PLAIN, KeyRing
from .key_files import HIGHEST_VERSION, KeyRingError
from .keys import describe

REENCRYPT_BATCH = 500
COUNTED_AT_ONCE = 500_000
PASSES = 3


@dataclass(frozen=True)
class Tally:
    """What became of some rows: how many were encrypted, are damaged, could not be verified; the last one's id."""

    encrypted: int = 0
    damaged: int = 0
    not_verified: int = 0
    last_id: int = 0

    def and_then(self, next_ones: Tally) -> Tally:
        return Tally(
            self.encrypted + next_ones.encrypted,
            self.damaged + next_ones.damaged,
            self.not_verified + next_ones.not_verified,
            next_ones.last_id,
        )


def reencrypt_all(database: Database, ring: KeyRing, version: int, tell: Callable[[str], None]) -> dict[str, Tally]:
    """Encrypt every row with one version, until a pass finds none; return what that pass found instead, by table.

    A process that did not see the new key in time may write behind a pass. Raises KeyRingError where that goes on.
    """
    for _ in range(PASSES):
        found = {table.name: reencrypt_table(database, ring, table, version, tell) for table in ENCRYPTED}
        if not any(tally.encrypted for tally in found.values()):
            return found
    left = {name: used - {version} for name, used in database.run(find_key_versions).items()}
    raise KeyRingError(f"{describe(left)} still; run this again")


def reencrypt_table(
    database: Database, ring: KeyRing, table: EncryptedTable, version: int, tell: Callable[[str], None]
) -> Tally:
    """Encrypt the rows of a table that are not, going once through each other key version."""
    others = find_others(database, table, version)
    total = sum(count_rows(database, table, old) for old in others)
    tally = Tally()
    for old in others:
        for batch in reencrypt_version(database, ring, table, old, version):
            tally = tally.and_then(batch)
            if batch.encrypted:
                tell(f"{tally.encrypted} of {max(total, tally.encrypted)} {table.name} encrypted with key {version}")
    return tally


def reencrypt_version(
    database: Database, ring: KeyRing, table: EncryptedTable, old: int, version: int
) -> Iterator[Tally]:
    """Encrypt the rows of one key version with another, giving what became of each batch."""
    last_id = 0
    while batch := database.run(reencrypt_batch, ring, table, old, version, last_id):
        yield batch
        last_id = batch.last_id


def find_others(database: Database, table: EncryptedTable, version: int) -> list[int]:
    """Return the other key versions in use, the plain one and impossible ones included."""
    return sorted(database.run(find_versions, table, above=-HIGHEST_VERSION - 2) - {version})


def count_rows(database: Database, table: EncryptedTable, version: int) -> int:
    """Count the rows of a key version, so many at a time that each answer comes soon."""
    sql = (
        f"SELECT COUNT(*), MAX(id) FROM (SELECT id FROM {table.name} {table.by_key}"
        f" WHERE key_version = %s AND id > %s ORDER BY id LIMIT {COUNTED_AT_ONCE}) counted"
    )
    total, last_id = 0, 0
    while (row := database.run(fetch_one, sql, version, last_id)) is not None and row[0]:
        total, last_id = total + row[0], row[1]
    return total


def reencrypt_batch(
    connection: Connection, ring: KeyRing, table: EncryptedTable, old: int, version: int, after_id: int
) -> Tally | None:
    """Encrypt the next rows of one key version, by id, with another; None where there are no more.

    One that changes meanwhile is encrypted with its change.
    """
    rows = list_rows(connection, table, old, after_id, REENCRYPT_BATCH)
    if not rows:
        return None
    living = [row for row in rows if row.is_living]
    genuine = [row for row in living if old != PLAIN or not ring.demands(table.name, row.id)]
    decrypted = [(row, texts) for row in genuine if (texts := decrypt_row(ring, table, old, row)) is not None]
    columns = ", ".join(f"{column.name} = %s" for column in table.columns)
    sql = (
        f"UPDATE {table.name} SET {columns}, key_version = %s WHERE id = %s AND key_version = %s AND {table.mark} = %s"
    )
    encrypted = encrypt_rows(ring, table, version, decrypted)
    with transaction(connection):
        for (row, _), stored in zip(decrypted, encrypted, strict=True):
            execute(connection, sql, *stored, version, row.id, old, row.mark)
    return Tally(len(decrypted), len(genuine) - len(decrypted), len(living) - len(genuine), rows[-1].id)
