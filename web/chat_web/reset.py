"""The page behind a password-reset link, which whoever runs the server has made."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from chat_db.links import find_reset

from .config import current_database
from .routes import route_twins

blueprint = Blueprint("reset", __name__)


@route_twins(blueprint, "/reset", "GET")
def show() -> str:
    token = request.args.get("token", "")
    is_good = current_database().run(find_reset, token) is not None
    return render_template("reset.html", token=token, is_good=is_good, error=request.args.get("error"))
