"""What is removed by itself: expired logins, invites, and chats that no living account can see.

What goes by its age goes only while the database's clock and this process's agree: where one of them has jumped, every
login would look expired, and could not be brought back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gevent

from chat_db import Database, DatabaseError
from chat_db.connection import clock_difference
from chat_db.links import delete_expired_invites
from chat_db.purges import purge_chats
from chat_db.tokens import Lifetimes, delete_expired

log = logging.getLogger("chatapp.web")

EVERY_SECONDS = 3600
CLOCKS_AGREE = 300  # seconds that they may differ
SOCKETS_SECONDS = 12  # after a login has ended, until its sockets are closed and what they sent is stored


@contextmanager
def failures_logged(event: str) -> Iterator[None]:
    """Log what fails of a task that is tried again later, as an `event`, and go on."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        log.warning("event=%s error=%r", event, str(error))


def purge(database: Database) -> None:
    """Delete the chats of which both members are gone, in small batches. What is left, the next run takes."""
    with failures_logged("purge_failed"):
        purge_chats(database, lambda: gevent.sleep(0))


def purge_after(database: Database) -> None:
    """Purge when an account was deleted: now, and once more for what its sockets still sent in this moment.

    Neither is waited for: a long conversation takes minutes.
    """
    gevent.spawn(purge, database)
    gevent.spawn_later(SOCKETS_SECONDS, purge, database)


def delete_old(database: Database, lifetimes: Lifetimes) -> None:
    """Remove what is too old. Raises the database's errors."""
    ahead = database.run(clock_difference)
    if abs(ahead) > CLOCKS_AGREE:
        log.warning("event=clocks_differ database_ahead=%d seconds: nothing is deleted by its age", ahead)
        return
    database.run(delete_expired, lifetimes)
    database.run(delete_expired_invites)


def run_housekeeping_once(database: Database, lifetimes: Lifetimes) -> None:
    """Whatever fails is logged and tried again the next time; it takes nothing else along."""
    purge(database)
    with failures_logged("housekeeping_failed"):
        delete_old(database, lifetimes)


def run_housekeeping(database: Database, lifetimes: Lifetimes) -> None:
    """Run for ever, in a greenlet of a worker. Several workers doing it do no harm."""
    while True:
        run_housekeeping_once(database, lifetimes)
        gevent.sleep(EVERY_SECONDS)
