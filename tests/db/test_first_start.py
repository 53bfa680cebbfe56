"""Can the making of the tables be cut short anywhere, and begin again?"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from database import INIT_SQL, Database
from stack import StartFailed
from tests.support.schema import required_version
from tests.support.waiting import wait_until

SLOW = "SELECT SLEEP(60)"


def prepare_in_vain(database: Database) -> None:
    with pytest.raises(StartFailed):
        database.prepare()


@pytest.mark.parametrize("tables", [0, 1, 12])
def test_a_server_that_died_while_the_tables_were_made_makes_them_at_its_next_start(
    tmp_path: Path, tables: int
) -> None:
    """It found tables without a version then, took them for another program's, and refused for ever."""
    statements = INIT_SQL.read_text().split(";\n")[: 1 + tables]
    (tmp_path / "cut.sql").write_text(";\n".join([*statements, SLOW]))
    database = Database(tmp_path / "database")
    with database:
        database.query("DROP DATABASE chat_app")
        database.init_sql = tmp_path / "cut.sql"
        with contextlib.closing(database.connect(database=None)) as connection, connection.cursor() as cursor:
            cut = threading.Thread(target=prepare_in_vain, args=(database,))
            cut.start()
            wait_until(lambda: cursor.execute("SELECT 1 FROM information_schema.processlist WHERE info = %s", [SLOW]))
        database.kill()
        cut.join()
    with Database(tmp_path / "database") as again:
        assert again.query("SELECT MAX(version) AS version FROM schema_version") == [{"version": required_version()}]
        assert len(again.query("SHOW TABLES")) == 18
