"""The chat page. Its HTML is the same for everybody: what belongs to a user, the script asks for.

It alone may use the camera and the microphone, for what people send.
"""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response

from chat_db import DatabaseUnavailable

from .config import current_config
from .headers import RECORDING
from .routes import route_with_php_alias
from .sessions import find_current_login, session_token

blueprint = Blueprint("index", __name__)


@route_with_php_alias(blueprint, "/", "GET")
def show() -> Response:
    try:
        is_logged_in = find_current_login() is not None
    except DatabaseUnavailable:
        is_logged_in = session_token() is not None  # the script says kindly that the server is in trouble
    if not is_logged_in:
        return redirect("/login")
    page = make_response(render_template("index.html", can_invite=current_config().registration != "closed"))
    page.headers["Permissions-Policy"] = RECORDING
    return page
