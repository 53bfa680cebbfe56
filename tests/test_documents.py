"""The documents say what is there: every setting, command and file that they name exists, and none is left out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from chat_web import commands

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "db/migrations/README.md",
    *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
READS_SETTING = re.compile(r'settings\.(?:text|secret|number|whole|port|switch|one_of|networks|origin)\(\s*"([A-Z_]+)"')
READS_RATE = re.compile(r'rate\(settings, "([A-Z_]+)"')
FOLDERS = r"tests|deploy|web|ws-server|db|script|docs"

# Which test runs a command of the documents, by how the command begins.
RUN_BY = {
    "docker compose up": "tests/docker/test_compose.py::test_two_people_register_log_in_and_talk",
    "docker compose logs web": "tests/docker/test_compose.py::test_the_log_begins_with_the_address_to_open",
    "docker compose down -v": "tests/docker/test_compose.py::test_down_with_volumes_leaves_nothing",
    "docker compose down": "tests/docker/test_compose.py::test_data_and_logins_survive_down_and_up",
    "docker compose stop": "tests/docker/test_documents.py::test_a_backup_brings_everything_back",
    "docker compose run": "tests/docker/test_documents.py::test_a_backup_brings_everything_back",
    "install -d -m 0700 backup": "tests/docker/test_documents.py::test_a_backup_brings_everything_back",
    "PUBLIC_URL=https://chat.example docker compose": "tests/docker/test_tls.py::test_two_people_talk_over_one_origin",
    "docker compose -f docker-compose.yml -f deploy/tls.yml exec caddy cat": (
        "tests/docker/test_tls.py::test_the_door_ends_by_itself_and_keeps_its_authority"
    ),
    "install -d -m 0700 secrets": (
        "tests/docker/test_secrets.py::test_a_password_from_a_secret_is_used_and_shown_nowhere"
    ),
    "docker compose -f docker-compose.yml -f deploy/secrets.yml up": (
        "tests/docker/test_secrets.py::test_a_password_from_a_secret_is_used_and_shown_nowhere"
    ),
    "docker compose exec web flask": ("tests/docker/test_documents.py::test_the_command_line_does_what_is_said_of_it"),
    "python ws-server/examples/terminal_chat.py": "tests/examples/test_terminal_chat.py::test_",
    "script/server": "tests/test_script_server.py::test_",
    "script/bench": "tests/bench/test_bench.py::test_",
}
# A program of ours that a developer runs by hand: it is there, and knows the options that are named.
BY_HAND = (
    "script/test",
    "script/update",
    "script/page-speed",
    "script/lighthouse",
    "script/screenshots",
    "script/contract",
)
# Programs of others, to get or to prepare something.
OF_OTHERS = ("git pull", "pip install websockets", ".local/venv-dev/bin/pre-commit install")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """The text of a document below a heading, up to the next one."""
    return read(name).partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands_of(name: str) -> list[str]:
    """The commands of a document: the lines that are set off by four spaces, without their comments."""
    lines = re.findall(r"^    ([a-zA-Z./].*)$", re.sub(r"```.*?```", "", read(name), flags=re.DOTALL), re.MULTILINE)
    return [line.partition(" #")[0].strip() for line in lines]


def settings_in_code() -> set[str]:
    sources = [*(ROOT / "db/chat_db").glob("*.py"), *(ROOT / "web/chat_web").glob("*.py")]
    sources += (ROOT / "ws-server/chat_ws").glob("*.py")
    texts = [path.read_text(encoding="utf-8") for path in sources]
    return {name for text in texts for pattern in (READS_SETTING, READS_RATE) for name in pattern.findall(text)}


def first_column(text: str) -> set[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_setting_is_documented_and_in_the_example() -> None:
    known = settings_in_code()
    assert len(known) > 25
    assert first_column(section("docs/self-hosting.md", "Settings")) - {"TZ"} == known
    inside = {"DB_HOST", "DB_SOCKET", "SESSION_DIR", "WEB_HOST", "WEB_PUBLISHED_PORT", "WS_HOST"}  # compose sets these
    assert {name for name in known - inside if f"\n#{name}=" not in read(".env.example")} == set()


def test_every_setting_reaches_its_container() -> None:
    inside = {"DB_SOCKET", "SESSION_DIR"}  # the images' own
    compose = read("docker-compose.yml")
    assert {name for name in settings_in_code() - inside if f"{name}:" not in compose} == set()


def test_the_readme_is_short_and_begins_with_how_to_start_and_to_test() -> None:
    lines = read("README.md").splitlines()
    assert len(lines) <= 100
    first_screen = "\n".join(lines[:25])
    assert "    docker compose up --build" in first_screen
    assert "    script/test" in first_screen


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_is_run_by_a_test_or_is_a_program_with_that_option(name: str) -> None:
    for command in commands_of(name):
        runs = [test for start, test in RUN_BY.items() if command.startswith(start)]
        for path, _, test in (one.partition("::") for one in runs):
            assert f"def {test}" in read(path), test
        if runs or command.startswith(OF_OTHERS):
            continue
        assert command.startswith(BY_HAND), f"no test runs {command!r}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_program_that_is_named_can_be_run_and_knows_its_options(name: str) -> None:
    for program, arguments in re.findall(
        r"(?:^    |`)(script/[a-z-]+)(?![a-z_.])((?: --?[a-z-]+)*)", read(name), re.MULTILINE
    ):
        assert os.access(ROOT / program, os.X_OK), program
        for option in re.findall(r"--[a-z-]+", arguments):
            assert option in read(program), f"{program} {option}"


def test_the_command_line_is_documented() -> None:
    listed = set(re.findall(r"exec web flask ([a-z-]+) ", section("docs/self-hosting.md", "The command line")))
    assert listed == {command.name for command in vars(commands).values() if hasattr(command, "callback")}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_points_to_is_there(name: str) -> None:
    text = read(name)
    here = (ROOT / name).parent
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("http")]
    for path, _, heading in (link.partition("#") for link in links):
        target = here / path if path else ROOT / name
        assert target.exists(), path
        if heading:
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles]
    named = set(re.findall(rf"`((?:{FOLDERS})/[A-Za-z0-9_/.-]+)`", text))
    assert {path for path in named if not is_there(path)} == set()


def is_there(path: str) -> bool:
    """Say whether a file or folder exists; what CONTRIBUTING.md invents as an example need not."""
    invented = (
        "tests/ws/test_wave.py",
        "ws-server/chat_ws/handlers/waving.py",
        "tests/web/test_greet.py",
        "web/chat_web/backend/e_greet.py",
        "db/migrations/NNNN_name.sql",
    )
    return path in invented or (ROOT / path).exists()


def test_the_security_notes_name_the_test_of_each_promise() -> None:
    assert len(set(re.findall(r"`(tests/[a-z_/.]+)`", read("SECURITY.md")))) > 30
