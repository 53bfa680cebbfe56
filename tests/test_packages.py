"""What is installed is what the code imports, locked: every version exact, every file by its hash."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"chat_db", "chat_web", "chat_ws", "tests", *(path.stem for path in (ROOT / "script").glob("*.py"))}
LOCKS = {
    "web": "web/requirements.txt",
    "ws": "ws-server/requirements.txt",
    "dev": "requirements-dev.txt",
    "update": "requirements-update.txt",
}
LOCKED = re.compile(r"^([a-z0-9-]+)==([^ ]+)(?: ; (.*?))? \\$", re.MULTILINE)


def groups() -> dict[str, list[Any]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        found: dict[str, list[Any]] = tomllib.load(file)["dependency-groups"]
    return found


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def members(group: str) -> set[str]:
    """The distributions that a group names, those of the groups in it too."""
    found: set[str] = set()
    for entry in groups()[group]:
        found |= {normalized(entry)} if isinstance(entry, str) else members(entry["include-group"])
    return found


def modules_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def imported(*folders: str) -> set[str]:
    """The distributions that the Python files of some folders import."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts]
    modules = {module for path in paths for module in modules_of(path)} - OURS - {"_typeshed"}
    known = packages_distributions()
    return {normalized(known[module][0]) for module in modules - sys.stdlib_module_names}


def locked(group: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version, _ in LOCKED.findall((ROOT / LOCKS[group]).read_text(encoding="utf-8")):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize(
    ("group", "folders"),
    [("db", ["db/chat_db"]), ("web", ["web", "db/chat_db"]), ("ws", ["ws-server", "db/chat_db"])],
)
def test_a_group_names_what_its_code_imports_and_nothing_else(group: str, folders: list[str]) -> None:
    assert members(group) == imported(*folders)


def test_what_tests_and_scripts_import_is_installed_for_them() -> None:
    assert imported("tests", "script", "ws-server/examples") - members("dev") == set()


@pytest.mark.parametrize("group", LOCKS)
def test_every_dependency_is_locked_with_hashes_and_no_server_is_named(group: str) -> None:
    text = (ROOT / LOCKS[group]).read_text(encoding="utf-8")
    assert members(group) - locked(group).keys() == set()
    pieces = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pieces) == len(LOCKED.findall(text))
    assert [piece.split()[0] for piece in pieces if "--hash=sha256:" not in piece] == []
    assert "://" not in text


@pytest.mark.parametrize("group", ["web", "ws"])
def test_tests_run_with_the_versions_of_the_images(group: str) -> None:
    tested = locked("dev")
    assert {name: versions for name, versions in locked(group).items() if tested[name] != versions} == {}


@pytest.mark.parametrize("path", ["web/Dockerfile", "ws-server/Dockerfile", "script/setup.bash"])
def test_nothing_is_installed_whose_hash_differs(path: str) -> None:
    installs = [line for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if '/pip" install' in line]
    installs += [line for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if " pip install" in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def locks_of_npm() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*package-lock.json"], cwd=ROOT, capture_output=True, check=True)
    names = listed.stdout.decode().split()
    assert names
    return [ROOT / name for name in names]


def test_a_lock_of_npm_names_no_server() -> None:
    assert [lock for lock in locks_of_npm() if "resolved" in lock.read_text(encoding="utf-8")] == []


def test_a_lock_of_npm_is_the_same_in_a_folder_of_any_name() -> None:
    """npm puts the name of the folder into the lock where package.json names none."""
    for lock in locks_of_npm():
        package = json.loads(lock.with_name("package.json").read_text(encoding="utf-8"))
        locked_package = json.loads(lock.read_text(encoding="utf-8"))
        assert locked_package["name"] == locked_package["packages"][""]["name"] == package.get("name")
