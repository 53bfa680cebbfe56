"""Seeds: the same test takes the same chances each time, unless --seed says otherwise."""

from __future__ import annotations

import zlib

import pytest


@pytest.fixture
def seed(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> int:
    """The test's seed; it stands in the output of a test that fails."""
    given = pytestconfig.getoption("--seed")
    seed = zlib.crc32(request.node.name.encode()) if given is None else int(given)
    print(f"seed {seed}: repeat with --seed {seed}")  # noqa: T201  # pytest shows it where the test fails
    return seed
