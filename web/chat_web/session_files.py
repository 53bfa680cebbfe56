"""Which session files are left over? A session's file goes with its login, however that ended.

A browser that logs out removes its own. A login that ends elsewhere (revoked, a new password, expired, deleted) leaves
its file behind, and nobody may ever come with its cookie again.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import gevent
from gevent.event import Event

from chat_db import Database
from chat_db.secrets import digest
from chat_db.tokens import Lifetimes, find_stored

from .housekeeping import failures_logged

EVERY_SECONDS = 3600
SOON_SECONDS = 3  # so that several ends are one look
SHARE = 20  # a look may take a twentieth of the time
BATCH = 100  # files between which other requests have their turn

# A pickled dictionary's key and value, found without unpickling what may be damaged.
TOKEN = re.compile(rb"token\x94\x8c\x2b([A-Za-z0-9_-]{43})")

_logins_ended = Event()


def look_soon() -> None:
    """Logins have ended: let this worker look for their files within some seconds."""
    _logins_ended.set()


def keep_session_files(database: Database, lifetimes: Lifetimes, folder: Path) -> None:
    """Run for ever, in a greenlet of a worker. Several workers doing it do no harm."""
    while True:
        began = time.monotonic()
        delete_left_over_once(database, lifetimes, folder)
        gevent.sleep(max(SOON_SECONDS, SHARE * (time.monotonic() - began)))
        _logins_ended.wait(EVERY_SECONDS)
        _logins_ended.clear()


def delete_left_over_once(database: Database, lifetimes: Lifetimes, folder: Path) -> None:
    """As delete_left_over; whatever fails is logged and tried again the next time."""
    with failures_logged("session_files_failed"):
        delete_left_over(database, lifetimes, folder)


def delete_left_over(database: Database, lifetimes: Lifetimes, folder: Path) -> int:
    """Remove the files whose login has no row any more, and old ones that hold no login; return how many.

    The row alone decides, and not whether it has expired: a clock that is wrong for a moment ends nobody's session. It
    is stored before the file, so that a file without one is left over for certain.
    """
    oldest = time.time() - timedelta(days=lifetimes.days, hours=1).total_seconds()
    deleted = 0
    paths = folder.iterdir()
    while batch := list(islice(paths, BATCH)):
        files = dict(_read(batch))
        tokens = {path: digest(token) for path, (_, token) in files.items() if token}
        stored = database.run(find_stored, set(tokens.values()))
        for path, (written_at, _) in files.items():
            is_left_over = tokens[path] not in stored if path in tokens else written_at < oldest
            if is_left_over:
                path.unlink(missing_ok=True)  # another worker may be first
                deleted += 1
        gevent.sleep(0)
    return deleted


def _read(paths: list[Path]) -> Iterator[tuple[Path, tuple[float, str]]]:
    """Return of each file when it was written, and the token in it, empty where none is found."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            found = TOKEN.search(path.read_bytes())
            yield path, (path.stat().st_mtime, found[1].decode() if found else "")
