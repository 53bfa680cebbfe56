"""Starts the machine's Chromium as tests, pictures and measurements need it: headless, and quiet beside the page."""

from __future__ import annotations

import shutil
from typing import Any

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


def launch(playwright: Playwright, *arguments: str, **options: Any) -> Browser:
    """Return a browser that was started with further arguments, and with other options of Playwright's `launch`."""
    program = shutil.which("chromium")
    return playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments], **options)
