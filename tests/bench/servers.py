"""Which servers are measured, and on what machine?"""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from database import Database
from stack import LOCALHOST, ROOT, Service, Stack, free_port

CHATAPP = "chatapp"
RELAY = "relay"
ONE_COMMIT = "one_commit"
BLOCKING = "blocking"
STRANGERS = (RELAY, BLOCKING)  # they ask nobody for a token

# Without limits that one client address with thousands of users would reach.
ENVIRONMENT = {
    "RATE_LIMITS": "off",
    "WS_MESSAGE_RATE": "0",
    "WS_FRAME_RATE": "0",
    "WS_LOOKUP_RATE": "0",
    "WS_SYNC_RATE": "0",
    "WS_MAX_PER_ADDRESS": "10000",
    "LOG_LEVEL": "warning",
}


class Variant(Service):
    """A module of the benchmark that is a server: the relay, or ws-server with something changed."""

    def __init__(
        self, name: str, folder: Path, arguments: list[str], environment: Mapping[str, str], database: Database
    ) -> None:
        self.name = name
        self.arguments = arguments
        port = free_port()
        defaults = {
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in (".", "db", "ws-server")),
            "WS_HOST": LOCALHOST,
            "WS_PORT": str(port),
        }
        super().__init__(folder, {**defaults, **environment, **database.environment()}, LOCALHOST, port)

    def command(self) -> list[str]:
        return [sys.executable, *(argument.replace("PORT", str(self.port)) for argument in self.arguments)]

    def home(self) -> Path:
        return self.folder

    @property
    def url(self) -> str:
        return f"ws://{LOCALHOST}:{self.port}/"


@contextlib.contextmanager
def running(stack: Stack, profile: Path | None = None) -> Iterator[dict[str, str]]:
    """Start what ws-server is compared with; give the address of each server, ws-server's first."""
    urls = {CHATAPP: stack.ws_server.url}
    with contextlib.ExitStack() as started:
        if profile is not None:
            arguments = ["-m", "tests.bench.profiled", str(profile.resolve())]
            profiled = Variant("profiled", stack.folder, arguments, ENVIRONMENT, stack.database)
            started.enter_context(profiled)
            urls[CHATAPP] = profiled.url
        for name, arguments in (
            (RELAY, ["-m", "tests.bench.relay", "PORT"]),
            (ONE_COMMIT, ["-m", "tests.bench.one_commit"]),
            (BLOCKING, ["-m", "tests.bench.blocking", "PORT"]),
        ):
            variant = Variant(name, stack.folder, arguments, ENVIRONMENT, stack.database)
            started.enter_context(variant)
            urls[name] = variant.url
        yield urls


def describe_machine(stack: Stack) -> dict[str, Any]:
    [row] = stack.database.query("SELECT VERSION() AS version")
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "processor": processor(),
            "database": row["version"],
            "python": platform.python_version(),
            **{name: version(name) for name in ("websockets", "uvloop", "msgspec", "PyMySQL")},
        },
    }


def processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
