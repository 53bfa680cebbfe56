"""The README says what the code does: every setting, endpoint, frame and code is in it, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from chat_web import ENDPOINTS, commands
from chat_web.refusals import REFUSALS
from chat_ws import events, protocol

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
READS_SETTING = re.compile(r'settings\.(?:text|secret|number|whole|port|switch|one_of|networks|origin)\(\s*"([A-Z_]+)"')
READS_RATE = re.compile(r'rate\(settings, "([A-Z_]+)"')


def section(title: str) -> str:
    """The text below a heading, up to the next one."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def settings_in_code() -> set[str]:
    sources = [*(ROOT / "db/chat_db").glob("*.py"), *(ROOT / "web/chat_web").glob("*.py")]
    sources += (ROOT / "ws-server/chat_ws").rglob("*.py")
    texts = [path.read_text(encoding="utf-8") for path in sources]
    return {name for text in texts for pattern in (READS_SETTING, READS_RATE) for name in pattern.findall(text)}


def first_column(text: str) -> set[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_setting_is_in_the_readme_and_in_the_example() -> None:
    known = settings_in_code()
    assert len(known) > 25
    assert first_column(section("Settings")) - {"TZ"} == known
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    inside = {"DB_HOST", "DB_SOCKET", "SESSION_DIR", "WEB_HOST", "WEB_PUBLISHED_PORT", "WS_HOST"}  # compose sets these
    assert {name for name in known - inside if f"\n#{name}=" not in example} == set()


def test_every_setting_reaches_its_container() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    inside = {"DB_SOCKET", "SESSION_DIR"}  # the images' own
    assert {name for name in settings_in_code() - inside if f"{name}:" not in compose} == set()


def test_every_endpoint_is_in_the_readme() -> None:
    listed = {name.split()[-1] for name in first_column(section("Endpoints"))}
    made = {module.__name__.rpartition(".")[2] for module in ENDPOINTS}
    assert listed == made | {"e_unblock"}


def test_every_frame_is_in_the_readme() -> None:
    text = section("WebSocket")
    assert first_column(text) == protocol.FRAME_TYPES
    frames = [
        value for value in (*vars(protocol).values(), *vars(events).values()) if hasattr(value, "__struct_config__")
    ]
    tags = {frame.__struct_config__.tag for frame in frames} - {None}
    assert tags
    assert {tag for tag in tags if f"`{tag}`" not in text} == set()


def test_every_code_is_in_the_readme() -> None:
    codes = set(re.findall(r"`([a-z_]+)`", section("Endpoints").partition("Codes:")[2]))
    assert codes == set(REFUSALS)
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ws-server/chat_ws").rglob("*.py"))
    used = set(re.findall(r'(?:Refusal|Refused)\(\s*"([a-z_]+)"', sources)) | {"client_id_reused", "not_authenticated"}
    listed = section("WebSocket").partition("Error codes:")[2].partition("Close codes:")[0]
    assert set(re.findall(r"`([a-z_]+)`", listed)) == used


def test_the_commands_of_the_readme_exist() -> None:

    listed = set(re.findall(r"exec web flask ([a-z-]+)", README)) | {"enable"}
    made = {command.name for command in vars(commands).values() if hasattr(command, "callback")}
    assert listed == made
    for script in re.findall(r"^    (script/\w+)", README, re.MULTILINE):
        assert (ROOT / script).exists()


def test_what_the_readme_and_security_notes_point_to_is_there() -> None:
    for name in ("README.md", "SECURITY.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")]
        links += re.findall(r"`(tests/[^`]+|deploy/[^`]+)`", text)
        assert {link for link in links if not (ROOT / link).exists()} == set()


def test_every_test_that_security_md_names_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[a-z_/.]+)`", text))
    assert len(named) > 30
    assert {name for name in named if not (ROOT / name).exists()} == set()
