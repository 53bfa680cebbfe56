"""A block that is stored holds, also when the database goes away before ws-server has seen it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chat_db import Database, DatabaseSettings, DatabaseUnavailable, Settings
from chat_ws import presence
from chat_ws.hub import Hub
from chat_ws.presence import Presences
from stack import Stack
from tests.support.people import Person
from tests.support.presences import for_users, new_socket

OUTAGE = 60  # seconds, longer than the changes of which a look without an outage asks


def test_a_block_made_just_before_an_outage_holds_after_it(
    stack: Stack, ada: Person, bob: Person, chat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ws-server asked for the changes of the last 10 s only; an outage is longer. Both clocks are turned."""
    pool = Database(DatabaseSettings.read(Settings(stack.database.environment())))
    is_away = False

    async def ask(query: Callable[..., Any], *args: Any) -> Any:
        if is_away:
            raise DatabaseUnavailable
        return pool.run(query, *args)

    async def live_through_an_outage() -> bool:
        nonlocal is_away
        presences = Presences(Hub(), for_users(ask), ask, lambda user_id, at: None)
        await presences.enter(bob.id, new_socket())
        await presences.look_for_changes()
        assert ada.http.post_json("/backend/e_block", {"user_id": bob.id}).status == 200
        stack.database.query("UPDATE user_changes SET changed_at = changed_at - INTERVAL %s SECOND", OUTAGE)
        later = time.monotonic() + OUTAGE
        monkeypatch.setattr(presence, "time", SimpleNamespace(monotonic=lambda: later))
        is_away = True
        with contextlib.suppress(DatabaseUnavailable):  # the last of many looks in vain
            await presences.look_for_changes()
        is_away = False
        await presences.look_for_changes()
        partner = await presences.find_partner(bob.id, ada.id)
        return partner is not None and partner.is_blocked

    assert asyncio.run(live_through_an_outage())
