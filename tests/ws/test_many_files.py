"""ws-server makes room for its connections, whatever soft limit of open files it is started with."""

from __future__ import annotations

import re
import resource
from pathlib import Path

from tests.conftest import StackMaker


def test_the_limit_of_open_files_is_raised_at_start(own_stack: StackMaker) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        stack = own_stack(WS_MAX_CONNECTIONS="3000")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    limits = Path(f"/proc/{stack.ws_server.process.pid}/limits").read_text(encoding="ascii")
    found = re.search(r"Max open files +(\d+)", limits)
    assert found
    assert int(found[1]) >= 3000
