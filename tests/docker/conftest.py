"""Fixtures of the containers: built once, up whenever a test wants them, gone after the last one."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from chat_db import DatabaseSettings
from tests.docker.mysql import running_mysql
from tests.support.compose import Compose, last_logs


@pytest.fixture(scope="session")
def built() -> Iterator[Compose]:
    """The three images, built; nothing runs yet. Removed at the end, images and volumes too."""
    compose = Compose()
    try:
        compose.build()
        yield compose
    finally:
        compose.down("--volumes", "--timeout", "5")
        compose.remove_images()


@pytest.fixture
def compose(built: Compose) -> Compose:
    """The three containers, healthy; where they are up already, as the last test left them."""
    built.up()
    return built


@pytest.fixture
def mysql(built: Compose) -> Iterator[DatabaseSettings]:
    """A db container alone, whose user may do everything."""
    with running_mysql(built) as settings:
        yield settings


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what the containers wrote last into the report of a failure: they are gone when somebody reads it."""
    report = yield
    if report.failed and item.get_closest_marker("docker"):
        report.sections += [(f"log of {name}", text) for name, text in last_logs().items()]
    return report
