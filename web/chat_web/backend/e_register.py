"""POST e_register: create a user."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from chat_db import DatabaseUnavailable
from chat_db.names import clean_name
from chat_db.users import UsernameTaken, create_user

from .. import passwords
from ..config import current_database
from ..errors import RETRY_AFTER, Refusal, answer_json
from ..routes import route_twins
from .credentials import Credentials, answer_refusal, read_credentials

blueprint = Blueprint("e_register", __name__)


@route_twins(blueprint, "/backend/e_register", "POST")
def register() -> Response:
    credentials = read_credentials()
    try:
        user_id, username = add_user(credentials)
    except Refusal as refusal:
        return answer_refusal("/register", credentials.username, refusal)
    except DatabaseUnavailable:
        return answer_refusal("/register", credentials.username, Refusal("unavailable", 503, RETRY_AFTER))
    if request.is_json:
        return answer_json({"status": "success", "user_id": user_id}, 201)
    return redirect("/login?" + urlencode({"registered": 1, "username": username}))


def add_user(credentials: Credentials) -> tuple[int, str]:
    """Store the user; return id and name as stored. Raises Refusal."""
    username = clean_name(credentials.username)
    if username is None:
        raise Refusal("bad_username")
    if not passwords.is_acceptable(credentials.password):
        raise Refusal("bad_password")
    password_hash = passwords.hash_password(credentials.password)
    try:
        return current_database().run(create_user, username, password_hash), username
    except UsernameTaken:
        raise Refusal("username_taken", 409) from None
