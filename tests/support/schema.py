"""Which migrations are there, read without the runner that the tests are about?"""

from __future__ import annotations

from pathlib import Path

from database import MIGRATIONS


def numbered_files(migrations: Path) -> dict[int, Path]:
    """Return the migrations (NNNN_name.sql) by number; 0002 is the first one."""
    return {int(path.name[:4]): path for path in sorted(migrations.glob("[0-9][0-9][0-9][0-9]_*.sql"))}


def required_version(migrations: Path = MIGRATIONS) -> int:
    """Return the schema version of this release: the last migration's number, 1 before there is any."""
    return max(numbered_files(migrations), default=1)
