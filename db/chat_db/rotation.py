"""How are the message keys exchanged while people talk? Everything is encrypted again with a new key.

The key of what is damaged stays: the row may be restored from a backup.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .connection import Database
from .encrypted_columns import ENCRYPTED, find_key_versions
from .encrypted_spans import EncryptedSpans, spans_path, write_spans
from .encryption import RELOAD_SECONDS, KeyRing, KeySettings
from .key_files import HIGHEST_VERSION, KeyRingError, new_key, read_keys, write_keys
from .keys import note_encryption, prepare_keys
from .reencryption import Tally, reencrypt_all

SETTLE_SECONDS = RELOAD_SECONDS + 6.0  # until every process encrypts with a new key, a write in flight included


def rotate_key(database: Database, settings: KeySettings, tell: Callable[[str], None]) -> None:
    """Encrypt everything with a new key while the services run, telling how far it is; then drop the old keys.

    Safe to run again after it was cut short: what is encrypted with the newest key is passed over. Raises KeyRingError.
    """
    path = settings.path
    if not settings.encrypts:
        raise KeyRingError("SEAL_MESSAGES is off: there is no key to exchange")
    prepare_keys(database, settings)
    with only_rotation(path):
        for table in ENCRYPTED:
            note_encryption(database, settings, table)
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
    # Every row of before encryption is encrypted now: from here on none may be plain.
    for table in ENCRYPTED:
        write_spans(spans_path(path, table.name), EncryptedSpans().switched(0, True))
    keys = read_keys(path)
    used = database.run(find_key_versions)
    needed = {newest}.union(*used.values()) & keys.keys()
    write_keys(path, {version: keys[version] for version in needed}, is_new=False)
    tell_end(path, newest, sorted(needed - {newest}), left, tell)


def tell_end(path: Path, newest: int, kept: list[int], left: dict[str, Tally], tell: Callable[[str], None]) -> None:
    for name, tally in left.items():
        if tally.not_verified:
            tell(f"{tally.not_verified} {name} could not be verified: they are plain among encrypted ones, and stay so")
        if tally.damaged:
            tell(f"{tally.damaged} {name} are damaged: no key decrypts them, and they stay as they are")
    if kept:
        tell(
            f"done: everything else is encrypted with key {newest}; {path} keeps {', '.join(map(str, kept))} for what"
            " is damaged, in case it is restored from a backup"
        )
    else:
        tell(f"done: everything is encrypted with key {newest}, the older keys are gone from {path}")
