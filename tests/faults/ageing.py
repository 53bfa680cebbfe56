"""How do messages get old enough to go while a test runs? Their rows say that they were sent two days ago.

Only of those that were acknowledged, and that some client has seen: what is sent again after it is gone would be a new
message, and nobody sends again for an hour. Nor of the latest ones: a ws-server remembers for ten minutes which number
was the last one that it has given out, and nothing goes that is younger than an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pymysql

from chat_db.connection import connect
from chat_db.expiry import find_due
from database import Database
from tests.support.room import settings_of

from .client import Device

if TYPE_CHECKING:
    from .talk import Talk

DAYS = 2  # more than any choice in these tests, and than the day in which it can be undone
YOUNG = 40, 150  # messages, at least and at most, that stay young


async def grow_older(talk: Talk) -> None:
    """Until the talk is over: let the older part of each chat be two days older, and so its choice."""
    chats = sorted({chat_id for chats in talk.chats.values() for chat_id in chats})
    while not talk.is_over:
        await talk.pause(0.1, 0.4)
        for chat_id in chats:
            until = last_known(talk.devices, chat_id) - talk.chance.randint(*YOUNG)
            async with talk.while_database_is_there:
                with contextlib.suppress(pymysql.err.OperationalError):  # a deadlock: the next time
                    await asyncio.to_thread(make_older, talk.database, chat_id, until)


def last_known(devices: Iterable[Device], chat_id: int) -> int:
    """Return up to which `seq` every message of a chat was acknowledged and seen."""
    known: set[int] = set()
    for device in devices:
        log = device.log
        known.update(
            attempt.answer.seq
            for attempt in log.attempts.values()
            if attempt.answer is not None and attempt.chat_id == chat_id
        )
        settled = (name for name, keep in log.keeps.items() if keep.is_settled and keep.chat_id == chat_id)
        # Some device of this user's has seen it; this one may have lost its connection.
        known.update(other.log.own[name][1] for name in settled for other in devices if name in other.log.own)
    last = 0
    while last + 1 in known:
        last += 1
    return last


def make_older(database: Database, chat_id: int, until: int) -> None:
    # By ids, one statement each: nobody waits for the gap in which the next message is written.
    database.query(
        f"UPDATE messages SET sent_at = sent_at - INTERVAL {DAYS} DAY"
        " WHERE chat_id = %s AND seq <= %s AND sent_at > NOW(3) - INTERVAL 1 DAY",
        chat_id,
        until,
    )
    database.query(
        f"UPDATE chats SET keep_from = keep_from - INTERVAL {DAYS} DAY WHERE id = %s AND keep_from > NOW(3)", chat_id
    )


async def until_nothing_is_due(database: Database) -> None:
    """Return when everything is gone that is to go."""

    def is_due() -> bool:
        with contextlib.closing(connect(settings_of(database))) as connection:
            return bool(find_due(connection, datetime.now(UTC)))

    while await asyncio.to_thread(is_due):  # noqa: ASYNC110  # another process deletes
        await asyncio.sleep(0.05)
