"""Can this service do its work? It asks the database."""

from __future__ import annotations

from flask import Blueprint, Response

from chat_db.connection import ping

from .config import current_database
from .errors import answer_json

blueprint = Blueprint("healthz", __name__)


@blueprint.get("/healthz")
def show() -> Response:
    current_database().run(ping)
    return answer_json({"status": "ok"})
