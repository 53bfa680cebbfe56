"""`flask …`, the command line of whoever runs the server, as in the web container."""

from __future__ import annotations

import os
import subprocess
import sys

from stack import ROOT, Stack

FLASK = (sys.executable, "-m", "flask")
# How long a rotation waits until every process uses the new key, where no write is in flight: they look once a second.
SOON = "from chat_db import rotation; rotation.SETTLE_SECONDS = 1.5; from flask.cli import main; main()"


def environment_of(stack: Stack, **settings: str) -> dict[str, str]:
    """What the web container has in its environment."""
    return {
        **os.environ,
        **stack.database.environment(),
        "SESSION_DIR": str(stack.web.folder / "sessions"),
        "FILES_DIR": str(stack.web.folder / "files"),
        "FLASK_APP": "chat_web",
        **settings,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "db"), str(ROOT / "web")]),
    }


def flask(stack: Stack, *arguments: str, answer: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `flask` to its end; `answer` is what is typed in."""
    return run(stack, *FLASK, *arguments, answer=answer, **settings)


def rotate_key_soon(stack: Stack) -> subprocess.CompletedProcess[str]:
    """Run `flask rotate-key` while nobody writes: it need not wait for writes in flight."""
    return run(stack, sys.executable, "-c", SOON, "rotate-key")


def run(stack: Stack, *command: str, answer: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=environment_of(stack, **settings),
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
