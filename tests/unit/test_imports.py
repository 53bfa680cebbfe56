"""Who may know what: the driver of the database is the business of `chat_db` alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("web/chat_web", "ws-server/chat_ws")


def imported_packages(source: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_only_chat_db_imports_the_driver(service: str) -> None:
    sources = list((ROOT / service).rglob("*.py"))
    assert len(sources) > 10
    assert [str(source.relative_to(ROOT)) for source in sources if "pymysql" in imported_packages(source)] == []
