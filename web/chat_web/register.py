"""The registration page; its form goes to `backend/e_register`."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from .config import current_config
from .routes import route_twins

blueprint = Blueprint("register", __name__)


@route_twins(blueprint, "/register", "GET")
def show() -> str:
    return render_template(
        "register.html",
        mode=current_config().registration,
        invite=request.args.get("invite", "")[:64],
        error=request.args.get("error"),
        username=request.args.get("username", "")[:50],
    )
