"""The login page; its form goes to `backend/e_login`."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from .routes import route_twins

blueprint = Blueprint("login", __name__)


@route_twins(blueprint, "/login", "GET")
def show() -> str:
    return render_template(
        "login.html",
        error=request.args.get("error"),
        username=request.args.get("username", "")[:50],
        registered="registered" in request.args,
        deleted="deleted" in request.args,
        done=request.args.get("done"),
    )
