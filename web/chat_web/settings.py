"""The settings page: what one is, shows, hears, sees, keeps and may end, in seven groups. It works without script."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from chat_db.blocks import list_blocked
from chat_db.tokens import list_devices
from chat_db.users import find_choices

from .config import current_config, current_database
from .devices import describe
from .routes import route_with_php_alias
from .sessions import find_current_login, session_token

blueprint = Blueprint("settings", __name__)


@route_with_php_alias(blueprint, "/settings", "GET")
def show() -> Response | str:
    """Return the page, or the way to the login."""
    login = find_current_login()
    if login is None:
        return redirect("/login?error=not_logged_in")
    database = current_database()
    return render_template(
        "settings.html",
        username=login.username,
        choices=database.run(find_choices, login.user_id),
        blocked=database.run(list_blocked, login.user_id),
        devices=database.run(list_devices, login.user_id, session_token() or "", current_config().lifetimes),
        describe=describe,
        can_invite=current_config().registration != "closed",
        error=request.args.get("error"),
        form=request.args.get("form"),
        done=request.args.get("done"),
    )


@route_with_php_alias(blueprint, "/account", "GET")
def show_account() -> Response:
    """Lead an old link on: until 1.2.0 this page was of its own."""
    return redirect("/settings#account")


@route_with_php_alias(blueprint, "/devices", "GET")
def show_devices() -> Response:
    """Lead an old link on, as `show_account`."""
    return redirect("/settings#devices")
