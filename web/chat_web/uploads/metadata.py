"""What does a client say of the file that it begins to send? `Upload-Metadata` of tus, checked field by field."""

from __future__ import annotations

import base64
import math
import unicodedata
from typing import Annotated

import msgspec
from msgspec import Meta

from chat_db.file_records import Metadata

from ..backend.fields import Id
from ..file_names import MAX_NAME_BYTES, NOT_IN_NAMES
from ..refusals import Refusal

MAX_SIDE = 100_000  # pixels
MAX_SECONDS = 1_000_000
PEAKS, LOUDEST = 64, 31
MAX_THUMBHASH = 40  # bytes
CONTROLS = ("Cc", "Cs")  # Unicode categories of what is read by programs, and not seen

ClientId = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9._:-]{1,64}\Z")]
Side = Annotated[int, Meta(ge=1, le=MAX_SIDE)]


class Declared(msgspec.Struct):
    """The fields as they come. `type` is nobody's word for what is served; it has to make sense all the same."""

    name: Annotated[str, Meta(min_length=1)]
    chat_id: Id
    client_id: ClientId
    type: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9!#$&^_.+/;= -]{0,127}\Z")] = ""
    width: Side | None = None
    height: Side | None = None
    duration: Annotated[float, Meta(ge=0, le=MAX_SECONDS)] | None = None
    peaks: str | None = None
    thumbhash: str | None = None
    thumbnail_of: Id | None = None

    def metadata(self) -> Metadata:
        """Return what is kept of them. Raises Refusal (`bad_request`)."""
        if (self.width is None) != (self.height is None) or not is_finite(self.duration):
            raise Refusal("bad_request")
        return Metadata(
            name=check_name(self.name),
            width=self.width,
            height=self.height,
            duration=self.duration,
            peaks=None if self.peaks is None else read_peaks(self.peaks),
            thumbhash=None if self.thumbhash is None else check_thumbhash(self.thumbhash),
        )


def read_declared(header: str) -> Declared:
    """Return the fields of a header `Upload-Metadata`. Raises Refusal (`bad_request`). Unknown ones are ignored."""
    texts: dict[str, str] = {}
    try:
        for pair in header.split(","):
            key, _, value = pair.strip().partition(" ")
            if not key or key in texts:
                raise Refusal("bad_request")
            texts[key] = base64.b64decode(value.strip(), validate=True).decode()
        return msgspec.convert({key: text for key, text in texts.items() if text}, Declared, strict=False)
    except ValueError:  # no base64, no UTF-8, or no such field
        raise Refusal("bad_request") from None


def is_finite(number: float | None) -> bool:
    return number is None or math.isfinite(number)


def check_name(name: str) -> str:
    """Return a file's name. Raises Refusal where it holds what no name should, or is none."""
    is_name = len(name.encode()) <= MAX_NAME_BYTES and name.strip(" .") and not NOT_IN_NAMES & set(name)
    if not is_name or any(unicodedata.category(char) in CONTROLS for char in name):
        raise Refusal("bad_request")
    return name


def read_peaks(text: str) -> list[int]:
    """Return loudnesses that stand there as `0,17,31,…`. Raises Refusal."""
    numbers = text.split(",")
    if len(numbers) != PEAKS or not all(number.isascii() and number.isdecimal() for number in numbers):
        raise Refusal("bad_request")
    peaks = [int(number) for number in numbers if len(number) <= 2]
    if len(peaks) != PEAKS or max(peaks) > LOUDEST:
        raise Refusal("bad_request")
    return peaks


def check_thumbhash(text: str) -> str:
    """Return a thumbhash, which is base64. Raises Refusal."""
    try:
        size = len(base64.b64decode(text, validate=True))
    except ValueError:
        size = 0
    if not 0 < size <= MAX_THUMBHASH:
        raise Refusal("bad_request")
    return text
