"""The registration page; its form goes to `backend/e_register`."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from chat_db import DatabaseUnavailable
from chat_db.links import is_invite_good
from chat_db.names import MAX_NAME

from .config import current_config, current_database
from .routes import route_with_php_alias
from .sessions import is_logged_in

blueprint = Blueprint("register", __name__)


@route_with_php_alias(blueprint, "/register", "GET")
def show() -> Response | str:
    error = request.args.get("error")
    if error is None and is_logged_in():
        return redirect("/")
    invite = request.args.get("invite", "")[:64]
    if invite and not may_be_good(invite):
        invite, error = "", error or "bad_invite"
    return render_template(
        "register.html",
        mode=current_config().registration,
        invite=invite,
        error=error,
        username=request.args.get("username", "")[:MAX_NAME],
    )


def may_be_good(invite: str) -> bool:
    """Say whether a form with this invite is worth filling in; where the database is away, its answer will tell."""
    try:
        return current_database().run(is_invite_good, invite)
    except DatabaseUnavailable:
        return True
