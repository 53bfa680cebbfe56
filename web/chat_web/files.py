"""GET /files/<id>: a file that somebody has sent, for the members of its chat, so that nothing in it can act.

A browser shows the types of file_types.py in their place; everything else is saved. Whatever a file says it is, it is
opened in a sandbox, without script, and in no frame. A copy that a browser keeps is shown
only after we were asked whether the reader may still see it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from flask import Blueprint, Response, request

from chat_db.file_chunks import DamagedFile
from chat_db.file_reads import find_readable
from chat_db.file_records import StoredFile
from chat_db.ids import MAX_ID

from .config import current_database, current_ring, current_store
from .connections import AnswerCutOff
from .file_bytes import read_pieces
from .file_names import NAMELESS, disposition
from .file_types import INLINE, UNKNOWN
from .ranges import Span, Unsatisfiable, find_range
from .refusals import Refusal
from .security import OWN_SITES
from .sessions import get_current_login

log = logging.getLogger("chatapp.web")
blueprint = Blueprint("files", __name__)

POLICY = "sandbox{}; default-src 'none'; media-src 'self'; img-src 'self'"
# A browser that opens a film in a tab of its own asks for it once more, from within, and is refused without an origin.
PLAYED = " allow-same-origin"
DESTINATIONS = ("image", "audio", "video", "document", "empty")  # the Fetch standard's; no frame, no script, no style
_troubled: set[int] = set()  # ids of files whose damage is in the log already


@blueprint.get("/files/<int:file_id>")
def show(file_id: int) -> Response:
    """Send a file, or one range of its bytes.

    What the reader may not see is answered as what does not exist.
    """
    check_destination()
    reader_id = get_current_login().user_id
    file = None
    if file_id <= MAX_ID:
        file = current_database().run(find_readable, current_ring(), file_id, reader_id)
    if file is None:
        raise Refusal("no_such_file")
    if request.if_none_match.contains_weak(file.stored_name):
        return with_headers(Response(status=304), file)
    return with_headers(send(file), file)


def check_destination() -> None:
    """Refuse what another site asks for, or what would run a file or frame it. A program says nothing of that."""
    site, destination = request.headers.get("Sec-Fetch-Site"), request.headers.get("Sec-Fetch-Dest")
    if (site is not None and site not in OWN_SITES) or (destination is not None and destination not in DESTINATIONS):
        raise Refusal("forbidden")


def send(file: StoredFile) -> Response:
    """Return an answer with all bytes of a file, or with those of a range.

    Raises Refusal (404) where the first of them are missing or damaged; what is damaged later cuts the answer off.
    """
    try:
        span = wanted_span(file)
    except Unsatisfiable:
        return Response(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    start, stop = span or Span(0, file.size)
    pieces = read_pieces(current_store().path(file.stored_name), file, start, stop)
    try:
        first = next(pieces)
    except DamagedFile as error:
        log_damage(file, error)
        raise Refusal("no_such_file") from None
    answer = Response(to_the_end(first, pieces, file), 206 if span else 200)
    answer.call_on_close(pieces.close)
    answer.headers["Content-Length"] = str(stop - start)
    if span:
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    return answer


def wanted_span(file: StoredFile) -> Span | None:
    """Return the range that is asked for; None: everything, also where the client has a part of another file.

    Raises Unsatisfiable.
    """
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != f'"{file.stored_name}"':
        return None
    return find_range(request.headers.get("Range"), file.size) if request.method == "GET" else None


def to_the_end(first: bytes, others: Iterator[bytes], file: StoredFile) -> Iterator[bytes]:
    """Give the pieces. At one that is damaged, say so in the log, and end the connection."""
    yield first
    try:
        yield from others
    except DamagedFile as error:
        log_damage(file, error)
        raise AnswerCutOff from None


def log_damage(file: StoredFile, error: DamagedFile) -> None:
    if file.id not in _troubled:
        _troubled.add(file.id)
        log.error("event=damaged_file file=%d error=%r", file.id, str(error))


def with_headers(answer: Response, file: StoredFile) -> Response:
    """Say of a file what it is, how it may be opened, and that a kept copy is good for whoever may still see it."""
    is_inline = file.type in INLINE
    name = file.metadata.name if file.metadata else NAMELESS
    answer.headers.update(
        {
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": disposition(name, inline=is_inline and "download" not in request.args),
            "Content-Security-Policy": POLICY.format(
                PLAYED if is_inline and not file.type.startswith("image/") else ""
            ),
            "Content-Type": file.type if is_inline else UNKNOWN.type,
            "ETag": f'"{file.stored_name}"',
        }
    )
    return answer
