"""Presence while everything changes at once: people leave while a change is looked at, answers overtake each other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from chat_db.chats import Partner, list_partners
from chat_db.users import find_changed
from chat_ws import presence
from chat_ws.hub import Hub
from chat_ws.presence import Presences
from tests.conftest import StackMaker
from tests.support.people import People
from tests.support.presences import for_users, new_socket
from tests.support.socket import Socket


def partner(user_id: int, is_blocked: bool = False) -> Partner:
    return Partner(user_id, user_id, f"user{user_id}", None, False, is_blocked, True, True, False)


def test_somebody_who_leaves_while_a_change_is_looked_at_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It raised KeyError in the watching task, and with that task the whole ws-server ended."""
    monkeypatch.setattr(presence, "OFFLINE_GRACE", 0.0)
    sockets = {user_id: new_socket() for user_id in (1, 2, 3, 4)}
    is_watching = is_leaving = False

    async def ask(query: Callable[..., Any], *args: Any) -> Any:
        nonlocal is_leaving
        if query is find_changed:
            return {(1, "2026-11-22T12:00:00.000Z")}
        assert query is list_partners
        if is_leaving:
            for user_id in (2, 3, 4):
                presences.leave(user_id, sockets[user_id])
            await asyncio.sleep(0.05)
        is_leaving = is_leaving or is_watching
        return {one: [partner(other) for other in (1, 2, 3, 4) if other != one] for one in args[0]}

    async def look() -> set[int]:
        nonlocal is_watching
        for user_id, socket in sockets.items():
            await presences.enter(user_id, socket)
        is_watching = True
        return await presences.look_for_changes()

    presences = Presences(Hub(), for_users(ask), ask, lambda user_id, at: None)
    assert asyncio.run(look()) == {1}


def test_an_answer_that_was_overtaken_does_not_undo_a_block() -> None:
    """Two queries run in two threads: the older one may answer last, with what was true before the block."""

    async def overtake() -> Partner | None:
        answers: list[asyncio.Future[list[Partner]]] = []

        async def ask(query: Callable[..., Any], *args: Any) -> Any:
            if query is find_changed:
                return {(1, "2026-11-22T12:00:00.000Z")}
            answers.append(asyncio.get_running_loop().create_future())
            return {1: await answers[-1]}

        presences = Presences(Hub(), for_users(ask), ask, lambda user_id, at: None)
        first = asyncio.create_task(presences.enter(1, new_socket()))
        await asyncio.sleep(0)
        looking = asyncio.create_task(presences.look_for_changes())
        for _ in range(5):
            await asyncio.sleep(0)
        answers[1].set_result([partner(2, is_blocked=True)])  # who is concerned
        for _ in range(5):
            await asyncio.sleep(0)
        answers[2].set_result([partner(2, is_blocked=True)])  # the look after the block …
        await looking
        answers[0].set_result([partner(2)])  # … and then the one of before
        await first
        return await presences.find_partner(1, 2)

    found = asyncio.run(overtake())
    assert found is not None
    assert found.is_blocked


def test_a_change_of_somebody_with_many_partners_online_is_looked_at_in_a_few_queries() -> None:
    """It was one query for each of them, four times a second, and for each who changed something."""
    people = range(1, 101)
    asked: list[Callable[..., Any]] = []

    async def ask(query: Callable[..., Any], *args: Any) -> Any:
        asked.append(query)
        if query is find_changed:
            return {(1, "2026-11-22T12:00:00.000Z"), (2, "2026-11-22T12:00:00.000Z")}
        return {one: [partner(other) for other in people if other != one] for one in args[0]}

    async def look() -> None:
        for user_id in people:
            await presences.enter(user_id, new_socket())
        asked.clear()
        assert await presences.look_for_changes() == {1, 2}

    presences = Presences(Hub(), for_users(ask), ask, lambda user_id, at: None)
    asyncio.run(look())
    assert asked == [find_changed, list_partners, list_partners]


def test_a_login_of_which_half_succeeded_is_begun_anew(own_stack: StackMaker) -> None:
    """The partners could not be asked: the connection stayed, and nobody ever saw its user online."""
    stack = own_stack()
    people = People(stack)
    ada = people.register("ada")
    with contextlib.closing(stack.database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLES blocks WRITE")
        with Socket(stack.ws_server.url) as socket:
            socket.send("auth", user_id=ada.id, token=ada.token)
            socket.expect("auth")
            assert socket.expect("error", deadline=20)["code"] == "unavailable"
            assert socket.wait_closed() == 1013
    assert ada.connect().until_pong() == []
    people.leave()
