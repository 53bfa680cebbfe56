"""What happens when the last byte of a file has come? The disk has it, then it gets its name, then its row says so."""

from __future__ import annotations

from chat_db.file_records import StoredFile
from chat_db.uploads import complete_upload, give_up

from ..config import current_database, current_store
from ..file_types import find_type, picture_size
from ..refusals import Refusal
from .part import Part, locked_part

MAX_THUMBNAIL_SIDE = 1_024  # pixels


def complete_found(file: StoredFile) -> None:
    """Complete an upload of which all has come, where that was not done when it came. Raises PartBusy, Refusal."""
    with locked_part(current_store(), file) as part:
        if part is None or part.is_whole:
            complete(file, part)


def complete(file: StoredFile, part: Part | None) -> None:
    """Complete an upload; `part` None: it has its name already. Raises Refusal (`bad_thumbnail`, `no_such_upload`).

    Whatever ends this in the middle: the next request that finds all bytes there does the rest.
    """
    store, database = current_store(), current_database()
    head = store.read_head(file) if part is None else part.head()
    if file.thumbnail_of is not None and not is_thumbnail(head):
        database.run(give_up, file.owner_id, file.id)
        raise Refusal("bad_thumbnail")
    if part is not None:
        part.settle()
        try:
            store.keep(file.stored_name)
        except FileNotFoundError:  # it was given up meanwhile, and swept
            raise Refusal("no_such_upload") from None
    database.run(complete_upload, file.owner_id, file.id, *find_type(head, "audio/" if is_sound(file) else ""))


def is_thumbnail(head: bytes) -> bool:
    """Say whether a picture is small, as its header says. (`head` is all of it.)"""
    size = picture_size(head)
    return size is not None and max(size) <= MAX_THUMBNAIL_SIDE


def is_sound(file: StoredFile) -> bool:
    """Say whether a container that may hold film has sound alone: its sender has measured time, and no picture."""
    said = file.metadata
    return said is not None and said.width is None and (said.duration is not None or said.peaks is not None)
