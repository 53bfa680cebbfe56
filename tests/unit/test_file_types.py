"""What is a file by its first bytes, and how large does a picture say it is?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers, sampled_from

from chat_db.file_records import FILE, FILM, PICTURE, SOUND
from chat_web.file_types import HEAD, find_type, picture_size
from tests.support import file_samples
from tests.support.file_samples import HEIGHT, INLINE, SAVED, WIDTH

KINDS = {"image": PICTURE, "video": FILM, "audio": SOUND}
SIZED = {name: INLINE[name] for name in ("image/png", "image/jpeg", "image/webp")}


@pytest.mark.parametrize("kind", INLINE)
def test_a_file_is_what_its_first_bytes_say(kind: str) -> None:
    for declared in ("", "text/html", "video/x-anything"):
        assert find_type(INLINE[kind], declared) == (kind, KINDS[kind.partition("/")[0]])


@pytest.mark.parametrize("what", SAVED)
def test_what_the_table_does_not_know_is_a_file_whatever_its_sender_calls_it(what: str) -> None:
    for declared in ("", "image/png", "audio/mpeg", "text/html"):
        assert find_type(SAVED[what], declared) == ("application/octet-stream", FILE)


def test_sound_in_a_container_of_films_is_sound_where_its_sender_says_so() -> None:
    assert find_type(INLINE["video/webm"], "audio/webm;codecs=opus") == ("audio/webm", SOUND)
    assert find_type(INLINE["video/mp4"], "audio/mp4") == ("audio/mp4", SOUND)
    assert find_type(INLINE["image/png"], "audio/mpeg") == ("image/png", PICTURE)


def test_a_picture_of_another_major_brand_is_found_by_a_compatible_one() -> None:
    assert find_type(file_samples.iso(b"mif1", b"miaf", b"avif")).type == "image/avif"
    assert find_type(file_samples.iso(b"mif1", b"heic")).kind == FILE
    assert find_type(file_samples.iso(b"isom", b"avif")).type == "video/mp4"


@pytest.mark.parametrize("kind", SIZED)
def test_a_picture_says_its_size(kind: str) -> None:
    assert picture_size(SIZED[kind]) == (WIDTH, HEIGHT)


@given(integers(1, 16_383), integers(1, 16_383))
@settings(max_examples=30, deadline=None)
def test_every_size_is_read_from_the_header_alone(width: int, height: int) -> None:
    pictures = (
        file_samples.png(3, 2)[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big"),
        file_samples.jpeg(width, height),
        file_samples.webp(width, height),
        file_samples.webp_extended(width, height),
        file_samples.webp_lossy(width, height),
    )
    assert {picture_size(picture) for picture in pictures} == {(width, height)}


def test_the_frame_of_a_jpeg_is_found_behind_whatever_comes_first() -> None:
    """A comment that holds the header of a frame is no header of a frame."""
    false = b"\xff\xc0\x00\x0b\x08\x7f\xff\x7f\xff\x01\x01\x11\x00"
    assert picture_size(file_samples.jpeg(640, 480, comment=false * 4_000)) == (640, 480)
    picture = file_samples.jpeg(640, 480)
    assert picture_size(picture[:2] + b"\xff" * 1_000 + picture[2:]) == (640, 480)


def test_what_only_looks_like_the_header_of_a_picture_has_no_size() -> None:
    tables = b"\xff\xc4\x00\x0b\x00\x01" + bytes(7)  # in the range of the frames' codes
    picture = file_samples.jpeg(640, 480)
    assert picture_size(picture[:2] + tables + picture[2:]) == (640, 480)
    assert picture_size(file_samples.png().replace(b"IHDR", b"IDAT")) is None
    assert picture_size(file_samples.webp().replace(b"\x2f", b"\x2e", 1)) is None
    assert picture_size(file_samples.webp_lossy(3, 2).replace(b"\x9d\x01\x2a", b"\x9d\x01\x2b")) is None


@pytest.mark.parametrize("kind", SIZED)
def test_a_picture_without_pixels_or_without_its_header_has_no_size(kind: str) -> None:
    assert picture_size(b"") is None
    assert {picture_size(SIZED[kind][:end]) for end in range(16)} == {None}
    for other in (*INLINE, *SAVED):
        content = INLINE.get(other) or SAVED.get(other, b"")
        assert other in SIZED or picture_size(content) is None, other
    assert picture_size(file_samples.jpeg(0, 5)) is None
    assert picture_size(file_samples.png(0, 5)) is None
    assert picture_size(file_samples.webp_lossy(5, 0)) is None


@given(sampled_from([b"", *INLINE.values()]), integers(0, 60), binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_no_bytes_make_it_fail(beginning: bytes, kept: int, rest: bytes) -> None:
    head = beginning[:kept] + rest
    assert find_type(head).kind in (FILE, PICTURE, FILM, SOUND)
    size = picture_size(head)
    assert size is None or min(size) > 0


def test_the_longest_head_is_looked_at_once() -> None:
    """Of segments and of fill bytes alone: each step goes on."""
    for filling in (b"\xff\xe0\x00\x00", b"\xff\xe0\x00\x02", b"\xff"):
        assert picture_size((b"\xff\xd8\xff\xe0\x00\x02" + filling * HEAD)[:HEAD]) is None
