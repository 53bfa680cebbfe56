"""Do the message keys fit the database? Asked at every start; also makes the first key.

A key is made only where no encrypted message exists: beside such rows a new key would hide that the old one is lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from .connection import Connection, Database, fetch_all, fetch_one
from .encrypted_spans import EncryptedSpans, read_spans, spans_path, write_spans
from .encryption import PLAIN, DecryptionFailed, KeyRing, KeySettings, accepted_associated_data
from .errors import DatabaseUnavailable
from .key_files import KeyRingError, new_key, write_keys
from .messages import RECEIVER

log = logging.getLogger("chatapp.keys")

DATABASE_TRIES = 10  # a second apart
EncryptedRow = tuple[str, int, int, int, str]  # content, chat, sender, receiver, client id

# Without it a server sorts a whole chat where there is one chat or few, and statistics may have it read all messages.
BY_KEY = "FORCE INDEX (messages_key_version)"
SAMPLE = 5  # messages of a key that must fail, and none be decrypted, before the key is to blame


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
    database: Database, settings: KeySettings, is_stopped: Callable[[], bool], *, is_writer: bool = False
) -> KeyRing | None:
    """As prepare_keys at a service's start, waiting for the database for a while; None where it was stopped.

    `is_writer`: this service writes messages, and notes from which id on they are encrypted. Where the database stays
    away, files that are there are taken on trust: a key that does not fit shows as soon as a message is read, and
    nothing is ever shown that it does not decrypt. Raises KeyRingError.
    """
    for _ in range(DATABASE_TRIES):
        try:
            ring = prepare_keys(database, settings)
            if is_writer:
                note_encryption(database, settings)
            return ring
        except DatabaseUnavailable:
            if is_stopped():
                return None
            time.sleep(1)
    is_noted = not is_writer or (read_spans(spans_path(settings.path)).is_on or False) is settings.encrypts
    if is_noted and (settings.path.exists() or not settings.encrypts):
        return KeyRing(settings.path, settings.encrypts)
    raise KeyRingError("the database cannot be reached, and without it no message key can be made or put to use")


def describe(versions: frozenset[int]) -> str:
    return f"there are messages encrypted with key {', '.join(map(str, sorted(versions)))}"


def find_key_versions(connection: Connection, above: int = PLAIN) -> frozenset[int]:
    """Return the key versions in use, without the plain one: one look into the index for each.

    DISTINCT goes through all messages where statistics say that there are few.
    """
    sql = f"SELECT MIN(key_version) FROM messages {BY_KEY} WHERE key_version > %s"
    versions: set[int] = set()
    while (row := fetch_one(connection, sql, max(versions, default=above))) is not None and row[0] is not None:
        versions.add(row[0])
    return frozenset(versions)


def check_keys(connection: Connection, ring: KeyRing) -> None:
    """Raise KeyRingError where the messages of a key version cannot be decrypted with that key.

    One damaged message is no proof of a wrong key: several must fail, of the newest and the oldest, and none succeed.
    """
    for version in find_key_versions(connection):
        sample = find_sample(connection, version)
        if len(sample) >= SAMPLE and not any(can_decrypt(ring, version, row) for row in sample):
            raise KeyRingError(
                f"message key {version} in {ring.path} is missing or wrong: stored messages cannot be decrypted"
                " with it. Put the right key file back"
            )


def find_sample(connection: Connection, version: int) -> set[EncryptedRow]:
    """Return the newest and the oldest messages of a key version."""
    sql = (
        f"SELECT STRAIGHT_JOIN m.content, m.chat_id, m.sender_id, {RECEIVER}, m.client_id"
        f" FROM messages m {BY_KEY} JOIN chats c FORCE INDEX (PRIMARY) ON c.id = m.chat_id"
        " WHERE m.key_version = %s ORDER BY m.id"
    )
    rows = (fetch_all(connection, f"{sql} {order} LIMIT {SAMPLE}", version) for order in ("DESC", "ASC"))
    return {(content, chat, sender, to, client) for some in rows for content, chat, sender, to, client in some}


def can_decrypt(ring: KeyRing, version: int, row: EncryptedRow) -> bool:
    content, chat_id, sender_id, receiver_id, client_id = row
    try:
        ring.decrypt(version, content, accepted_associated_data(chat_id, sender_id, receiver_id, client_id))
    except DecryptionFailed:
        return False
    return True


def note_encryption(database: Database, settings: KeySettings) -> None:
    """Keep beside the keys from which id on messages are encrypted, or are not: as they will be written from now on.

    Raises KeyRingError where that cannot be written, and DatabaseUnavailable.
    """
    path = spans_path(settings.path)
    known = read_spans(path)
    noted = database.run(find_spans, known, settings.encrypts)
    if noted != known:
        write_spans(path, noted)
        kept = "encrypted" if noted.is_on else "as they are"
        log.warning(
            "event=encryption_switched from_id=%d: messages from there on are stored %s", noted.firsts[-1], kept
        )


def find_spans(connection: Connection, known: EncryptedSpans, encrypts: bool) -> EncryptedSpans:
    """Return the spans in which messages must be encrypted, where they will be (`encrypts`) or not from now on."""
    if encrypts:
        if known.is_on:
            return known
        if known.is_on is None:  # of a release before 1.1, or not encrypted so far
            return known.switched(_find_end(connection, _first_encrypted(connection)), True)
        return known.switched(max(known.firsts[-1], _find_end(connection)), True)
    if known.is_on is None:
        # Which of the plain messages were written before the encrypted ones, while it was off, is not known.
        return known.switched(0, False) if find_key_versions(connection) else known
    row = fetch_one(connection, "SELECT MAX(id) FROM messages")
    end = (row[0] or 0) + 1 if row else 1
    if not known.is_on and end >= known.firsts[-1]:
        return known
    return known.switched(end, False)  # also where a backup was restored, whose ids are lower


def _first_encrypted(connection: Connection) -> int | None:
    """Return the lowest id of an encrypted message, None where there is none: one look into the index a version."""
    sql = "SELECT MIN(id) FROM messages WHERE key_version = %s"
    rows = [fetch_one(connection, sql, version) for version in find_key_versions(connection)]
    return min((row[0] for row in rows if row is not None and row[0] is not None), default=None)


def _find_end(connection: Connection, before: int | None = None) -> int:
    """Return the id behind the last plain message (below an id), 0 where there is none."""
    sql = "SELECT MAX(id) FROM messages WHERE key_version = 0"
    row = fetch_one(connection, sql) if before is None else fetch_one(connection, f"{sql} AND id < %s", before)
    return int(row[0]) + 1 if row and row[0] is not None else 0
