"""What the page serves of npm packages is what package-lock.json names, and the server takes what it offers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from chat_web.i18n import LANGUAGES
from chat_ws.emoji import is_emoji

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "web/chat_web/static/vendor"
PACKAGES = ["emoji-picker-element", "emoji-picker-element-data"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_committed_is_what_the_locked_packages_give(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not all((ROOT / "node_modules" / name).exists() for name in PACKAGES):
        pytest.skip("not run: the npm packages are not installed")
    subprocess.run([node, str(ROOT / "script/vendor.mjs"), str(tmp_path)], check=True, timeout=60)
    assert contents(VENDOR) == contents(tmp_path)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_served_package_is_of_the_locked_version_and_has_its_licence(name: str) -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    package = json.loads((VENDOR / name / "package.json").read_text("utf-8"))
    assert package["version"] == lock["packages"][f"node_modules/{name}"]["version"]
    assert package["license"] == "Apache-2.0"
    assert "Apache License" in (VENDOR / name / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_emoji_that_the_picker_offers_is_a_reaction(language: str) -> None:
    data = json.loads((VENDOR / "emoji-picker-element-data" / f"{language}.json").read_text("utf-8"))
    offered = [one["emoji"] for one in data] + [skin["emoji"] for one in data for skin in one.get("skins", [])]
    assert len(offered) > 3900
    assert [emoji for emoji in offered if not is_emoji(emoji)] == []
    assert (VENDOR / "emoji-picker-element" / "i18n" / f"{language}.js").exists()
