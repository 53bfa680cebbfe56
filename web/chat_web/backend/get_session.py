"""GET get_session: who am I, and where is the WebSocket?"""

from __future__ import annotations

from flask import Blueprint

from chat_db.tokens import Login

from ..answers import Answer, CurrentSession
from ..config import current_config
from ..security import host_name
from ..sessions import session_token
from .endpoint import endpoint

blueprint = Blueprint("get_session", __name__)


@endpoint(blueprint, "GET", "get_session")
def show(login: Login) -> Answer[CurrentSession]:
    """Say who is logged in, and where the WebSocket is."""
    ws_url = current_config().ws_url(host_name())
    return Answer(CurrentSession(login.user_id, login.username, session_token() or "", ws_url))
