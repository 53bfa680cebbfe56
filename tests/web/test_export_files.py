"""Which files go along with a conversation, and can anything in them act when it is opened from disk?"""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from urllib.parse import unquote

import pytest

from chat_db.file_chunks import CHUNK
from stack import Stack
from tests.support.file_samples import INLINE, SAVED, png
from tests.support.files import path_of
from tests.support.people import Person
from tests.support.shared_files import change_bytes, share, upload

from .test_export import ask

LONG = random.Random(12).randbytes(3 * CHUNK + 77)


def unpack(person: Person, chat: int, form: str) -> dict[str, bytes]:
    answer = ask(person, chat, form)
    assert answer.status == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        assert packed.testzip() is None
        return {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}


def page_of(found: dict[str, bytes]) -> str:
    [page] = [content for name, content in found.items() if re.fullmatch(r"\d{4}-\d\d\.html", name)]
    return page.decode()


@pytest.mark.parametrize("form", ["html", "jsonl"])
def test_an_archive_has_every_file_byte_for_byte(stack: Stack, ada: Person, bob: Person, chat: int, form: str) -> None:
    contents = [LONG, b"", png(), *INLINE.values()][:10]
    files = [upload(stack, chat, ada, content, name="ü.dat") for content in contents]
    small = upload(stack, chat, ada, png(), thumbnail_of=files[2].id)
    upload(stack, chat, ada, png())  # was not sent
    share(chat, ada, *files)
    found = unpack(bob, chat, form)
    packed = {int(name.partition("/")[2].partition("-")[0]): found[name] for name in found if name.startswith("files/")}
    assert packed == {file.id: content for file, content in zip(files, contents, strict=True)}
    assert small.id not in packed
    if form == "jsonl":
        [line] = found["messages.jsonl"].splitlines()
        listed = bob.http.get("/backend/get_messages", {"chat_id": chat}).json()["messages"]
        assert [json.loads(line)] == listed
        assert [file["size"] for file in listed[0]["files"]] == [len(content) for content in contents]


def test_a_page_shows_pictures_and_links_to_files(stack: Stack, ada: Person, chat: int) -> None:
    content = {"a.png": INLINE["image/png"], "b.mp4": INLINE["video/mp4"], "c.wav": INLINE["audio/wav"]}
    content |= {"50% <b> #1.pdf": SAVED["a PDF"], "long": LONG}
    share(chat, ada, *(upload(stack, chat, ada, data, name=name) for name, data in content.items()), text="")
    found = unpack(ada, chat, "html")
    page = page_of(found)
    links = [unquote(link) for link in re.findall(r'<(?:a href|(?:img|video|audio) src)="(files/[^"]+)"', page)]
    assert set(links) == {name for name in found if name.startswith("files/")}
    assert [len(re.findall(f"<{tag} ", page)) for tag in ("img", "video", "audio", "figure")] == [1, 1, 1, 0]
    assert page.count("<figure>") == len(content)
    assert '<p class="text"' not in page
    assert "50% &lt;b&gt; #1.pdf" in page
    assert "<b>" not in page.replace("<b>ada</b>", "")
    for size in (f"{len(INLINE['image/png'])} byte", "197 kB"):
        assert size in page, size


NAMES = {
    ("image/png", "a.PNG"): "a.PNG",
    ("image/png", "a.html"): "a.html.png",
    ("image/png", "a"): "a.png",
    ("image/jpeg", "a.jpeg"): "a.jpeg",
    ("an HTML page", "a.html"): "a.html.txt",
    ("an HTML page", "a.png"): "a.png",
    ("an HTML page", "a"): "a.bin",
    ("an SVG", "a.SVG"): "a.SVG.txt",
    ("a PDF", "a.pdf"): "a.pdf",
    ("a PDF", 'a<>:"|?*.pdf'): "a_______.pdf",
    ("a text", "../../a.txt"): "a.txt",
    ("a text", ""): "file.bin",
}


def test_no_name_makes_a_browser_open_a_page(stack: Stack, ada: Person, chat: int) -> None:
    wanted = []
    for (kind, name), saved in NAMES.items():
        file = upload(stack, chat, ada, (INLINE | SAVED)[kind], name=name)
        share(chat, ada, file)
        wanted.append(f"files/{file.id}-{saved}")
    found = unpack(ada, chat, "jsonl")
    assert [name for name in found if name.startswith("files/")] == wanted


@pytest.mark.parametrize("form", ["html", "jsonl"])
def test_a_damaged_file_spoils_nothing_else(stack: Stack, ada: Person, chat: int, form: str) -> None:
    files = [upload(stack, chat, ada, LONG) for _ in range(4)]
    share(chat, ada, *files)
    change_bytes(path_of(stack, files[1]), lambda stored: stored.__setitem__(-1, stored[-1] ^ 1))
    path_of(stack, files[2]).unlink()
    found = unpack(ada, chat, form)
    assert [name for name in found if name.startswith("files/")] == [
        f"files/{files[at].id}-a file.bin" for at in (0, 3)
    ]
    if form == "html":
        assert b"2 files could not be read and are not here." in found["index.html"]
        assert "2 files · 393 kB".encode() in found["index.html"]
        assert list(found)[-1] == "index.html"


def test_what_is_gone_for_a_reader_is_not_taken_along(stack: Stack, ada: Person, bob: Person, chat: int) -> None:
    files = [upload(stack, chat, ada, png(), name="a.png") for _ in range(3)]
    messages = [share(chat, ada, file) for file in files]
    stack.database.query("UPDATE members SET cleared_seq = 1 WHERE user_id = %s", bob.id)
    stack.database.query("UPDATE messages SET deleted_at = NOW(3), change_seq = 1 WHERE id = %s", messages[1])
    for form in ("html", "jsonl"):
        taken = [name for name in unpack(bob, chat, form) if name.startswith("files/")]
        assert taken == [f"files/{files[2].id}-a.png"]
