"""One look that fails is no reason not to look again."""

from __future__ import annotations

import asyncio

import pytest

from chat_db import DatabaseUnavailable
from chat_ws.watches import repeat


def test_a_watch_that_fails_is_logged_once_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    outcomes: list[Exception | None] = [DatabaseUnavailable(), KeyError(1), KeyError(1), None, KeyError(1), None]

    async def watch() -> None:
        if not outcomes:
            raise asyncio.CancelledError
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(repeat(watch, 0))
    assert [record.getMessage() for record in caplog.records] == ["event=watch_failed watch=watch"] * 2
    assert caplog.records[0].exc_info
