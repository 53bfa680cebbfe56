"""The account page: password, what one shows to others, blocked people, invitations, deletion."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from chat_db.blocks import list_blocked
from chat_db.users import find_choices

from .config import current_config, current_database
from .routes import route_with_php_alias
from .sessions import find_current_login

blueprint = Blueprint("account", __name__)


@route_with_php_alias(blueprint, "/account", "GET")
def show() -> Response | str:
    """Return the page, or the way to the login."""
    login = find_current_login()
    if login is None:
        return redirect("/login?error=not_logged_in")
    database = current_database()
    return render_template(
        "account.html",
        username=login.username,
        choices=database.run(find_choices, login.user_id),
        blocked=database.run(list_blocked, login.user_id),
        can_invite=current_config().registration != "closed",
        error=request.args.get("error"),
        done=request.args.get("done"),
    )
