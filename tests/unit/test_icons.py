"""Is every icon that is named drawn somewhere?"""

from __future__ import annotations

import re

from stack import ROOT

WEB = ROOT / "web" / "chat_web"
NAMED = re.compile(r'icon\("([a-z-]+)"[),]')
DRAWN = re.compile(r'<symbol id="i-([a-z-]+)"')


def test_every_icon_that_scripts_and_pages_name_is_drawn() -> None:
    texts = [path.read_text("utf-8") for path in (*WEB.glob("static/js/*.js"), *WEB.glob("templates/**/*.html"))]
    named = {name for text in texts for name in NAMED.findall(text)}
    drawn = {name for text in texts for name in DRAWN.findall(text)}
    assert len(named) > 10
    assert named <= drawn
