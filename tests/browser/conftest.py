"""A real Chromium on the real services. Whatever a page says on its console as an error fails its test."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from chromium import find_program, launch
from stack import ROOT, Stack
from tests.support.people import Person
from tests.support.window import Window

Opener = Callable[..., Window]

PATIENCE_MS = 15_000  # for what a page is to show: on a busy machine a password alone takes seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright, program=find_program())
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core, of the version in package-lock.json (script/test installs it; else it is done here)."""
    source = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        if shutil.which("npm") is None:
            pytest.skip("not run: npm is not installed, and axe-core comes from it")
        command = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(ROOT)]
        subprocess.run(command, check=True, capture_output=True, timeout=80)
    return source.read_text("utf-8")


@pytest.fixture
def window(chromium: Browser, axe_source: str) -> Iterator[Opener]:
    """Open a window: window(stack, ada) is the chat page of Ada, window(stack) that of nobody.

    Further arguments are those of a browser context. `of=` another window gives a second tab of the same browser.
    """
    opened: list[Window] = []

    def open_window(
        stack: Stack,
        person: Person | None = None,
        *,
        of: Window | None = None,
        browser: Browser | None = None,
        host: str = "127.0.0.1",
        **options: object,
    ) -> Window:
        if of is None:
            settings = {"viewport": {"width": 1120, "height": 720}, "locale": "en-GB", "reduced_motion": "reduce"}
            context = (browser or chromium).new_context(**{**settings, **options})  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE_MS)
        else:
            context = of.page.context
        url = re.sub(r"//[^:/]+", f"//{host}", stack.web.url)
        shown = Window(context.new_page(), url, axe_source)
        opened.append(shown)
        if person is not None and of is None:
            context.add_cookies([{"name": "session", "value": person.http.cookies["session"], "url": url}])
        if person is not None:
            shown.go("/")
        return shown

    yield open_window
    said = [line for shown in opened for line in shown.complaints()]
    for context in {shown.page.context for shown in opened}:
        context.close()
    assert said == []
