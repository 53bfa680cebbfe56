"""What may a client say of a file that it sends, and what is refused?"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis.strategies import text

from chat_db.file_records import Metadata
from chat_web.refusals import Refusal
from chat_web.uploads.metadata import read_declared
from tests.support.tus import metadata

LEAST = {"name": "a.png", "chat_id": 7, "client_id": "c-1"}
PEAKS = [number % 32 for number in range(64)]
THUMBHASH = base64.b64encode(bytes(25)).decode()


def read(**fields: object) -> Metadata:
    return read_declared(metadata(**{**LEAST, **fields})).metadata()


def test_every_field_is_read() -> None:
    measured = {"width": 640, "height": 480, "duration": 1.5, "thumbhash": THUMBHASH}
    declared = read_declared(
        metadata(**LEAST, type="image/png", thumbnail_of=4, peaks=",".join(map(str, PEAKS)), **measured)
    )
    assert (declared.chat_id, declared.client_id, declared.thumbnail_of) == (7, "c-1", 4)
    assert declared.metadata() == Metadata("a.png", 640, 480, 1.5, PEAKS, THUMBHASH)


def test_what_is_unknown_or_empty_counts_as_left_out() -> None:
    assert read_declared(f"{metadata(**LEAST)},relativePath Lw==,thumbhash,width ").metadata() == Metadata("a.png")


@pytest.mark.parametrize("name", ["Ferie 🏖️ 2026.jpg", "été.pdf", "أبي.png", "family 👨‍👩‍👧.gif", ".profile", "x" * 255])
def test_names_of_every_language_are_names(name: str) -> None:
    assert read(name=name).name == name


@pytest.mark.parametrize(
    "fields",
    [
        *(
            {"name": name}
            for name in ("", " ", ".", "..", "a/b", "a\\b", "a\nb", "a\0b", "a\x7fb", "a\u2028b", "x" * 256)
        ),
        *({"name": f"a{mark}b"} for mark in "\u061c\u200e\u200f\u202a\u202e\u2066\u2069"),
        *({"chat_id": wrong} for wrong in ("", "0", "-1", "1.5", "x", 2**32, True)),
        *({"client_id": wrong} for wrong in ("", "a b", "è", "x" * 65, "a\n")),
        *({"width": wrong, "height": 4} for wrong in ("", "0", "-3", "100001", "1e3x", "4.5")),
        {"height": 4},
        *({"duration": wrong} for wrong in ("-1", "nan", "inf", "1e9", "long")),
        *({"peaks": wrong} for wrong in ("1,2,3", "32" + ",0" * 63, "-1" + ",0" * 63, "٣" + ",0" * 63, "0" * 5_000)),
        *({"thumbhash": wrong} for wrong in ("?", "YQ", base64.b64encode(bytes(41)).decode())),
        *({"thumbnail_of": wrong} for wrong in ("0", "x")),
        *({"type": wrong} for wrong in ("a\nb", "x" * 128, "è/b")),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refused:
        read(**fields)
    assert refused.value.code == "bad_request"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "name",
        ",",
        "name ?",
        "name YQ",
        f"{metadata(**LEAST)},",
        f"{metadata(**LEAST)},name Yg==",
        "name /w==,chat_id MQ==",
    ],
)
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(Refusal):
        read_declared(header)


@given(text(), text())
def test_no_header_and_no_name_make_it_fail(header: str, name: str) -> None:
    for given_header in (header, metadata(**{**LEAST, "name": name.encode("utf-8", "replace").decode()})):
        try:
            read_declared(given_header).metadata()
        except Refusal:
            continue
