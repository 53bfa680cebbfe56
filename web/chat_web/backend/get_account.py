"""GET get_account: what the account page shows, for programs."""

from __future__ import annotations

from flask import Blueprint, Response

from chat_db.blocks import list_blocked
from chat_db.tokens import list_devices
from chat_db.users import find_choices

from ..config import current_config, current_database
from ..errors import answer_json
from ..routes import route_twins
from ..sessions import get_current_login, session_token

blueprint = Blueprint("get_account", __name__)


@route_twins(blueprint, "/backend/get_account", "GET")
def show() -> Response:
    """Answer `{user_id, username, show_receipts, show_presence, blocked: […], devices: […]}`."""
    login = get_current_login()
    database = current_database()
    choices = database.run(find_choices, login.user_id)
    return answer_json(
        {
            "user_id": login.user_id,
            "username": login.username,
            "show_receipts": choices.show_receipts,
            "show_presence": choices.show_presence,
            "blocked": database.run(list_blocked, login.user_id),
            "devices": database.run(list_devices, login.user_id, session_token() or "", current_config().lifetimes),
        }
    )
