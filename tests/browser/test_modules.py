"""The pure modules of the page, under node."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from stack import ROOT


@pytest.mark.skipif(shutil.which("node") is None, reason="not run: node is not installed")
def test_the_pure_modules_pass_their_own_tests() -> None:
    command = ["node", "--test", *sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout
