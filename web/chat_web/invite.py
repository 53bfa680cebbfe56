"""The page of invitations: make one, and copy or share its link.

The link of a new one is not in the page's address, where the browser's history would keep it, nor on the server, which
knows only its SHA-256: it comes with the browser, in a cookie that only this page gets and that soon ends.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from chat_db.links import find_own_invite

from .config import current_config, current_database
from .routes import route_with_php_alias
from .sessions import find_current_login

blueprint = Blueprint("invite", __name__)

COOKIE = "invite"
SHOWN_FOR = timedelta(minutes=10)


@route_with_php_alias(blueprint, "/invite", "GET")
def show() -> Response | str:
    login = find_current_login()
    if login is None:
        return redirect("/login?error=not_logged_in")
    token = request.cookies.get(COOKIE, "")
    is_own = current_database().run(find_own_invite, login.user_id, token)
    return render_template(
        "invite.html",
        mode=current_config().registration,
        link=invite_link(token) if is_own else None,
        username=login.username,
        error=request.args.get("error"),
    )


def invite_link(token: str) -> str:
    return f"{current_config().public_url or request.host_url.rstrip('/')}/register?invite={token}"


def show_next(answer: Response, token: str) -> None:
    """Let the page show this invitation for the next ten minutes, in the browser that made it."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=SHOWN_FOR,
        path="/invite",
        httponly=True,
        samesite="Strict",
        secure=current_config().is_https,
    )
