"""What do files of each type look like? The smallest ones that are right, made here, and some of other types.

A picture has 3 × 2 pixels.
"""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 3, 2


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of an ISO file."""
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + kind + content


def png(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Return a red picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xff\0\0" * width) * height
    chunks = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(width: int = WIDTH, height: int = HEIGHT, comment: bytes = b"") -> bytes:
    """Return a grey picture of one block of 8 × 8, with a comment before its frame."""

    def segment(code: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, code, len(content) + 2) + content

    def table(place: int, value: int) -> bytes:
        return segment(0xC4, bytes([place, 1, *[0] * 15, value]))

    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            segment(0xFE, comment),
            segment(0xDB, b"\0" + b"\1" * 64),
            segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)),
            table(0x00, 0),
            table(0x10, 0),
            segment(0xDA, bytes([1, 1, 0, 0, 63, 0])),
            b"\x3f\xff\xd9",
        )
    )


def gif() -> bytes:
    screen = struct.pack("<HHBBB", WIDTH, HEIGHT, 0x80, 0, 0) + b"\xff\0\0\0\0\xff"
    picture = b"," + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0)
    return b"GIF89a" + screen + picture + b"\x02\x03\x84\x51\x00\x00;"


def riff(kind: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    content = kind + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(content)) + content


def webp(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """Return a lossless picture of one colour (RFC 9649): five codes of one symbol each, and no bit for a pixel."""
    bits = [(0x2F, 8), (width - 1, 14), (height - 1, 14), (0, 1), (0, 3)]  # no transparency, version 0
    bits += [(0, 1), (0, 1), (0, 1)]  # no transform, no cache of colours, no more groups of codes
    for symbol in (0, 255, 0, 255):
        bits += [(1, 1), (0, 1), (1, 1), (symbol, 8)]
    bits += [(1, 1), (0, 1), (0, 1), (0, 1)]
    number, length = 0, 0
    for value, count in bits:
        number |= value << length
        length += count
    return riff(b"WEBP", (b"VP8L", number.to_bytes((length + 7) // 8, "little")))


def webp_extended(width: int, height: int) -> bytes:
    """Return the header of a picture with more than pixels, and no pixels."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff(b"WEBP", (b"VP8X", b"\0\0\0\0" + canvas))


def webp_lossy(width: int, height: int) -> bytes:
    """Return the header of a key frame, and no pixels."""
    return riff(b"WEBP", (b"VP8 ", b"\x30\1\0\x9d\1\x2a" + struct.pack("<HH", width, height)))


def iso(major: bytes, *compatible: bytes) -> bytes:
    """Return an ISO file that holds nothing."""
    return box(b"ftyp", major, b"\0\0\0\0", *compatible) + box(b"free") + box(b"mdat")


def webm() -> bytes:
    versions = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08"
    header = versions + b"\x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02"
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(header)]) + header + b"\x18\x53\x80\x67\x80"


def wav(seconds: float = 0.01) -> bytes:
    samples = bytes([128]) * int(8000 * seconds)
    return riff(b"WAVE", (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)), (b"data", samples))


def mp3() -> bytes:
    """Return two frames of silence, 128 kbit/s and 44,100 Hz."""
    return (b"\xff\xfb\x90\xc4" + b"\0" * 413) * 2


def ogg() -> bytes:
    head = b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"
    return b"OggS\0\2" + b"\0" * 8 + b"\1\0\0\0" + b"\0" * 8 + bytes([1, len(head)]) + head


INLINE = {
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/gif": gif(),
    "image/webp": webp(),
    "image/avif": iso(b"avif", b"avif", b"mif1"),
    "video/mp4": iso(b"isom", b"isom", b"avc1"),
    "video/webm": webm(),
    "audio/mpeg": mp3(),
    "audio/mp4": iso(b"M4A ", b"isom"),
    "audio/ogg": ogg(),
    "audio/wav": wav(),
}
SCRIPT = b"<script>alert(1)</script>"
SAVED = {
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "an SVG with a prologue": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "an HTML page": b"<!DOCTYPE html><title>x</title>" + SCRIPT,
    "a PDF": b"%PDF-1.4\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n%%EOF",
    "a PDF that names a GIF": b"\n%PDF-1.4\nGIF89a",
    "a page behind white space": b" \n\t" + SCRIPT,
    "a page that ends as a picture": SCRIPT + png(),
    "a page with a mark of UTF-16": "\ufeff<script>alert(1)</script>".encode("utf-16-le"),
    "half a RIFF": b"RIFF\0\0\0\0WEBP" + SCRIPT,
    "a HEIC": iso(b"heic", b"mif1", b"heic"),
    "a QuickTime film": iso(b"qt  ", b"qt  "),
    "a Matroska film": webm().replace(b"\x42\x82\x84webm", b"\x42\x82\x84matr"),
    "a ZIP": b"PK\x03\x04" + b"\0" * 26,
    "a text": "Grüße\n".encode(),
    "nothing": b"",
}
