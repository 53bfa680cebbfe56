"""Does a file's chunk open as itself only, and do the sizes of both forms fit each other?"""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_db.file_chunks import CHUNK, OVERHEAD, DamagedFile, FileCipher, plain_size, span_of, stored_size

SIZES = st.integers(0, 20 * CHUNK) | st.sampled_from([CHUNK - 1, CHUNK, CHUNK + 1, 7 * CHUNK, 2**40])
NAME = "0123456789abcdef" * 2
KEY = secrets.token_bytes(32)
CIPHER = FileCipher(KEY, NAME)


@given(size=SIZES)
def test_the_size_on_the_disk_gives_the_size_of_the_file(size: int) -> None:
    assert plain_size(stored_size(size)) == size


@given(stored=st.integers(0, 5 * (CHUNK + OVERHEAD)))
def test_what_is_on_the_disk_of_an_open_upload_never_counts_more_than_it_holds(stored: int) -> None:
    plain = plain_size(stored)
    assert stored - 6 * OVERHEAD <= plain <= stored
    assert not plain or stored_size(plain) <= stored


def test_an_empty_file_is_one_empty_chunk() -> None:
    assert stored_size(0) == OVERHEAD
    assert CIPHER.open(0, CIPHER.seal(0, b"", True), True) == b""


@given(start=st.integers(0, 5 * CHUNK), length=st.integers(0, 5 * CHUNK))
def test_a_span_holds_each_byte_of_a_range_and_no_chunk_beside(start: int, length: int) -> None:
    first, last = span_of(start, start + length)
    assert first * CHUNK <= start < (first + 1) * CHUNK
    end = max(start, start + length - 1)  # of no bytes, the place
    assert last * CHUNK <= end < (last + 1) * CHUNK


@given(data=st.binary(max_size=100), number=st.integers(0, 2**32), last=st.booleans())
def test_a_chunk_opens_as_what_it_was(data: bytes, number: int, last: bool) -> None:
    stored = CIPHER.seal(number, data, last)
    assert len(stored) == len(data) + OVERHEAD
    assert CIPHER.open(number, stored, last) == data
    assert CIPHER.open(number, memoryview(stored), last) == data


@given(data=st.binary(max_size=100))
def test_a_chunk_opens_as_nothing_else(data: bytes) -> None:
    stored = CIPHER.seal(3, data, False)
    for cipher, number, last in (
        (CIPHER, 4, False),
        (CIPHER, 3, True),
        (FileCipher(KEY, NAME[::-1]), 3, False),
        (FileCipher(secrets.token_bytes(32), NAME), 3, False),
    ):
        with pytest.raises(DamagedFile):
            cipher.open(number, stored, last)


@given(data=st.binary(max_size=100), place=st.integers(0, 1_000), bit=st.integers(0, 7))
def test_a_chunk_of_which_a_bit_was_changed_does_not_open(data: bytes, place: int, bit: int) -> None:
    stored = bytearray(CIPHER.seal(0, data, False))
    stored[place % len(stored)] ^= 1 << bit
    with pytest.raises(DamagedFile):
        CIPHER.open(0, bytes(stored), False)


@given(data=st.binary(max_size=100), length=st.integers(0, 127))
def test_a_chunk_that_was_cut_does_not_open(data: bytes, length: int) -> None:
    stored = CIPHER.seal(0, data, True)
    with pytest.raises(DamagedFile):
        CIPHER.open(0, stored[: length % len(stored)], True)


def test_a_chunk_that_is_written_again_has_another_nonce() -> None:
    assert len({CIPHER.seal(0, b"the same", False)[:12] for _ in range(50)}) == 50


def test_nothing_of_a_chunk_is_readable() -> None:
    assert b"the same words" not in CIPHER.seal(0, b"the same words", False)
