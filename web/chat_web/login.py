"""The login page; its form goes to `backend/e_login`."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from .routes import route_twins
from .sessions import session_token

blueprint = Blueprint("login", __name__)


@route_twins(blueprint, "/login", "GET")
def show() -> str:
    return render_template(
        "login.html",
        error=request.args.get("error"),
        username=request.args.get("username", "")[:50],
        registered="registered" in request.args,
        # A link to here, made by somebody else, must not throw away what a user who is still here has written.
        deleted="deleted" in request.args and session_token() is None,
        done=request.args.get("done"),
    )
