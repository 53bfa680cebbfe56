"""POST e_invite: make a link that lets one person register."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from chat_db.links import make_own_invite

from .. import rates
from ..account import render_account
from ..config import current_config, current_database
from ..errors import Refusal, answer_json
from ..routes import route_twins
from ..sessions import get_current_login

blueprint = Blueprint("e_invite", __name__)

MOST_OPEN = 20  # unused invitations of one user


@route_twins(blueprint, "/backend/e_invite", "POST")
def invite() -> Response | str:
    """Answer 201 `{status, link}`; a form gets the account page with the link, which is shown only now."""
    login = get_current_login()
    rates.count_write(login.user_id)
    config, database = current_config(), current_database()
    if config.registration != "invite":
        raise Refusal("registration_closed" if config.registration == "closed" else "bad_request", 403)
    token = database.run(make_own_invite, login.user_id, MOST_OPEN)
    if token is None:
        raise Refusal("too_many_invites", 409)
    link = f"{config.public_url or request.host_url.rstrip('/')}/register?invite={token}"
    return answer_json({"status": "success", "link": link}, 201) if request.is_json else render_account(link)
