"""Does script/test run the tests that somebody names, and no others?"""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from stack import ROOT

pytestmark = pytest.mark.timeout(360)  # seconds: it sets up what is missing


def test_arguments_of_pytest_choose_the_tests() -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    done = subprocess.run(
        [ROOT / "script/test", "-k", "readme_is_short"], env=own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"= 1 passed, \d+ deselected", done.stdout)
