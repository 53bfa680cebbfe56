"""The login page; its form goes to `backend/e_login`."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from chat_db.names import MAX_NAME

from .device_cookie import device_secret
from .routes import route_with_php_alias
from .sessions import is_logged_in, session_token

blueprint = Blueprint("login", __name__)


@route_with_php_alias(blueprint, "/login", "GET")
def show() -> Response | str:
    error = request.args.get("error")
    if error in (None, "not_logged_in") and is_logged_in():
        return redirect("/")
    return render_template(
        "login.html",
        error=error,
        returning=device_secret() is not None,
        username=request.args.get("username", "")[:MAX_NAME],
        registered="registered" in request.args,
        # A link to here, made by somebody else, must not throw away what a user who is still here has written.
        deleted="deleted" in request.args and session_token() is None,
        done=request.args.get("done"),
    )
