"""A file comes to the server piece by piece, and is complete when its last byte is on the disk, encrypted."""

from __future__ import annotations

import os
import random
from email.utils import parsedate_to_datetime

import pytest

from chat_db.file_chunks import CHUNK, OVERHEAD
from chat_db.file_records import COMPLETE, FILE, OPEN, PICTURE, SOUND
from stack import Stack
from tests.support.files import path_of
from tests.support.http import HttpClient
from tests.support.people import Person
from tests.support.tus import (
    PIECE,
    TUS,
    UPLOADS,
    begin,
    begun,
    bytes_of,
    file_of,
    look,
    metadata,
    offset_of,
    piece_begun,
    send_piece,
    states,
    upload,
)

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0" + bytes(40)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def test_who_asks_is_told_what_is_spoken(stack: Stack, browser_of_nobody: HttpClient) -> None:
    answer = browser_of_nobody.request("OPTIONS", UPLOADS)
    assert answer.status == 204
    assert answer.headers["Tus-Resumable"] == answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,expiration,termination"
    assert answer.headers["Tus-Max-Size"] == "104857600"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_000])
def test_a_file_is_complete_with_its_last_byte(stack: Stack, ada: Person, chat: int, size: int) -> None:
    data = noise(size)
    path = upload(ada, chat, data)
    file = file_of(stack, ada, path)
    assert (file.state, file.size, file.kind, file.type) == (COMPLETE, size, FILE, "application/octet-stream")
    assert bytes_of(stack, file) == data
    assert offset_of(ada, path) == size
    assert stack.database.query("SELECT uploads FROM user_files") == [{"uploads": 0}]


def test_what_is_on_the_disk_is_for_nobody_else(stack: Stack, ada: Person, chat: int) -> None:
    data = b"nobody reads this " * 10_000
    path = upload(ada, chat, data, name="secret.txt")
    open_path = begun(ada, chat, len(data))
    send_piece(ada, open_path, 0, data[:100_000])
    complete = path_of(stack, file_of(stack, ada, path))
    part = path_of(stack, file_of(stack, ada, open_path)).with_suffix(".part")
    for place in (complete, part):
        assert place.stat().st_mode & 0o777 == 0o600
        assert b"nobody reads" not in place.read_bytes()
    assert [folder.stat().st_mode & 0o777 for folder in (complete.parent, complete.parent.parent)] == [0o700, 0o700]
    assert "secret" not in str(stack.database.query("SELECT * FROM files"))


@pytest.mark.parametrize("pieces", [[1] * 20, [30_000] * 7, [CHUNK] * 3, [CHUNK - 1, 2, 70_000, 1, 131_072]])
def test_pieces_of_every_length_are_kept_as_they_end(stack: Stack, ada: Person, chat: int, pieces: list[int]) -> None:
    """An upload whose pieces are all smaller than a chunk comes to its end too."""
    data, offset = noise(sum(pieces)), 0
    path = begun(ada, chat, len(data))
    for piece in pieces:
        answer = send_piece(ada, path, offset, data[offset : offset + piece])
        offset += piece
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(offset))
        assert offset_of(ada, path) == offset
    assert bytes_of(stack, file_of(stack, ada, path)) == data


def test_the_first_piece_may_come_with_the_creation(stack: Stack, ada: Person, chat: int) -> None:
    whole = begin(ada, chat, 5, b"hello")
    assert (whole.status, whole.headers["Upload-Offset"]) == (201, "5")
    assert bytes_of(stack, file_of(stack, ada, str(whole.location))) == b"hello"
    half = begin(ada, chat, 10, b"hello")
    assert (half.status, half.headers["Upload-Offset"]) == (201, "5")
    assert send_piece(ada, str(half.location), 5, b"world").status == 204
    assert bytes_of(stack, file_of(stack, ada, str(half.location))) == b"helloworld"


def test_a_creation_that_is_repeated_answers_the_first(stack: Stack, ada: Person, chat: int) -> None:
    first = begun(ada, chat, 10, client_id="one")
    send_piece(ada, first, 0, b"12345")
    again = begin(ada, chat, 10, client_id="one")
    assert (again.status, again.location, again.headers["Upload-Offset"]) == (201, first, "5")
    other = begin(ada, chat, 11, client_id="one")
    assert (other.status, other.json()["code"]) == (409, "client_id_reused")
    assert states(stack) == [OPEN]


def test_what_a_file_is_its_first_bytes_say(stack: Stack, ada: Person, chat: int) -> None:
    webm = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(40)
    found = [
        file_of(stack, ada, upload(ada, chat, data, **said))[9:11]
        for data, said in (
            (PNG, {"type": "text/html", "name": "a.html"}),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"type": "image/png", "name": "a.png"}),
            (webm, {"type": "audio/webm", "duration": 2}),
        )
    ]
    assert found == [(PICTURE, "image/png"), (FILE, "application/octet-stream"), (SOUND, "audio/webm")]


def test_an_upload_says_until_when_it_waits(stack: Stack, ada: Person, chat: int) -> None:
    created = begin(ada, chat, 10)
    stack.database.query("UPDATE files SET changed_at = changed_at - INTERVAL 1 HOUR")
    half = send_piece(ada, str(created.location), 0, b"12345")
    ends = [parsedate_to_datetime(str(one.headers["Upload-Expires"])) for one in (half,)]
    ends.append(parsedate_to_datetime(look(ada, str(created.location)).headers["Upload-Expires"]))
    row = stack.database.query("SELECT UNIX_TIMESTAMP(changed_at) AS began FROM files")[0]
    assert all(abs(end.timestamp() - float(row["began"]) - 24 * 3600) < 2 for end in ends)
    assert send_piece(ada, str(created.location), 5, b"67890").headers["Upload-Expires"] is None


def test_what_is_given_up_is_not_there_any_more(stack: Stack, ada: Person, chat: int) -> None:
    path = begun(ada, chat, 10)
    assert ada.http.request("DELETE", path, None, TUS).status == 204
    answers = [look(ada, path), send_piece(ada, path, 0, b"x"), ada.http.request("DELETE", path, None, TUS)]
    assert [answer.status for answer in answers] == [404, 404, 404]


def test_an_upload_is_its_owners_alone(stack: Stack, ada: Person, bob: Person, eve: Person, chat: int) -> None:
    path = begun(ada, chat, 10)
    for other in (bob, eve):
        answers = [look(other, path), send_piece(other, path, 0, b"x"), other.http.request("DELETE", path, None, TUS)]
        assert [answer.status for answer in answers] == [404, 404, 404]
    assert (begin(eve, chat, 10).status, begin(eve, chat, 10).json()["code"]) == (404, "no_such_chat")
    assert states(stack) == [OPEN]
    assert offset_of(ada, path) == 0


def test_who_is_not_logged_in_and_other_sites_pages_send_nothing(
    stack: Stack, ada: Person, chat: int, browser_of_nobody: HttpClient
) -> None:
    path = begun(ada, chat, 10)
    fields = {"Upload-Length": "10", "Upload-Metadata": metadata(name="a", chat_id=chat, client_id="x")}
    requests = [("POST", UPLOADS, {**TUS, **fields}), ("PATCH", path, {**PIECE, "Upload-Offset": "0"})]
    requests += [(method, path, TUS) for method in ("HEAD", "DELETE")]
    for method, where, headers in requests:
        assert browser_of_nobody.request(method, where, None, headers).status == 401
        foreign = ada.http.request(method, where, None, {**headers, "Sec-Fetch-Site": "cross-site"})
        assert foreign.status == (200 if method == "HEAD" else 403)
    assert states(stack) == [OPEN]


WRONG = {
    "no tus": ({"Tus-Resumable": ""}, 412, "wrong_version"),
    "another tus": ({"Tus-Resumable": "0.2.2"}, 412, "wrong_version"),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "wrong_type"),
    "no type": ({"Content-Type": ""}, 415, "wrong_type"),
    "no offset": ({"Upload-Offset": ""}, 400, "bad_request"),
    "an offset of words": ({"Upload-Offset": "four"}, 400, "bad_request"),
    "an offset below 0": ({"Upload-Offset": "-1"}, 400, "bad_request"),
    "an offset of other digits": ({"Upload-Offset": "0x4"}, 400, "bad_request"),
    "an earlier offset": ({"Upload-Offset": "3"}, 409, "wrong_offset"),
    "a later offset": ({"Upload-Offset": "5"}, 409, "wrong_offset"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_piece_with_a_wrong_header_changes_nothing(stack: Stack, ada: Person, chat: int, name: str) -> None:
    headers, status, code = WRONG[name]
    path = begun(ada, chat, 200_000)
    assert send_piece(ada, path, 0, b"1234").status == 204
    answer = send_piece(ada, path, 4, noise(150_000), headers)
    assert (answer.status, answer.json()["code"], answer.headers["Tus-Resumable"]) == (status, code, "1.0.0")
    assert answer.headers["Content-Type"] == "application/json"
    assert offset_of(ada, path) == 4


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "2"}, 412),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Metadata": ""}, 400),
        ({"Upload-Metadata": "name YQ=="}, 400),
        ({"Content-Type": "text/html"}, 415),
    ],
)
def test_a_creation_with_a_wrong_header_makes_nothing(
    stack: Stack, ada: Person, chat: int, headers: dict[str, str], status: int
) -> None:
    answer = begin(ada, chat, 5, b"hello", headers)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert states(stack) == []


def test_a_piece_beyond_the_end_is_refused_whole(stack: Stack, ada: Person, chat: int) -> None:
    path = begun(ada, chat, 10)
    assert send_piece(ada, path, 0, b"x" * 11).json()["code"] == "too_large"
    assert offset_of(ada, path) == 0
    done = upload(ada, chat, b"done")
    assert [send_piece(ada, done, 4, data).status for data in (b"", b"more")] == [204, 413]
    assert send_piece(ada, done, 0, b"done").status == 409


def test_what_is_no_upload_has_no_page(stack: Stack, ada: Person) -> None:
    for method, path in (
        ("PUT", UPLOADS),
        ("GET", f"{UPLOADS}/1"),
        ("POST", f"{UPLOADS}/1"),
        ("PATCH", f"{UPLOADS}/x"),
    ):
        answer = ada.http.request(method, path, None, PIECE)
        assert answer.status in (404, 405), (method, path)
        assert answer.headers["Content-Type"] == "application/json", (method, path)
    assert send_piece(ada, f"{UPLOADS}/4000000000", 0, b"x").json()["code"] == "no_such_upload"
    assert send_piece(ada, f"{UPLOADS}/99999999999999", 0, b"x").json()["code"] == "no_such_upload"


def test_two_do_not_write_at_one_upload(stack: Stack, ada: Person, chat: int) -> None:
    """The first one has sent half of its piece and holds the file."""
    path = begun(ada, chat, 200_000)
    with piece_begun(stack, ada, path, "Content-Length: 200000", "Expect: 100-continue") as first:
        assert first.recv(1000).startswith(b"HTTP/1.1 100 ")  # it holds the file
        busy = send_piece(ada, path, 0, noise(200_000))
        assert (busy.status, busy.json()["code"], busy.headers["Retry-After"]) == (423, "upload_busy", "1")
        first.sendall(noise(200_000))
        assert first.recv(1000).startswith(b"HTTP/1.1 204 ")
    assert bytes_of(stack, file_of(stack, ada, path)) == noise(200_000)


def test_a_chunk_that_was_torn_has_not_come(stack: Stack, ada: Person, chat: int) -> None:
    """A crash leaves half of what was being written, or other bytes: the upload goes on before them."""
    data = noise(200_000)
    path = begun(ada, chat, len(data))
    send_piece(ada, path, 0, data[:150_000])
    part = path_of(stack, file_of(stack, ada, path)).with_suffix(".part")
    for cut in (1, 18_900, 30_000):  # in the unfinished chunk, before its tag, in the one before it
        os.truncate(part, part.stat().st_size - cut)
        offset = offset_of(ada, path)
        assert offset == (CHUNK if cut == 30_000 else 2 * CHUNK)
    with part.open("r+b") as file:
        file.seek(CHUNK + OVERHEAD - 5)
        file.write(b"other")
    assert offset_of(ada, path) == 0
    assert send_piece(ada, path, 0, data).status == 204
    assert bytes_of(stack, file_of(stack, ada, path)) == data


@pytest.mark.parametrize("how_far", ["named", "whole"])
def test_head_completes_what_a_crash_left_undone(stack: Stack, ada: Person, chat: int, how_far: str) -> None:
    """Clients stop where all has come."""
    path = upload(ada, chat, PNG)
    file = file_of(stack, ada, path)
    stack.database.query("UPDATE files SET state = 0, type = '', kind = 0")
    stack.database.query("UPDATE user_files SET uploads = 1")
    if how_far == "whole":
        place = path_of(stack, file)
        place.rename(place.with_suffix(".part"))
    assert offset_of(ada, path) == len(PNG)
    after = file_of(stack, ada, path)
    assert (after.state, after.kind, after.type) == (COMPLETE, PICTURE, "image/png")
    assert bytes_of(stack, after) == PNG
    assert stack.database.query("SELECT uploads FROM user_files") == [{"uploads": 0}]


def test_a_complete_file_that_the_disk_has_lost_is_gone(stack: Stack, ada: Person, chat: int) -> None:
    path = upload(ada, chat, b"hello")
    path_of(stack, file_of(stack, ada, path)).unlink()
    assert (look(ada, path).status, send_piece(ada, path, 5, b"").json()["code"]) == (410, "upload_gone")


def picture(width: int, height: int) -> bytes:
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


def test_a_small_version_is_a_small_picture(stack: Stack, ada: Person, chat: int) -> None:
    ids = [upload(ada, chat, PNG, name=f"{number}.png").rpartition("/")[2] for number in range(4)]
    small = upload(ada, chat, picture(1024, 16), thumbnail_of=ids[0])
    assert file_of(stack, ada, small).thumbnail_of == int(ids[0])
    assert begin(ada, chat, 65_537, thumbnail_of=ids[1]).json()["code"] == "bad_thumbnail"
    for number, data in ((1, picture(1025, 16)), (2, b"no picture"), (3, picture(16, 1025))):
        path = begun(ada, chat, len(data), thumbnail_of=ids[number])
        answer = send_piece(ada, path, 0, data)
        assert (answer.status, answer.json()["code"]) == (400, "bad_thumbnail")
        assert look(ada, path).status == 404
    assert begin(ada, chat, 10, thumbnail_of=ids[0]).json()["code"] == "bad_thumbnail"  # it has one
