"""The registration page; its form goes to `backend/e_register`."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from .config import current_config
from .routes import route_twins
from .sessions import is_logged_in

blueprint = Blueprint("register", __name__)


@route_twins(blueprint, "/register", "GET")
def show() -> Response | str:
    error = request.args.get("error")
    if error is None and is_logged_in():
        return redirect("/")
    return render_template(
        "register.html",
        mode=current_config().registration,
        invite=request.args.get("invite", "")[:64],
        error=error,
        username=request.args.get("username", "")[:50],
    )
