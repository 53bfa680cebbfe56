"""Can this service do its work? It asks the database."""

from __future__ import annotations

from flask import Blueprint

from chat_db.connection import ping

from .answers import Answer, Health
from .config import current_database

blueprint = Blueprint("healthz", __name__)


@blueprint.get("/healthz")
def show() -> Answer[Health]:
    """Answer 200 while the database can be asked, else 503."""
    current_database().run(ping)
    return Answer(Health())
