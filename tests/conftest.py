"""Fixtures on the real thing: a database built from db/init.sql, gunicorn and ws-server as processes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack import Database, Stack
from tests.support.http import HttpClient
from tests.support.people import People, Person
from tests.support.socket import Socket

# Limits have tests of their own; everywhere else they would only make tests depend on each other. So would a look for
# what is to disappear.
WITHOUT_LIMITS = {
    "WS_PURGE_SECONDS": "86400",
    "FILES_SWEEP_SECONDS": "86400",
    "RATE_LIMITS": "off",
    "WS_MESSAGE_RATE": "0",
    "WS_FRAME_RATE": "0",
    "WS_LOOKUP_RATE": "0",
    "WS_SYNC_RATE": "0",
}

# Children before parents, so that rows can go in this order.
TABLES = (
    "files",
    "user_files",
    "messages",
    "tokens",
    "known_devices",
    "blocks",
    "invites",
    "password_resets",
    "user_privacy",
    "user_last_seen",
    "user_changes",
    "purges",
    "members",
    "chats",
    "users",
)

StackMaker = Callable[..., Stack]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", type=float, default=0, metavar="MINUTES", help="run the tests marked soak for so long")
    parser.addoption("--seed", type=int, default=None, help="repeat the fault tests with the seed of a failure")
    parser.addoption(
        "--require",
        action="append",
        default=[],
        choices=["docker", "browser"],
        help="fail, rather than skip, what is marked so and cannot run here",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say in so many words what is not run because the machine lacks something; give soak tests their time."""
    # Playwright's browser keeps an event loop running until the end, beside which no other test can run one.
    # Whole files, since a file stays together where tests run side by side.
    with_browser = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path in with_browser)
    minutes = float(config.getoption("--soak"))
    for marker, find_reason in (("docker", no_docker), ("browser", no_browser)):
        marked = [item for item in items if item.get_closest_marker(marker)]
        reason = find_reason() if marked else None
        if reason and marker in config.getoption("--require"):
            raise pytest.UsageError(f"--require={marker}: {reason}")
        for item in marked if reason else ():
            item.add_marker(pytest.mark.skip(reason=f"not run: {reason}"))
    for item in items if minutes else ():
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(minutes * 60 + 600), append=False)


def no_docker() -> str | None:
    """Why the Docker tests cannot run here, None where they can."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode != 0:
        return "no Docker engine answers"
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0:
        return "docker compose is not installed"
    return None


def no_browser() -> str | None:
    """Why the browser tests cannot run here, None where they can."""
    return None if shutil.which("chromium") else "chromium is not installed"


@pytest.fixture(scope="session")
def soak_minutes(pytestconfig: pytest.Config) -> float:
    """For how long soak tests run; 0 in a usual run."""
    return float(pytestconfig.getoption("--soak"))


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def database(session_folder: Path) -> Iterator[Database]:
    """The session's database server. A test that harms its database starts one of its own."""
    with Database(session_folder / "database") as database:
        yield database


@pytest.fixture(scope="session")
def session_stack(session_folder: Path, database: Database) -> Iterator[Stack]:
    with Stack(session_folder, database=database, environment=WITHOUT_LIMITS) as stack:
        yield stack


@pytest.fixture
def stack(session_stack: Stack) -> Stack:
    """Web and ws-server without limits, on an empty database. Don't kill these: see own_stack."""
    empty(session_stack.database)
    return session_stack


@pytest.fixture
def people(stack: Stack) -> Iterator[People]:
    people = People(stack)
    yield people
    people.leave()


@pytest.fixture
def ada(people: People) -> Person:
    return people.register("ada")


@pytest.fixture
def bob(people: People) -> Person:
    return people.register("bob")


@pytest.fixture
def eve(people: People) -> Person:
    return people.register("eve")


@pytest.fixture
def chat(people: People, ada: Person, bob: Person) -> int:
    """The id of the chat of ada and bob."""
    return people.chat_between(ada, bob)


@pytest.fixture
def browser_of_nobody(stack: Stack) -> HttpClient:
    """An HTTP client without a session."""
    return HttpClient(stack.web.url)


@pytest.fixture
def socket_of_nobody(stack: Stack) -> Iterator[Socket]:
    """A WebSocket before `auth`."""
    with Socket(stack.ws_server.url) as socket:
        yield socket


@pytest.fixture(scope="session")
def new_data(session_folder: Path) -> Path:
    """The data of a database server that was set up and has stored nothing: copying it is four times as quick."""
    with Database(session_folder / "new-database") as database:
        return database.data


@pytest.fixture
def own_stack(tmp_path: Path, new_data: Path) -> Iterator[StackMaker]:
    """Make a stack of one's own, to harm or to set otherwise: own_stack(WS_MESSAGE_RATE="5").

    It has a database server of its own, and no limits but those that are named; `own_stack(limits=True)` has
    the product's defaults. About 2 s.
    """
    made: list[Stack] = []

    def make(*, limits: bool = False, **settings: str) -> Stack:
        environment = {**({} if limits else WITHOUT_LIMITS), **settings}
        stack = Stack(tmp_path / f"stack{len(made)}", environment=environment)
        shutil.copytree(new_data, stack.database.data)
        made.append(stack)
        stack.start()
        return stack

    yield make
    for stack in made:
        stack.discard()


def empty(database: Database) -> None:
    """Delete every row. Ids go on counting, so nothing in a server's memory is mistaken for a new row."""
    for table in TABLES:
        database.query(f"DELETE FROM {table}")
