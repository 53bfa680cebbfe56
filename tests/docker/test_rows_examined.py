"""Does a read cost its page on MySQL too, whose optimizer chooses otherwise?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from stack import free_port
from tests.docker.test_db_container import PASSWORD, Db
from tests.support.compose import Compose, docker, wait_for_health
from tests.support.examined import STATISTICS, Filled, find_expensive, find_many_opened
from tests.support.examined_alone import Alone, examined_alone

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


@contextlib.contextmanager
def server(built: Compose) -> Iterator[dict[str, Any]]:
    """Give how PyMySQL reaches a server of our own, whose user may do everything."""
    db, port = Db(f"{built.project}-db"), free_port()
    try:
        db.start("--publish", f"127.0.0.1:{port}:3306", "--env", "MYSQL_ROOT_PASSWORD=known")
        wait_for_health(db.name)
        # only root may change statistics, and root is let in by the socket alone
        grant = "GRANT ALL PRIVILEGES ON *.* TO chatuser"
        docker("exec", "--env", "MYSQL_PWD=known", db.name, "mysql", "--user=root", f"--execute={grant}")
        yield {"host": "127.0.0.1", "port": port, "user": "chatuser", "password": PASSWORD}
    finally:
        db.remove_all()


@pytest.fixture(scope="module")
def filled(built: Compose, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with server(built) as reached:
        filled = Filled(tmp_path_factory.mktemp("examined") / "keys", **reached)
        yield filled
        filled.connection.close()


@pytest.fixture(scope="module")
def alone(built: Compose, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with server(built) as reached:
        alone = Alone(tmp_path_factory.mktemp("alone") / "keys", **reached)
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
