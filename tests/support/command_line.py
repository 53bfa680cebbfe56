"""`flask …`, the command line of whoever runs the server, as in the web container."""

from __future__ import annotations

import os
import subprocess
import sys

from stack import ROOT, Stack

FLASK = (sys.executable, "-m", "flask")


def environment_of(stack: Stack, **settings: str) -> dict[str, str]:
    """What the web container has in its environment."""
    return {
        **os.environ,
        **stack.database.environment(),
        "SESSION_DIR": str(stack.web.folder / "sessions"),
        "FLASK_APP": "chat_web",
        **settings,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "db"), str(ROOT / "web")]),
    }


def flask(stack: Stack, *arguments: str, answer: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `flask` to its end; `answer` is what is typed in."""
    return subprocess.run(
        [*FLASK, *arguments],
        env=environment_of(stack, **settings),
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
