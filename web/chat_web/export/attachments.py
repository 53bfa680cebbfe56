"""Which files go along with a conversation, and under which names? Those of its messages, one after the other.

A name cannot make a browser that opens it from disk run what is in it: what a browser shows in its place ends as its
type does, and a page is a text.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chat_db.file_chunks import DamagedFile
from chat_db.file_reads import find_readable
from chat_db.file_records import StoredFile
from chat_db.messages import Message

from ..file_bytes import read_pieces
from ..file_names import clean_name
from ..file_store import FileStore
from ..file_types import INLINE
from .conversation import Conversation
from .zip_stream import ZipStream

log = logging.getLogger("chatapp.web")

FOLDER = "files"
NOT_IN_WINDOWS = str.maketrans('<>:"|?*', "_" * 7)
# By the type that a file is served as; the first one is added where a name has none of them.
EXTENSIONS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    "video/mp4": ("mp4", "m4v"),
    "video/webm": ("webm",),
    "audio/webm": ("webm", "weba"),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a", "m4b", "mp4"),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/wav": ("wav",),
}
# What a browser opens as a page, with the script that is in it.
PAGES = ("htm", "html", "shtm", "shtml", "xht", "xhtml", "svg", "svgz", "xml", "xsl", "xslt", "rdf", "mht", "mhtml")


def path_of(identity: int, name: str, served_type: str) -> str:
    """Return where a file lies in the archive's folder."""
    cleaned = clean_name(name).translate(NOT_IN_WINDOWS)
    extension = cleaned.rpartition(".")[2].lower() if "." in cleaned else ""
    if served_type in INLINE:
        known = EXTENSIONS[served_type]
        added = "" if extension in known else f".{known[0]}"
    else:
        added = ".txt" if extension in PAGES else "" if extension else ".bin"
    return f"{FOLDER}/{clean_name(f'{identity}-{cleaned}{added}')}"


def ids_of(messages: Iterable[Message], found: array[int]) -> Iterator[Message]:
    """Give messages on, and add to `found` the ids of their files: 4 bytes for each, all that is kept of them."""
    for message in messages:
        found.extend(file.id for file in message.files)
        yield message


@dataclass
class Attachments:
    """The files of one archive: how many are in it, with how many bytes; `lost` are damaged, or went meanwhile."""

    chat: Conversation
    store: FileStore
    folder: str
    count: int = 0
    size: int = 0
    lost: int = 0

    def pieces(self, zip_stream: ZipStream, ids: Iterable[int]) -> Iterator[bytes]:
        """Give the pieces of files that are there. Raises DamagedFile where one breaks while it is sent."""
        for identity in ids:
            file = self._find(identity)
            if file is None or not self._is_whole(file):
                self.lost += 1
                continue
            self.count += 1
            self.size += file.size
            name = path_of(identity, file.metadata.name if file.metadata else "", file.type)
            yield from zip_stream.add_bytes(f"{self.folder}/{name}", file.size, self._read(file))

    def _find(self, identity: int) -> StoredFile | None:
        return self.chat.database.run(find_readable, self.chat.ring, identity, self.chat.readers.reader_id)

    def _read(self, file: StoredFile) -> Iterator[bytes]:
        return read_pieces(self.store.path(file.stored_name), file, 0, file.size)

    def _is_whole(self, file: StoredFile) -> bool:
        """Say whether all of a file opens. It is read for that once more: half a file would spoil the whole archive."""
        try:
            for _ in self._read(file):
                continue
        except DamagedFile as error:
            log.error("event=damaged_file file=%d error=%r", file.id, str(error))
            return False
        return True
