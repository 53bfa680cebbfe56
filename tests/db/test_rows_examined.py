"""Does a read cost its page, and nothing of what lies beside it?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from database import Database
from tests.support.examined import STATISTICS, Filled, find_expensive, find_many_opened


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
