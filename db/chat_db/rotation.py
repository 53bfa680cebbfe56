"""How are the message keys exchanged while people talk? Everything is encrypted again with a new key.

What is damaged stays as it is, and so does its key: the row may be restored from a backup. A plain row that must be
encrypted stays plain: encrypting it would make it genuine.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .connection import Connection, Database, execute, fetch_all, fetch_one, transaction
from .encrypted_spans import EncryptedSpans, spans_path, write_spans
from .encryption import (
    PLAIN,
    RELOAD_SECONDS,
    DecryptionFailed,
    KeyRing,
    KeySettings,
    accepted_associated_data,
)
from .key_files import HIGHEST_VERSION, KeyRingError, new_key, read_keys, write_keys
from .keys import BY_KEY, describe, find_key_versions, note_encryption, prepare_keys
from .message_state import Texts, Where, encrypt_texts, read_reaction
from .messages import RECEIVER

REENCRYPT_BATCH = 500
COUNTED_AT_ONCE = 500_000
SETTLE_SECONDS = RELOAD_SECONDS + 6.0  # until every process encrypts with a new key, a write in flight included
PASSES = 3


@dataclass(frozen=True)
class Tally:
    """What became of some messages: how many were encrypted, are damaged, could not be verified; the last one's id."""

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


def rotate_key(database: Database, settings: KeySettings, tell: Callable[[str], None]) -> None:
    """Encrypt everything with a new key while the services run, telling how far it is; then drop the old keys.

    Safe to run again after it was cut short: what is encrypted with the newest key is passed over. Raises KeyRingError.
    """
    path = settings.path
    if not settings.encrypts:
        raise KeyRingError("SEAL_MESSAGES is off: there is no key to exchange")
    prepare_keys(database, settings)
    with only_rotation(path):
        note_encryption(database, settings)
        rotate_alone(database, path, tell)


@contextmanager
def only_rotation(path: Path) -> Iterator[None]:
    """Keep out a second rotation: each would drop the key with which the other one encrypts. Raises KeyRingError."""
    try:
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise KeyRingError(f"{path.parent} cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise KeyRingError("another rotate-key is under way") from None
    finally:
        os.close(handle)


def rotate_alone(database: Database, path: Path, tell: Callable[[str], None]) -> None:
    keys = read_keys(path)
    newest = max(keys) + 1
    if newest > HIGHEST_VERSION:
        raise KeyRingError(f"{path} has a key {max(keys)}: there is no higher version")
    write_keys(path, {**keys, newest: new_key()}, is_new=False)
    tell(f"key {newest} made; waiting {SETTLE_SECONDS:.0f} s until every process encrypts with it")
    time.sleep(SETTLE_SECONDS)
    left = reencrypt_all(database, KeyRing(path), newest, tell)
    # Every message of before encryption is encrypted now: from here on none may be plain.
    write_spans(spans_path(path), EncryptedSpans().switched(0, True))
    keys = read_keys(path)
    needed = (database.run(find_key_versions) | {newest}) & keys.keys()
    write_keys(path, {version: keys[version] for version in needed}, is_new=False)
    tell_end(path, newest, sorted(needed - {newest}), left, tell)


def tell_end(path: Path, newest: int, kept: list[int], left: Tally, tell: Callable[[str], None]) -> None:
    if left.not_verified:
        tell(f"{left.not_verified} messages could not be verified: they are plain among encrypted ones, and stay so")
    if left.damaged:
        tell(f"{left.damaged} messages are damaged: no key decrypts them, and they stay as they are")
    if kept:
        tell(
            f"done: everything else is encrypted with key {newest}; {path} keeps {', '.join(map(str, kept))} for the"
            " damaged messages, in case they are restored from a backup"
        )
    else:
        tell(f"done: everything is encrypted with key {newest}, the older keys are gone from {path}")


def reencrypt_all(database: Database, ring: KeyRing, version: int, tell: Callable[[str], None]) -> Tally:
    """Encrypt every message with one version, until a pass finds none; return what that pass found instead.

    A process that did not see the new key in time may write behind a pass. Raises KeyRingError where that goes on.
    """
    total, done = sum(count_messages(database, old) for old in find_others(database, version)), 0
    for _ in range(PASSES):
        tally = Tally()
        for old in find_others(database, version):
            last_id = 0
            while batch := database.run(reencrypt_batch, ring, old, version, last_id):
                last_id = batch.last_id
                tally = tally.and_then(batch)
                now = done + tally.encrypted
                tell(f"{now} of {max(total, now)} messages encrypted with key {version}")
        if not tally.encrypted:
            return tally
        done += tally.encrypted
    raise KeyRingError(f"{describe(database.run(find_key_versions) - {version})} still; run this again")


def find_others(database: Database, version: int) -> list[int]:
    """Return the other key versions in use, the plain one and impossible ones included."""
    return sorted(database.run(find_key_versions, above=-HIGHEST_VERSION - 2) - {version})


def count_messages(database: Database, version: int) -> int:
    """Count the messages of a key version, so many at a time that each answer comes soon."""
    sql = (
        f"SELECT COUNT(*), MAX(id) FROM (SELECT id FROM messages {BY_KEY}"
        f" WHERE key_version = %s AND id > %s ORDER BY id LIMIT {COUNTED_AT_ONCE}) counted"
    )
    total, last_id = 0, 0
    while (row := database.run(fetch_one, sql, version, last_id)) is not None and row[0]:
        total, last_id = total + row[0], row[1]
    return total


class Row(NamedTuple):
    """A message as it is stored."""

    id: int
    version: int
    content: str
    where: Where
    reactions: tuple[str | None, str | None]  # of the sender, of the other
    change_seq: int
    is_deleted: bool


def reencrypt_batch(connection: Connection, ring: KeyRing, old: int, version: int, after_id: int) -> Tally | None:
    """Encrypt the next messages of one key version, by id, with another; None where there are no more.

    Of a deleted message there is nothing to encrypt. One that changes meanwhile is encrypted with its change.
    """
    rows = [
        Row(identity, old, content, (chat, sender, receiver, client), (mine, other), change_seq, bool(deleted))
        for identity, content, chat, sender, receiver, client, mine, other, change_seq, deleted in fetch_all(
            connection,
            f"SELECT STRAIGHT_JOIN m.id, m.content, m.chat_id, m.sender_id, {RECEIVER}, m.client_id, m.sender_reaction,"
            f" m.other_reaction, m.change_seq, m.deleted_at IS NOT NULL"
            f" FROM messages m {BY_KEY} JOIN chats c FORCE INDEX (PRIMARY) ON c.id = m.chat_id"
            " WHERE m.key_version = %s AND m.id > %s ORDER BY m.id LIMIT %s",
            old,
            after_id,
            REENCRYPT_BATCH,
        )
    ]
    if not rows:
        return None
    demands = ring.spans.demands
    whole = [row for row in rows if not row.is_deleted]
    genuine = [row for row in whole if row.version != PLAIN or not demands(row.id)]
    decrypted = [(row, texts) for row in genuine if (texts := decrypt_row(ring, row)) is not None]
    encrypted = encrypt_texts(ring, version, [texts for _, texts in decrypted])
    sql = (
        "UPDATE messages SET content = %s, sender_reaction = %s, other_reaction = %s, key_version = %s"
        " WHERE id = %s AND key_version = %s AND change_seq = %s"
    )
    with transaction(connection):
        for (row, _), stored in zip(decrypted, encrypted, strict=True):
            execute(connection, sql, *stored, version, row.id, row.version, row.change_seq)
    return Tally(len(decrypted), len(genuine) - len(decrypted), len(whole) - len(genuine), rows[-1].id)


def decrypt_row(ring: KeyRing, row: Row) -> Texts | None:
    """Return the texts of a row, None where no key decrypts the message. Where only its version is wrong, another key
    does. A reaction that its key does not decrypt goes."""
    reactions = (
        read_reaction(ring, row.where, row.version, stored, by_sender=by_sender)
        for stored, by_sender in zip(row.reactions, (True, False), strict=True)
    )
    for decrypt in (partial(ring.decrypt, row.version), ring.decrypt_with_any):
        with suppress(DecryptionFailed):
            return Texts(row.where, decrypt(row.content, accepted_associated_data(*row.where)), *reactions)
    return None
