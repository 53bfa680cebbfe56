"""POST e_invite: make a link that lets one person register, and brings them into a chat with whoever made it."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from chat_db.links import make_own_invite

from .. import rates
from ..config import current_config, current_database
from ..errors import Refusal, answer_json
from ..invite import invite_link, show_next
from ..routes import route_twins
from ..sessions import get_current_login
from .fields import refusals_go_to

blueprint = Blueprint("e_invite", __name__)

MOST_OPEN = 20  # unused invitations of one user


@route_twins(blueprint, "/backend/e_invite", "POST")
def invite() -> Response:
    """Answer 201 `{status, link}`; a form goes on to the page that shows the link."""
    login = get_current_login()
    with refusals_go_to("/invite"):
        rates.count_write(login.user_id)
        if current_config().registration == "closed":
            raise Refusal("registration_closed", 403)
        token = current_database().run(make_own_invite, login.user_id, MOST_OPEN)
        if token is None:
            raise Refusal("too_many_invites", 409)
    if request.is_json:
        return answer_json({"status": "success", "link": invite_link(token)}, 201)
    answer = redirect("/invite", 303)
    show_next(answer, token)
    return answer
