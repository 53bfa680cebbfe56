"""A db container alone, for what MySQL does otherwise than MariaDB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from chat_db import DatabaseSettings
from stack import free_port
from tests.docker.test_db_container import PASSWORD, Db
from tests.support.compose import Compose, docker, wait_for_health


@contextlib.contextmanager
def running_mysql(built: Compose) -> Iterator[DatabaseSettings]:
    """Give how a server of our own is reached, whose user may do everything."""
    db, port = Db(f"{built.project}-db"), free_port()
    try:
        db.start("--publish", f"127.0.0.1:{port}:3306", "--env", "MYSQL_ROOT_PASSWORD=known")
        wait_for_health(db.name)
        # only root may change statistics, and root is let in by the socket alone
        grant = "GRANT ALL PRIVILEGES ON *.* TO chatuser"
        docker("exec", "--env", "MYSQL_PWD=known", db.name, "mysql", "--user=root", f"--execute={grant}")
        yield DatabaseSettings(host="127.0.0.1", port=port, password=PASSWORD)
    finally:
        db.remove_all()
