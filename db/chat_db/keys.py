"""Do the message keys fit the database? Asked at every start; also makes the first key and exchanges keys.

A key is made only where no sealed message exists: beside sealed rows a new key would hide that the old one is lost.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .connection import Connection, Database, DatabaseUnavailable, execute, fetch_all, fetch_one, transaction
from .seal import (
    RELOAD_SECONDS,
    KeyRing,
    KeyRingError,
    KeySettings,
    SealBroken,
    binding,
    new_key,
    read_keys,
    write_keys,
)

DATABASE_TRIES = 10  # a second apart
RESEAL_BATCH = 500
SETTLE_SECONDS = RELOAD_SECONDS + 6.0  # until every process seals with a new key, a write in flight included


def prepare_keys(database: Database, settings: KeySettings) -> KeyRing:
    """Return the ring of the key file, made where there is none and none is needed yet.

    Raises KeyRingError where it does not fit what is stored, and DatabaseUnavailable where that cannot be asked.
    """
    if not settings.path.exists():
        versions = database.run(find_sealed_versions)
        if versions:
            raise KeyRingError(
                f"{settings.path} is missing, and {describe(versions)}. Put the key file back: without it they cannot"
                " be read, and no new key is made beside them"
            )
        if settings.seals:  # another service may be first: then its key is ours too
            write_keys(settings.path, {1: new_key()}, is_new=True)
    ring = KeyRing(settings.path, settings.seals)
    database.run(check_keys, ring)
    return ring


def wait_for_keys(database: Database, settings: KeySettings, is_stopped: Callable[[], bool]) -> KeyRing | None:
    """As prepare_keys at a service's start, waiting for the database for a while; None where it was stopped.

    Where the database stays away, a key file that is there is taken on trust: a key that does not fit shows as soon
    as a message is opened, and nothing is ever shown that does not open. Raises KeyRingError.
    """
    for _ in range(DATABASE_TRIES):
        try:
            return prepare_keys(database, settings)
        except DatabaseUnavailable:
            if is_stopped():
                return None
            time.sleep(1)
    if settings.path.exists() or not settings.seals:
        return KeyRing(settings.path, settings.seals)
    raise KeyRingError("the database cannot be reached, and without it no message key can be made")


def describe(versions: frozenset[int]) -> str:
    return f"there are messages sealed with key {', '.join(map(str, sorted(versions)))}"


def find_sealed_versions(connection: Connection) -> frozenset[int]:
    """Return the key versions in use, without the plain one."""
    rows = fetch_all(connection, "SELECT DISTINCT key_version FROM messages WHERE key_version > 0")
    return frozenset(version for (version,) in rows)


def check_keys(connection: Connection, ring: KeyRing) -> None:
    """Raise KeyRingError unless the newest message of every key version in use opens."""
    for version in find_sealed_versions(connection):
        row = fetch_one(
            connection,
            "SELECT content, chat_id, sender_id, client_id FROM messages WHERE key_version = %s"
            " ORDER BY id DESC LIMIT 1",
            version,
        )
        if row is None:
            continue
        try:
            ring.open(version, row[0], binding(*row[1:]))
        except SealBroken:
            raise KeyRingError(
                f"message key {version} in {ring.path} is missing or wrong: stored messages do not open with it."
                " Put the right key file back"
            ) from None


def rotate_key(database: Database, settings: KeySettings, tell: Callable[[str], None]) -> None:
    """Seal everything with a new key while the services run, telling how far it is; then drop the old keys.

    Safe to run again after it was cut short: what is sealed with the newest key is passed over.
    """
    path = settings.path
    if not settings.seals:
        raise KeyRingError("SEAL_MESSAGES is off: there is no key to exchange")
    prepare_keys(database, settings)
    with only_rotation(path):
        rotate_alone(database, path, tell)


@contextmanager
def only_rotation(path: Path) -> Iterator[None]:
    """Keep out a second rotation: each would drop the key with which the other one seals. Raises KeyRingError."""
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
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
    write_keys(path, {**keys, newest: new_key()}, is_new=False)
    tell(f"key {newest} made; waiting {SETTLE_SECONDS:.0f} s until every process seals with it")
    time.sleep(SETTLE_SECONDS)
    ring = KeyRing(path)
    reseal(database, ring, newest, tell)
    left = database.run(find_sealed_versions) - {newest}
    if left:  # a process that did not see the new key in time: it is there, so nothing is lost
        raise KeyRingError(f"{describe(left)} still; run this again")
    write_keys(path, {newest: read_keys(path)[newest]}, is_new=False)
    tell(f"done: everything is sealed with key {newest}, the older keys are gone from {path}")


def reseal(database: Database, ring: KeyRing, version: int, tell: Callable[[str], None]) -> None:
    """Seal every message with one version, in small batches, telling how far it is."""
    done, last_id = 0, 0
    row = database.run(fetch_one, "SELECT COUNT(*) FROM messages WHERE key_version <> %s", version)
    total = int(row[0]) if row else 0
    while True:
        count, last_id = database.run(reseal_batch, ring, version, last_id)
        if not count:
            return
        done += count
        tell(f"{done} of {max(total, done)} messages sealed with key {version}")


def reseal_batch(connection: Connection, ring: KeyRing, version: int, after_id: int) -> tuple[int, int]:
    """Seal the next messages by id; return how many, and the last id looked at."""
    rows = fetch_all(
        connection,
        "SELECT id, key_version, content, chat_id, sender_id, client_id FROM messages"
        " WHERE id > %s AND key_version <> %s ORDER BY id LIMIT %s",
        after_id,
        version,
        RESEAL_BATCH,
    )
    bound = [binding(*where) for _, _, _, *where in rows]
    opened = [ring.open(old, content, bind) for (_, old, content, *_), bind in zip(rows, bound, strict=True)]
    sealed = ring.seal(version, list(zip(opened, bound, strict=True)))
    sql = "UPDATE messages SET content = %s, key_version = %s WHERE id = %s AND key_version = %s"
    with transaction(connection):
        for (identity, old, *_), content in zip(rows, sealed, strict=True):
            execute(connection, sql, content, version, identity, old)
    return len(rows), rows[-1][0] if rows else after_id
