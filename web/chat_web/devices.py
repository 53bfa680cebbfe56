"""The page "Your devices": every login, and the end of any of them."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from chat_db.tokens import list_devices

from .config import current_config, current_database
from .routes import route_with_php_alias
from .sessions import find_current_login, session_token

blueprint = Blueprint("devices", __name__)

# In this order: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux. Safari's version is
# not behind its own name.
BROWSERS = (
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Edge", re.compile(r"Edg(?:A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d+)")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+(?:\.\d+)?).* Safari/")),
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


@route_with_php_alias(blueprint, "/devices", "GET")
def show() -> Response | str:
    login = find_current_login()
    if login is None:
        return redirect("/login?error=not_logged_in")
    devices = current_database().run(list_devices, login.user_id, session_token() or "", current_config().lifetimes)
    return render_template("devices.html", devices=devices, describe=describe, done=request.args.get("done"))


def describe(user_agent: str) -> tuple[str, str]:
    """Return browser with its version, and system, of a User-Agent header, each empty where it is not known."""
    found = ((name, mark.search(user_agent)) for name, mark in BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return browser, system
