"""Does a read cost its page, and nothing of what lies beside it?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_db.message_pages import Span, list_latest
from database import Database
from tests.support.examined import STATISTICS, Filled, find_expensive, find_many_opened, last_of_many


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder: Path = tmp_path_factory.mktemp("examined")
    with Database(folder / "database") as database:
        filled = Filled(folder / "keys", unix_socket=str(database.socket), user="root")
        yield filled
        filled.connection.close()


@pytest.mark.parametrize("statistics", STATISTICS)
def test_a_read_looks_at_twice_its_page_at_most(filled: Filled, statistics: str) -> None:
    filled.set_statistics(statistics)
    assert find_expensive(filled) == []


def test_a_read_of_very_many_chats_has_no_select_for_each(filled: Filled) -> None:
    assert find_many_opened(filled) == {}


def test_nobody_reads_the_latest_of_chats_of_others(filled: Filled) -> None:
    ones_own, long = {filled.chats[1]: Span(1, "ada", 99, 100, 0)}, Span(1, "ada", 1, 30, 0)
    wanted = {**ones_own, filled.many_chats[1]: long, **last_of_many(filled)}
    found = list_latest(filled.connection, filled.ring, filled.reader, wanted)
    assert {chat: len(messages) for chat, messages in found.items() if messages} == {filled.chats[1]: 2}
