"""May this file come? What can be said before its first byte is said then: too large, too many, no room."""

from __future__ import annotations

from flask import request

from chat_db.file_records import StoredFile
from chat_db.uploads import MAX_THUMBNAIL, Limits, NewUpload, create_upload, sum_of_open

from ..answers import Answer, UploadBegun
from ..config import current_config, current_database, current_ring, current_store
from ..rates import count_upload
from ..refusals import Refusal
from .metadata import read_declared
from .protocol import read_number

CODES = {"quota": "quota_full"}  # where the word of the database is another one


def begin_upload(user_id: int) -> tuple[StoredFile, Answer[UploadBegun]]:
    """Make the upload that this request describes; return it and the answer. Raises Refusal.

    A request that is repeated, with the same client id, has the first one's answer.
    """
    count_upload(user_id)
    config = current_config()
    size = read_number("Upload-Length")
    declared = read_declared(request.headers.get("Upload-Metadata", ""))
    if size > config.max_file_bytes:
        raise Refusal("file_too_large")
    if declared.thumbnail_of is not None and size > MAX_THUMBNAIL:
        raise Refusal("bad_thumbnail")
    new = NewUpload(user_id, declared.chat_id, declared.client_id, size, declared.metadata(), declared.thumbnail_of)
    check_room(size)
    limits = Limits(config.max_user_bytes, config.max_open_uploads)
    file = current_database().run(create_upload, current_ring(), new, limits)
    if isinstance(file, str):
        raise Refusal(CODES.get(file, file))
    answer = Answer(UploadBegun(file.id), 201)
    answer.headers["Location"] = f"{request.path}/{file.id}"
    return file, answer


def check_room(size: int) -> None:
    """Raise Refusal (507) where the disk would have less than its reserve left when all open uploads are complete."""
    open_bytes = current_database().run(sum_of_open)
    if current_store().free_bytes() - open_bytes - size < current_config().files_reserve_bytes:
        raise Refusal("disk_full")
