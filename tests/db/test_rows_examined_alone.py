"""Does a read cost its page where two people are alone too, and one chat holds everything?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from database import Database
from tests.support.examined import STATISTICS
from tests.support.examined_alone import Alone, examined_alone


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    folder: Path = tmp_path_factory.mktemp("alone")
    with Database(folder / "database") as database:
        alone = Alone(folder / "keys", unix_socket=str(database.socket), user="root")
        yield alone
        alone.connection.close()


@pytest.mark.parametrize("statistics", STATISTICS)
def test_a_read_costs_its_page_in_the_only_chat(alone: Alone, statistics: str) -> None:
    alone.set_statistics(statistics)
    assert [one for one in examined_alone(alone) if one[1] > one[2]] == []
