"""Fixtures of the containers: built once, up whenever a test wants them, gone after the last one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.compose import Compose


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
