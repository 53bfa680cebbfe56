"""What is removed by itself: expired logins, and chats that no living account can see any more."""

from __future__ import annotations

import logging

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


def keep_house(database: Database, lifetimes: Lifetimes) -> None:
    """Run for ever, in a greenlet of a worker. Several workers doing it do no harm."""
    while True:
        purge(database)
        try:
            database.run(delete_expired, lifetimes)
        except (DatabaseUnavailable, pymysql.err.Error) as error:
            log.warning("event=housekeeping_failed error=%r", str(error))
        gevent.sleep(EVERY_SECONDS)
