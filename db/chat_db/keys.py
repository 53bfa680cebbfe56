"""Do the message keys fit the database? Asked at every start; also makes the first key.

A key is made only where nothing encrypted exists: beside such rows a new key would hide that the old one is lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial

from .connection import Connection, Database, fetch_one
from .encrypted_columns import (
    ENCRYPTED,
    EncryptedRow,
    EncryptedTable,
    decrypt_columns,
    find_key_versions,
    find_sample,
    find_versions,
)
from .encrypted_spans import EncryptedSpans, read_spans, spans_path, write_spans
from .encryption import DecryptionFailed, KeyRing, KeySettings
from .errors import DatabaseUnavailable
from .key_files import KeyRingError, new_key, write_keys

log = logging.getLogger("chatapp.keys")

DATABASE_TRIES = 10  # a second apart
SAMPLE = 5  # rows of a key that must fail, and none be decrypted, before the key is to blame


def prepare_keys(database: Database, settings: KeySettings) -> KeyRing:
    """Return the ring of the key file, made where there is none and none is needed yet.

    Raises KeyRingError where it does not fit what is stored or cannot be written, and DatabaseUnavailable.
    """
    if not settings.path.exists():
        versions = database.run(find_key_versions)
        if versions:
            raise KeyRingError(
                f"{settings.path} is missing, and {describe(versions)}. Put the key file back: without it they cannot"
                " be read, and no new key is made beside them"
            )
        if settings.encrypts:  # another service may be first: then its key is ours too
            write_keys(settings.path, {1: new_key()}, is_new=True)
    ring = KeyRing(settings.path, settings.encrypts)
    database.run(check_keys, ring)
    return ring


def wait_for_keys(
    database: Database, settings: KeySettings, is_stopped: Callable[[], bool], written: EncryptedTable
) -> KeyRing | None:
    """As prepare_keys at a service's start, waiting for the database for a while; None where it was stopped.

    `written`: the table whose rows this service writes: it notes from which id on they are encrypted. Where the
    database stays away, keys that are there are taken on trust: one that does not fit shows as soon as a row is read,
    and nothing is ever shown that it does not decrypt. Raises KeyRingError.
    """
    for _ in range(DATABASE_TRIES):
        try:
            ring = prepare_keys(database, settings)
            note_encryption(database, settings, written)
            return ring
        except DatabaseUnavailable:
            if is_stopped():
                return None
            time.sleep(1)
    is_noted = (read_spans(spans_path(settings.path, written.name)).is_on or False) is settings.encrypts
    if is_noted and (settings.path.exists() or not settings.encrypts):
        return KeyRing(settings.path, settings.encrypts)
    raise KeyRingError("the database cannot be reached, and without it no message key can be made or put to use")


def describe(versions: Mapping[str, frozenset[int]]) -> str:
    """Say which rows are encrypted with which keys."""
    found = (
        f"{name} encrypted with key {', '.join(map(str, sorted(used)))}" for name, used in versions.items() if used
    )
    return f"there are {' and '.join(found)}"


def check_keys(connection: Connection, ring: KeyRing) -> None:
    """Raise KeyRingError where what is encrypted with a key version cannot be decrypted with that key.

    One damaged row is no proof of a wrong key: several must fail, of each table's newest and oldest, and none succeed.
    """
    versions = find_key_versions(connection)
    for version in sorted(frozenset().union(*versions.values())):
        tables = [table for table in ENCRYPTED if version in versions.get(table.name, ())]
        sample = [(table, row) for table in tables for row in find_sample(connection, table, version, SAMPLE)]
        if len(sample) >= SAMPLE and not any(can_decrypt(ring, table, version, row) for table, row in sample):
            names = " and ".join(table.name for table in tables)
            raise KeyRingError(
                f"message key {version} in {ring.path} is missing or wrong: stored {names} cannot be decrypted with it."
                " Put the right key file back"
            )


def can_decrypt(ring: KeyRing, table: EncryptedTable, version: int, row: EncryptedRow) -> bool:
    try:
        decrypt_columns(partial(ring.decrypt, version), table, row)
    except DecryptionFailed:
        return False
    return True


def note_encryption(database: Database, settings: KeySettings, table: EncryptedTable) -> None:
    """Keep beside the keys from which id on a table's rows are encrypted, or are not: as they will be from now on.

    Raises KeyRingError where that cannot be written, and DatabaseUnavailable.
    """
    path = spans_path(settings.path, table.name)
    known = read_spans(path)
    noted = database.run(find_spans, table, known, settings.encrypts)
    if noted != known:
        write_spans(path, noted)
        kept = "encrypted" if noted.is_on else "as they are"
        log.warning(
            "event=encryption_switched from_id=%d: %s from there on are stored %s", noted.firsts[-1], table.name, kept
        )


def find_spans(connection: Connection, table: EncryptedTable, known: EncryptedSpans, encrypts: bool) -> EncryptedSpans:
    """Return the spans in which rows must be encrypted, where they will be (`encrypts`) or not from now on."""
    if encrypts:
        if known.is_on:
            return known
        if known.is_on is None:  # of a release before 1.1, or not encrypted so far
            return known.switched(_find_end(connection, table, _first_encrypted(connection, table)), True)
        return known.switched(max(known.firsts[-1], _find_end(connection, table)), True)
    if known.is_on is None:
        # Which of the plain rows were written before the encrypted ones, while it was off, is not known.
        return known.switched(0, False) if find_versions(connection, table) else known
    row = fetch_one(connection, f"SELECT MAX(id) FROM {table.name}")
    end = (row[0] or 0) + 1 if row else 1
    if not known.is_on and end >= known.firsts[-1]:
        return known
    return known.switched(end, False)  # also where a backup was restored, whose ids are lower


def _first_encrypted(connection: Connection, table: EncryptedTable) -> int | None:
    """Return the lowest id of an encrypted row, None where there is none: one look into the index a version."""
    sql = f"SELECT MIN(id) FROM {table.name} WHERE key_version = %s"
    rows = [fetch_one(connection, sql, version) for version in find_versions(connection, table)]
    return min((row[0] for row in rows if row is not None and row[0] is not None), default=None)


def _find_end(connection: Connection, table: EncryptedTable, before: int | None = None) -> int:
    """Return the id behind the last plain row (below an id), 0 where there is none."""
    sql = f"SELECT MAX(id) FROM {table.name} WHERE key_version = 0"
    row = fetch_one(connection, sql) if before is None else fetch_one(connection, f"{sql} AND id < %s", before)
    return int(row[0]) + 1 if row and row[0] is not None else 0
