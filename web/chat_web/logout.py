"""Logging out. A GET only shows the button: a link or a picture on another page must log nobody out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from .routes import route_with_php_alias
from .sessions import end_session

blueprint = Blueprint("logout", __name__)


@route_with_php_alias(blueprint, "/logout", "GET")
def show() -> str:
    return render_template("logout.html")


@route_with_php_alias(blueprint, "/logout", "POST")
def leave() -> Response:
    end_session()
    return redirect("/login")
