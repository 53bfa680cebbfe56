"""What is a device, in words? Browser and system, from what a browser says of itself."""

from __future__ import annotations

import re

import msgspec

# In this order: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux.
BROWSERS = (
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/\d")),
    ("Edge", re.compile(r"Edg(?:A|iOS)?/\d")),
    ("Opera", re.compile(r"OPR/\d")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/\d")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/\d")),
    ("Safari", re.compile(r"Version/\d.* Safari/")),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
IN_THE_HAND = ("Android", "iPhone", "iPad")


class Described(msgspec.Struct, frozen=True):
    """A browser and its system by name, each empty where it is not known."""

    browser: str
    system: str

    @property
    def is_handheld(self) -> bool:
        """Say whether it is held in the hand, like a phone."""
        return self.system in IN_THE_HAND


def describe(user_agent: str) -> Described:
    """Return what a User-Agent header says."""
    browser = next((name for name, mark in BROWSERS if mark.search(user_agent)), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return Described(browser, system)
