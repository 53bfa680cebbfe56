"""What does a browser do with a file that somebody has sent?"""

from __future__ import annotations

import re

from stack import Stack
from tests.browser.conftest import Opener
from tests.support.file_samples import INLINE, SAVED, wav
from tests.support.people import Person
from tests.support.shared_files import upload

# What Chromium itself says of its own page for pictures, and where a frame is refused as it should be.
EXPECTED = re.compile("Applying inline style|ERR_BLOCKED_BY_RESPONSE|Framing '")
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp")
LOAD = """async (path) => {
  const picture = new Image();
  picture.src = path;
  await picture.decode();
  return [picture.naturalWidth, picture.naturalHeight];
}"""
FRAME = """async (path) => {
  const frame = document.createElement("iframe");
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  frame.src = path;
  document.body.append(frame);
  await loaded;
}"""
PLAYED = "document.querySelector('video, audio').duration > 1"


def test_a_file_is_shown_played_or_saved_and_never_run(stack: Stack, ada: Person, chat: int, window: Opener) -> None:
    files = {kind: upload(stack, chat, ada, INLINE[kind]).id for kind in SHOWN}
    sound = upload(stack, chat, ada, wav(seconds=2), name="sea.wav").id
    page = upload(stack, chat, ada, SAVED["an HTML page"], name="page.html").id
    drawing = upload(stack, chat, ada, SAVED["an SVG"], name="drawing.svg").id
    shown = window(stack, ada)
    shown.allowed = EXPECTED
    for identity in files.values():
        assert shown.page.evaluate(LOAD, f"/files/{identity}") == [3, 2]
    for identity, name in ((page, "page.html"), (drawing, "drawing.svg")):
        with shown.page.expect_download() as saved:
            shown.page.evaluate("(path) => { location.href = path; }", f"/files/{identity}")
        assert saved.value.suggested_filename == name
    shown.page.evaluate(FRAME, f"/files/{page}")
    assert [frame.url for frame in shown.page.frames if "/files/" in frame.url] == []
    shown.go(f"/files/{sound}")
    shown.until(PLAYED)
    shown.go(f"/files/{files['image/png']}")
    assert shown.page.evaluate("[document.contentType, document.images[0].naturalWidth]") == ["image/png", 3]
