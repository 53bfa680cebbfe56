"""Does a read cost its page on MySQL too, whose optimizer chooses otherwise?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat_db import DatabaseSettings
from tests.docker.mysql import running_mysql
from tests.support.compose import Compose
from tests.support.examined import STATISTICS, Filled, find_expensive, find_many_opened
from tests.support.examined_alone import Alone, examined_alone

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


def connecting(mysql: DatabaseSettings) -> dict[str, Any]:
    return {"host": mysql.host, "port": mysql.port, "user": mysql.user, "password": mysql.password}


@pytest.fixture(scope="module")
def filled(built: Compose, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with running_mysql(built) as mysql:
        filled = Filled(tmp_path_factory.mktemp("examined") / "keys", **connecting(mysql))
        yield filled
        filled.connection.close()


@pytest.fixture(scope="module")
def alone(built: Compose, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with running_mysql(built) as mysql:
        alone = Alone(tmp_path_factory.mktemp("alone") / "keys", **connecting(mysql))
        yield alone
        alone.connection.close()


@pytest.mark.parametrize("statistics", STATISTICS)
def test_a_read_looks_at_twice_its_page_at_most(filled: Filled, statistics: str) -> None:
    filled.set_statistics(statistics)
    assert find_expensive(filled) == []


def test_a_read_of_very_many_chats_has_no_select_for_each(filled: Filled) -> None:
    assert find_many_opened(filled) == {}


@pytest.mark.parametrize("statistics", STATISTICS)
def test_a_read_costs_its_page_in_the_only_chat(alone: Alone, statistics: str) -> None:
    alone.set_statistics(statistics)
    assert [one for one in examined_alone(alone) if one[1] > one[2]] == []
