"""Starts the machine's Chromium as tests, pictures and measurements need it: headless, and quiet beside the page."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_program() -> str | None:
    """Return the program that is enough for tests; None where there is none.

    That is Chromium's engine without the windows, menus and profiles around it, which does the same for half the
    processor time; where that is not installed, the whole Chromium.
    """
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def launch(playwright: Playwright, *arguments: str, program: str | None = None, **options: Any) -> Browser:
    """Return a browser that was started with further arguments, and with other options of Playwright's `launch`.

    Unless another `program` is named, it is the whole Chromium, as people have it.
    """
    path = program or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments], **options)
