"""Files come to the server by tus 1.0: an upload that breaks goes on where it stopped, with any client of tus."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request

from chat_db.file_records import COMPLETE, OPEN, StoredFile
from chat_db.tokens import Login
from chat_db.uploads import find_upload, give_up

from ..bodies import STEP, BodyCutOff
from ..config import current_config, current_database, current_ring, current_store
from ..refusals import Refusal
from ..sessions import get_current_login
from ..turns import Turns
from .completion import complete, complete_found
from .creation import begin_upload
from .part import PartBusy, find_offset, locked_part
from .protocol import EXTENSIONS, VERSION, add_version, check_type, check_version, progress, read_number

blueprint = Blueprint("uploads", __name__)
UPLOADS = "/backend/uploads"
UPLOAD = f"{UPLOADS}/<int:upload_id>"

# Of one user, in this process; the next piece comes a little later.
_turns = Turns(at_once=3, most_waiting=0, retry_after=1)

blueprint.after_request(add_version)


@blueprint.route(UPLOADS, methods=["OPTIONS"], provide_automatic_options=False)
def say_what_is_spoken() -> Response:
    """Say which tus this is, and how large a file may be."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(current_config().max_file_bytes),
    }
    return Response(status=204, headers=headers)


@blueprint.route(UPLOADS, methods=["POST"], provide_automatic_options=False)
def begin() -> Response:
    """Begin an upload; with a body, take its first piece as well."""
    login = get_current_login()
    check_version()
    if request.content_length:
        check_type()
    file, answer = begin_upload(login.user_id)
    with _turns.held(login.user_id), refusals_named():
        offset = take_piece(file, 0) if request.content_length or not file.size else find_offset(current_store(), file)
    answer.headers.update(progress(file, offset))
    return answer


@blueprint.route(UPLOAD, methods=["HEAD"], provide_automatic_options=False)
def say_how_far(upload_id: int) -> Response:
    """Say how much of an upload has come; complete it where all has, since clients stop there."""
    login = get_current_login()
    check_version()
    file = get_upload(login, upload_id)
    offset = find_offset(current_store(), file)
    with refusals_named():
        check_presence(file, offset)
        if file.state == OPEN and offset == file.size:
            complete_found(file)
    return Response(status=200, headers={"Upload-Length": str(file.size), **progress(file, offset)})


@blueprint.route(UPLOAD, methods=["PATCH"], provide_automatic_options=False)
def go_on(upload_id: int) -> Response:
    """Take the next piece of an upload."""
    login = get_current_login()
    with _turns.held(login.user_id), refusals_named():
        try:
            check_version()
            check_type()
            begins_at = read_number("Upload-Offset")
            file = get_upload(login, upload_id)
            offset = take_piece(file, begins_at)
        except (Refusal, PartBusy):
            read_to_the_end()
            raise
    return Response(status=204, headers=progress(file, offset))


@blueprint.route(UPLOAD, methods=["DELETE"], provide_automatic_options=False)
def end(upload_id: int) -> Response:
    """Give up an upload that was not sent. Its bytes go a little later."""
    login = get_current_login()
    check_version()
    if not current_database().run(give_up, login.user_id, upload_id):
        raise Refusal("no_such_upload")
    return Response(status=204)


@contextmanager
def refusals_named() -> Iterator[None]:
    """Say in an answer what kept a piece from being taken."""
    try:
        yield
    except PartBusy:
        raise Refusal("upload_busy", 1) from None
    except BodyCutOff:  # nobody is left who would read this
        raise Refusal("bad_request") from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Refusal("disk_full") from None


def get_upload(login: Login, upload_id: int) -> StoredFile:
    """Return one's own upload. Raises Refusal (404)."""
    file = current_database().run(find_upload, current_ring(), login.user_id, upload_id)
    if file is None:
        raise Refusal("no_such_upload")
    return file


def check_presence(file: StoredFile, offset: int) -> None:
    """Raise Refusal (410) where the bytes of a complete file are not there any more."""
    if file.state == COMPLETE and offset < file.size:
        raise Refusal("upload_gone")


def take_piece(file: StoredFile, begins_at: int) -> int:
    """Write this request's body behind what has come; return how much that is now. Raises Refusal, PartBusy."""
    store, length = current_store(), request.content_length or 0
    if file.state == COMPLETE:
        check_presence(file, find_offset(store, file))
        return check_place(file, file.size, begins_at, length)
    with locked_part(store, file) as part:
        check_place(file, file.size if part is None else part.offset, begins_at, length)
        if part is not None:
            part.take(body())
        if part is None or part.is_whole:
            complete(file, part)
        return file.size if part is None else part.offset


def check_place(file: StoredFile, offset: int, begins_at: int, length: int) -> int:
    """Return `offset`, where a piece of that length goes on from there. Raises Refusal (409, 413)."""
    if begins_at != offset:
        raise Refusal("wrong_offset")
    if offset + length > file.size:
        raise Refusal("too_large")
    return offset


def body() -> Any:
    """Return what this request's body is read from, as it comes."""
    return request.environ["wsgi.input"]


def read_to_the_end() -> None:
    """Read what is left of a body that nobody wants: else the answer that says so would not arrive."""
    while body().read(STEP):
        pass
