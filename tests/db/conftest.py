"""What more than one file of these tests begins with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stack import Stack
from tests.support.uploads import Uploads, uploading


@pytest.fixture
def uploads(stack: Stack) -> Iterator[Uploads]:
    with uploading(stack.database) as uploads:
        yield uploads
