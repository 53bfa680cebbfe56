"""What of tus 1.0 (https://tus.io/protocols/resumable-upload) do requests and answers of uploads have to carry?"""

from __future__ import annotations

import re

from flask import Response, request
from werkzeug.http import http_date

from chat_db.file_records import OPEN, StoredFile

from ..file_sweep import UNSENT
from ..refusals import Refusal

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
PIECE_TYPE = "application/offset+octet-stream"
NUMBER = re.compile(r"\A[0-9]{1,15}\Z")


def check_version() -> None:
    """Raise Refusal (412) where a client speaks another tus."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Refusal("wrong_version")


def check_type() -> None:
    """Raise Refusal (415) where a body is said to be something else than a piece."""
    if request.headers.get("Content-Type", "").strip().lower() != PIECE_TYPE:
        raise Refusal("wrong_type")


def read_number(name: str) -> int:
    """Return a header that is a number. Raises Refusal (400)."""
    text = request.headers.get(name, "")
    if not NUMBER.match(text):
        raise Refusal("bad_request")
    return int(text)


def add_version(response: Response) -> Response:
    """Have an answer say which tus it speaks."""
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


def progress(file: StoredFile, offset: int) -> dict[str, str]:
    """Return the headers that say how far an upload has come, and until when it can go on."""
    headers = {"Upload-Offset": str(offset)}
    if file.state == OPEN and offset < file.size:
        headers["Upload-Expires"] = http_date(file.changed_at + UNSENT.total_seconds())
    return headers
