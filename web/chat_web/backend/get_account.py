"""GET get_account: what the settings page shows, for programs."""

from __future__ import annotations

from flask import Blueprint

from chat_db.blocks import list_blocked
from chat_db.tokens import Login, list_devices
from chat_db.users import find_choices

from ..answers import Answer, OwnAccount
from ..config import current_config, current_database
from ..sessions import session_token
from .endpoint import endpoint

blueprint = Blueprint("get_account", __name__)


@endpoint(blueprint, "GET", "get_account")
def show(login: Login) -> Answer[OwnAccount]:
    """Return what the settings page shows."""
    database = current_database()
    choices = database.run(find_choices, login.user_id)
    account = OwnAccount(
        user_id=login.user_id,
        username=login.username,
        show_receipts=choices.show_receipts,
        show_presence=choices.show_presence,
        blocked=database.run(list_blocked, login.user_id),
        devices=database.run(list_devices, login.user_id, session_token() or "", current_config().lifetimes),
    )
    return Answer(account)
