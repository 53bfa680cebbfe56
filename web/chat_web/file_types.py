"""What is a file, and how large is a picture? Its first bytes say it, whatever its sender or its name says.

Only what this table knows is shown by a browser in its place; everything else is a file to be saved, so that nothing
that can act (SVG, HTML, PDF) is opened on our own address. The patterns are those of the MIME Sniffing standard
(WHATWG) and of the formats' own documents.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from chat_db.file_records import FILE, FILM, PICTURE, SOUND

HEAD = 65_536  # bytes from a file's beginning that are enough for everything here
BRANDS = 256  # bytes of an ISO file's list of brands that are looked at
DOC_TYPE = 64  # bytes of an EBML file in which its header names what it is


class FileType(NamedTuple):
    """The type that a file is served as, and what it is to its readers (`files.kind`)."""

    type: str
    kind: int


UNKNOWN = FileType("application/octet-stream", FILE)
MP4, WEBM = FileType("video/mp4", FILM), FileType("video/webm", FILM)
M4A, MP3 = FileType("audio/mp4", SOUND), FileType("audio/mpeg", SOUND)
AVIF = FileType("image/avif", PICTURE)
# What a file begins with, and what follows at a place behind it.
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", 8, b"", FileType("image/png", PICTURE)),
    (b"\xff\xd8\xff", 3, b"", FileType("image/jpeg", PICTURE)),
    (b"GIF87a", 6, b"", FileType("image/gif", PICTURE)),
    (b"GIF89a", 6, b"", FileType("image/gif", PICTURE)),
    (b"RIFF", 8, b"WEBPVP8", FileType("image/webp", PICTURE)),
    (b"RIFF", 8, b"WAVE", FileType("audio/wav", SOUND)),
    (b"OggS\0", 5, b"", FileType("audio/ogg", SOUND)),
    (b"ID3", 3, b"", MP3),
)
# Both of these hold sound alone as well, which only their insides tell: there the sender's word decides.
SOUND_ALONE = {MP4: M4A, WEBM: FileType("audio/webm", SOUND)}
# Major brands of MP4 (ISO/IEC 14496-12 and -14, and what cameras and browsers write); QuickTime's is not among them.
FILM_BRANDS = {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1"}
FILM_BRANDS |= {b"dash", b"M4V ", b"M4VP", b"MSNV", b"mmp4", b"av01"}
INLINE = {known.type for *_, known in SIGNATURES} | {MP4.type, WEBM.type, M4A.type, AVIF.type, "audio/webm"}


def find_type(head: bytes, declared: str = "") -> FileType:
    """Return what a file is that begins with `head`.

    `declared` is what its sender calls it; it only tells sound in a container from film in the same container.
    """
    found = _match(head)
    return SOUND_ALONE.get(found, found) if declared.startswith("audio/") else found


def _match(head: bytes) -> FileType:
    for beginning, place, rest, known in SIGNATURES:
        if head.startswith(beginning) and head.startswith(rest, place):
            return known
    if head.startswith(b"ftyp", 4):
        return _match_brands(head)
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:DOC_TYPE]:
        return WEBM
    return MP3 if _is_mp3_frame(head) else UNKNOWN


def _match_brands(head: bytes) -> FileType:
    """Return what an ISO file is by its brands (ISO/IEC 14496-12, 4.3); a picture's own may be a compatible one."""
    end = min(int.from_bytes(head[:4], "big"), BRANDS)
    major, compatible = head[8:12], [head[at : at + 4] for at in range(16, end, 4)]
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1") and b"avif" in compatible):
        return AVIF
    if major in (b"M4A ", b"M4B "):
        return M4A
    return MP4 if major in FILM_BRANDS else UNKNOWN


def _is_mp3_frame(head: bytes) -> bool:
    """Say whether a file begins with a frame of MPEG layer III. (FF FE, UTF-16's mark, is none.)"""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, sampling = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and 0 < bitrate < 15 and sampling != 3


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height as the header of a PNG, JPEG or WebP says them, in pixels.

    None where it is no such picture, or `head` does not reach that far. Never raises, and looks at each byte once.
    """
    kind = find_type(head).type
    try:
        size = {"image/png": _png_size, "image/jpeg": _jpeg_size, "image/webp": _webp_size}[kind](head)
    except (KeyError, struct.error):
        return None
    return size if size is not None and min(size) > 0 else None


def _png_size(head: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack_from(">II", head, 16)
    return (width, height) if head.startswith(b"IHDR", 12) else None


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Walk the segments up to the frame's header (ITU-T T.81, B.1.1.4 and B.2.2)."""
    at = 2
    while True:
        mark, code = struct.unpack_from("BB", head, at)
        if mark != 0xFF:
            return None
        if code == 0xFF:  # a fill byte
            at += 1
            continue
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        if code in (0x00, 0x01, 0xD9, 0xDA) or 0xD0 <= code <= 0xD8:  # picture data, or none of a header
            return None
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]


def _webp_size(head: bytes) -> tuple[int, int] | None:
    """Read the first chunk (RFC 9649, 2.5 to 2.7)."""
    chunk = head[12:16]
    if chunk == b"VP8X":
        width, width_high, height, height_high = struct.unpack_from("<HBHB", head, 24)
        return (width_high << 16 | width) + 1, (height_high << 16 | height) + 1
    if chunk == b"VP8L":
        signature, bits = struct.unpack_from("<BI", head, 20)
        return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1) if signature == 0x2F else None
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return (width & 0x3FFF, height & 0x3FFF) if head.startswith(b"\x9d\x01\x2a", 23) else None
    return None
