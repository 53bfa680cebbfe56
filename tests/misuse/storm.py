"""How is a storm started, bounded and ended?

    with raging("large_body", stack):
        waits = Bystanders(stack).pages(5)

A storm is a module of tests/misuse/storms:

    STORM = Storm("one POST that announces 4 GiB", settings={}, probe="pages", figure="p99", limit_ms=50)

    async def attack(order: Order) -> None:
        …open what is to be open…
        order.is_ready()
        …go on until cancelled…

    if __name__ == "__main__":
        run(attack)

It is cancelled when the `with` ends, and by itself after LONGEST seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stack import ROOT, Stack
from tests.support.people import People

LONGEST = 60.0  # seconds after which a storm ends by itself
PACKAGES = (".", "db", "web", "ws-server", "script")


@dataclass(frozen=True)
class Storm:
    """What is measured beside a storm (`probe`: a method of Bystanders), and what it may be: `figure` of the waits is
    at most `limit_ms`, or at most `limit_ratio` times the quiet one."""

    title: str
    probe: str = "pages"
    figure: str = "p99"
    limit_ms: float | None = None
    limit_ratio: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)  # of the stack, beside the product's defaults
    people: int = 0  # who misbehave: users with a login each
    order: Mapping[str, Any] = field(default_factory=dict)  # whatever else `attack` is told, in `order.fields`


class Order:
    """What a storm is told: where the servers are (`web`, `ws`: ports of 127.0.0.1), who misbehaves, and more."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.web_port: int = fields["web_port"]
        self.ws_port: int = fields["ws_port"]
        self.people: list[dict[str, Any]] = fields["people"]  # {id, token, session} of each
        self.fields = fields

    def is_ready(self) -> None:
        """Say that the storm is under way: measuring begins."""
        print("ready", flush=True)  # to the process that started this one


def run(attack: Callable[[Order], Awaitable[None]]) -> None:
    """Carry out an order from standard input until it closes, LONGEST seconds at most."""
    order = Order(json.loads(sys.stdin.readline()))

    async def rage() -> None:
        ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        attacking = asyncio.ensure_future(attack(order))
        await asyncio.wait({ended, attacking}, timeout=LONGEST, return_when=asyncio.FIRST_COMPLETED)
        attacking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attacking

    asyncio.run(rage())
    sys.stdout.flush()


@contextlib.contextmanager
def raging(name: str, stack: Stack, people: int = 0, **fields: Any) -> Iterator[None]:
    """Let the storm `tests.misuse.storms.<name>` rage, with so many people of its own, while this lasts."""
    made = People(stack)
    order = {
        "web_port": stack.web.port,
        "ws_port": stack.ws_server.port,
        "people": [
            {"id": person.id, "token": person.token, "session": person.http.cookies["session"]}
            for person in (made.register(f"{name}-{number}") for number in range(people))
        ],
        **fields,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.misuse.storms.{name}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in PACKAGES)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        ready = process.stdout.readline()
        assert ready == "ready\n", f"the storm {name} did not begin"
        yield
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
