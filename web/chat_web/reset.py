"""The page behind a password-reset link, which whoever runs the server has made."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from chat_db.links import find_reset
from chat_db.users import find_account_by_id

from .config import current_database
from .routes import route_with_php_alias

blueprint = Blueprint("reset", __name__)


@route_with_php_alias(blueprint, "/reset", "GET")
def show() -> str:
    token = request.args.get("token", "")
    user_id = current_database().run(find_reset, token)
    account = current_database().run(find_account_by_id, user_id) if user_id is not None else None
    return render_template(
        "reset.html",
        token=token,
        username=account.username if account else None,
        error=request.args.get("error"),
    )
