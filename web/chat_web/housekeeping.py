"""What is removed by itself: expired logins, their sessions, and chats that no living account can see any more."""

from __future__ import annotations

import contextlib
import logging
import time
from datetime import timedelta
from pathlib import Path

import gevent
import pymysql

from chat_db import Database, DatabaseUnavailable
from chat_db.chats import purge_chats
from chat_db.tokens import Lifetimes, delete_expired

log = logging.getLogger("chatapp.web")

EVERY_SECONDS = 3600
SOCKETS_SECONDS = 12  # after a login has ended, until its sockets are closed and what they sent is stored


def purge(database: Database) -> None:
    """Delete the chats of which both members are gone, in small batches. What is left, the next run takes."""
    try:
        while database.run(purge_chats):
            gevent.sleep(0)
    except (DatabaseUnavailable, pymysql.err.Error) as error:
        log.warning("event=purge_failed error=%r", str(error))


def purge_after(database: Database) -> None:
    """Purge when an account was deleted: now, and once more for what its sockets still sent in this moment."""
    purge(database)
    gevent.spawn_later(SOCKETS_SECONDS, purge, database)


def delete_session_files(folder: Path, lifetimes: Lifetimes) -> int:
    """Remove the sessions that no login can belong to any more; return how many.

    A session's file is written at login and not after it, and cachelib itself removes none with threshold 0.
    """
    oldest = time.time() - timedelta(days=lifetimes.days, hours=1).total_seconds()
    deleted = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another worker was first, or its user logged out
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()
                deleted += 1
    return deleted


def keep_house(database: Database, lifetimes: Lifetimes, session_dir: Path) -> None:
    """Run for ever, in a greenlet of a worker. Several workers doing it do no harm."""
    while True:
        delete_session_files(session_dir, lifetimes)
        purge(database)
        try:
            database.run(delete_expired, lifetimes)
        except (DatabaseUnavailable, pymysql.err.Error) as error:
            log.warning("event=housekeeping_failed error=%r", str(error))
        gevent.sleep(EVERY_SECONDS)
