"""Does a read cost its page on MySQL too, whose optimizer chooses otherwise?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stack import free_port
from tests.docker.test_db_container import PASSWORD, Db
from tests.support.compose import Compose, docker, wait_for_health
from tests.support.examined import STATISTICS, Filled, find_expensive, find_many_opened

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def filled(built: Compose, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    db, port = Db(f"{built.project}-db"), free_port()
    try:
        db.start("--publish", f"127.0.0.1:{port}:3306", "--env", "MYSQL_ROOT_PASSWORD=known")
        wait_for_health(db.name)
        # only root may change statistics, and root is let in by the socket alone
        grant = "GRANT ALL PRIVILEGES ON *.* TO chatuser"
        docker("exec", "--env", "MYSQL_PWD=known", db.name, "mysql", "--user=root", f"--execute={grant}")
        keys = tmp_path_factory.mktemp("examined") / "keys"
        filled = Filled(keys, host="127.0.0.1", port=port, user="chatuser", password=PASSWORD)
        yield filled
        filled.connection.close()
    finally:
        db.remove_all()


@pytest.mark.parametrize("statistics", STATISTICS)
def test_a_read_looks_at_twice_its_page_at_most(filled: Filled, statistics: str) -> None:
    filled.set_statistics(statistics)
    assert find_expensive(filled) == []


def test_a_read_of_very_many_chats_has_no_select_for_each(filled: Filled) -> None:
    assert find_many_opened(filled) == {}
