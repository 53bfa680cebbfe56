"""GET get_session: who am I, and where is the WebSocket?"""

from __future__ import annotations

from flask import Blueprint, Response

from ..config import current_config
from ..errors import answer_json
from ..routes import route_twins
from ..security import host_name
from ..sessions import get_current_login, session_token

blueprint = Blueprint("get_session", __name__)


@route_twins(blueprint, "/backend/get_session", "GET")
def show() -> Response:
    login = get_current_login()
    return answer_json(
        {
            "user_id": login.user_id,
            "username": login.username,
            "token": session_token(),
            "ws_url": current_config().ws_url(host_name()),
        }
    )
