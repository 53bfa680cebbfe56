"""How is a ZIP sent while it is being made? In pieces, of which none is kept: its directory comes at its end."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterable, Iterator

PIECE = 32 * 1024  # bytes that are sent together
MAY_BE_FILES = 0o644 << 16  # the rights of an unpacked file, as a ZIP says them


class Sink:
    """What zipfile writes into. It cannot seek: sizes then come behind each file."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        """Return what has come since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return data


class ZipStream:
    """A ZIP that is written file after file. Send whatever its methods give, in order."""

    def __init__(self) -> None:
        self._sink = Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, parts: Iterable[str], *, may_be_large: bool = False) -> Iterator[bytes]:
        """Give the pieces of a text file, as `parts` brings it. More than 2 GiB only where it `may_be_large`."""
        info = zipfile.ZipInfo(name, time.gmtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = MAY_BE_FILES
        with self._zip.open(info, "w", force_zip64=may_be_large) as file:
            for part in parts:
                file.write(part.encode())
                if self._sink.size >= PIECE:
                    yield self._sink.take()

    def add_bytes(self, name: str, size: int, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Give the pieces of a file of so many bytes as they are: what people send is mostly packed already."""
        info = zipfile.ZipInfo(name, time.gmtime()[:6])
        info.external_attr = MAY_BE_FILES
        info.file_size = size  # says whether it is more than 2 GiB
        with self._zip.open(info, "w") as file:
            for part in parts:
                file.write(part)
                yield self._sink.take()

    def end(self) -> bytes:
        """Return the rest."""
        self._zip.close()
        return self._sink.take()
