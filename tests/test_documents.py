"""The documents say what is there: every setting, command and file that they name exists, and none is left out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

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

# Which test runs a command of the documents, and what in that test's file runs it.
COMMAND_LINE = (
    "tests/docker/test_documents.py::test_the_command_line_does_what_is_said_of_it",
    'commands("docs/self-hosting.md", "The command line")',
)
README = (
    "tests/docker/test_documents.py::test_the_commands_of_the_readme_start_show_stop_and_remove_it",
    'commands("README.md", "Start")',
)
BACKUP = (
    "tests/docker/test_documents.py::test_a_backup_brings_everything_back",
    'run_all(compose, tmp_path, "Backup")',
)
RESTORE = (BACKUP[0], 'run_all(compose, tmp_path, "Restore")')
LANGUAGE = (
    "tests/test_documents.py::test_the_commands_for_a_new_language_make_its_catalogue",
    'commands_of("CONTRIBUTING.md", "Add a language")',
)
FILES = "docker compose run --rm --no-deps -T --entrypoint tar web -C /var/lib/chatapp/files"
RUN_BY = {
    "docker compose up --build": (README[0], '"docker compose up --build"'),
    "docker compose up --build -d": README,
    "docker compose logs web": README,
    "docker compose down": README,
    "docker compose down -v": README,
    "docker compose ps": (README[0], '"docker compose ps"'),
    "docker compose logs db": (README[0], '"docker compose logs db"'),
    "docker compose exec web flask --help": (COMMAND_LINE[0], '"docker compose exec web flask --help"'),
    "docker compose exec web flask": COMMAND_LINE,
    "install -d -m 0700 backup": BACKUP,
    "docker compose stop": BACKUP,
    "docker compose run --rm --no-deps -T --entrypoint tar db -C /var/lib/mysql -c . > backup/database.tar": BACKUP,
    f"{FILES} -c . > backup/files.tar": BACKUP,
    "docker compose run --rm --no-deps -T --entrypoint tar web -C /var/lib/chatapp/keys -c . > backup/keys.tar": BACKUP,
    "docker compose run --rm --no-deps -T --entrypoint tar db -C /var/lib/mysql -x < backup/database.tar": RESTORE,
    f"{FILES} -x < backup/files.tar": RESTORE,
    "docker compose run --rm --no-deps -T --entrypoint tar web -C /var/lib/chatapp/keys -x < backup/keys.tar": RESTORE,
    "docker compose run --rm -T web flask restored": RESTORE,
    # For https://localhost: nobody gets a certificate for chat.example.
    "PUBLIC_URL=https://chat.example docker compose -f docker-compose.yml -f deploy/tls.yml up --build": (
        "tests/docker/test_tls.py::test_two_people_talk_over_one_origin",
        '"deploy/tls.yml",',
    ),
    "docker compose -f docker-compose.yml -f deploy/tls.yml exec caddy cat"
    " /data/caddy/pki/authorities/local/root.crt": (
        "tests/docker/test_tls.py::test_the_door_ends_by_itself_and_keeps_its_authority",
        '"cat", "/data/caddy/pki/authorities/local/root.crt"',
    ),
    "install -d -m 0700 secrets && openssl rand -base64 24 > secrets/db_password && chmod 0444 secrets/db_password": (
        "tests/test_documents.py::test_the_command_for_a_secret_makes_a_file_for_nobody_else",
        'commands_of("docs/self-hosting.md", "Secrets")',
    ),
    "docker compose -f docker-compose.yml -f deploy/secrets.yml up --build": (
        "tests/docker/test_secrets.py::test_a_password_from_a_secret_is_used_and_shown_nowhere",
        'Compose("deploy/secrets.yml",',
    ),
    ".local/venv-dev/bin/pybabel extract -F babel.cfg -k t -k tn:1,2 --no-wrap --add-location=file --sort-by-file"
    " -o messages.pot .": LANGUAGE,
    ".local/venv-dev/bin/pybabel init -i messages.pot -d web/chat_web/translations -l de": LANGUAGE,
    "rm messages.pot": LANGUAGE,
    "script/server": (
        "tests/test_script_server.py::test_one_line_says_where_it_is_and_a_person_can_register",
        'ROOT / "script" / "server"',
    ),
    "script/test -k name": (
        "tests/test_script_test.py::test_arguments_of_pytest_choose_the_tests",
        'ROOT / "script/test", "-k"',
    ),
    "script/bench": ("tests/bench/test_bench.py::test_every_target_is_judged", 'ROOT / "script/bench"'),
    "script/bench --against COMMIT": (
        "tests/bench/test_bench.py::test_a_commit_is_measured_beside_this_checkout",
        'bench("--quick", "--against", "HEAD"',
    ),
    "script/bench --only reactions": (
        "tests/bench/test_bench.py::test_a_commit_is_measured_beside_this_checkout",
        '"--only", only',
    ),
    "script/bench --misuse": (
        "tests/bench/test_bench.py::test_a_storm_is_measured_beside_a_quiet_server",
        'bench("--misuse"',
    ),
    # With fewer messages and tries than the options of the program allow.
    "script/bench --growth": (
        "tests/bench/test_growth.py::test_a_small_fill_goes_through_everything_that_the_large_one_does",
        "measure_growth(",
    ),
}
# What no test runs, and why not.
WHOLE_SUITE = "it would run this test"
WHOLE_MACHINE = "it measures for minutes, and nothing else should run meanwhile"
REGISTRIES = "it asks package registries, and changes the locked files"
BY_HAND = {
    "script/test": WHOLE_SUITE,
    "script/test --fast": WHOLE_SUITE,
    "script/test --coverage": WHOLE_SUITE,
    "script/test --soak 30": "it takes half an hour; tests/faults runs the same scenarios for less",
    "script/update": REGISTRIES,
    "script/update --check": REGISTRIES,
    "script/page-speed": WHOLE_MACHINE,
    "script/lighthouse": WHOLE_MACHINE,
    "script/screenshots": "it changes docs/pictures",
    "script/contract": "it changes docs; tests/web/test_openapi.py and tests/unit/test_asyncapi.py make the same files",
    "docker compose build --pull": "it asks a registry for the base images",
    "git pull": "it changes this checkout",
    ".local/venv-dev/bin/pre-commit install": "it changes what git commit does in this checkout",
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """The text of a document below a heading, up to the next one."""
    return read(name).partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def commands_of(name: str, title: str = "") -> list[str]:
    """The commands of a document, or of one section: the lines that are set off as code, without their comments."""
    text = re.sub(r"```.*?```", "", section(name, title) if title else read(name), flags=re.DOTALL)
    lines = re.findall(r"^(?: {4}| {7})([a-zA-Z./].*)$", text, re.MULTILINE)
    return [line.partition(" #")[0].strip() for line in lines]


def commands_in_sentences(name: str) -> list[str]:
    return re.findall(r"`((?:docker compose|script/[a-z-]+)(?: [^`]+)?)`", read(name))


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


def known_as(command: str) -> str:
    """The command as RUN_BY names it: the command line's are run from their section, whichever they are."""
    shorter = "docker compose exec web flask"
    return shorter if command.startswith(shorter) and command not in RUN_BY else command


def test_every_command_is_run_by_a_test_or_the_reason_why_not_is_given() -> None:
    found = {known_as(command) for name in DOCUMENTS for command in commands_of(name) + commands_in_sentences(name)}
    assert found - RUN_BY.keys() - BY_HAND.keys() - {"docker compose"} == set()
    assert (RUN_BY.keys() | BY_HAND.keys()) - found == set()
    assert RUN_BY.keys() & BY_HAND.keys() == set()


@pytest.mark.parametrize("command", RUN_BY)
def test_the_test_that_runs_a_command_is_there_and_runs_it(command: str) -> None:
    name, runs = RUN_BY[command]
    path, _, test = name.partition("::")
    assert f"def {test}(" in read(path)
    assert runs in read(path)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")
def test_the_command_for_a_secret_makes_a_file_for_nobody_else(tmp_path: Path) -> None:
    command = commands_of("docs/self-hosting.md", "Secrets")[0]
    subprocess.run(["bash", "-euc", command], cwd=tmp_path, check=True)
    secret = tmp_path / "secrets/db_password"
    assert len(secret.read_text()) > 30
    assert [path.stat().st_mode & 0o777 for path in (secret.parent, secret)] == [0o700, 0o444]


def test_the_commands_for_a_new_language_make_its_catalogue(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "web", tmp_path / "web")
    shutil.copy(ROOT / "babel.cfg", tmp_path)
    (tmp_path / ".local/venv-dev").mkdir(parents=True)
    (tmp_path / ".local/venv-dev/bin").symlink_to(Path(sys.executable).parent)
    for command in commands_of("CONTRIBUTING.md", "Add a language"):
        subprocess.run(["bash", "-euc", command], cwd=tmp_path, check=True, capture_output=True)
    texts = []
    for language in ("de", "it"):
        with (tmp_path / f"web/chat_web/translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
            texts.append({message.id for message in read_po(file)})
    assert texts[0] == texts[1]
    assert not (tmp_path / "messages.pot").exists()


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
            assert heading in [re.sub(r"[^a-z0-9_ -]", "", title.lower()).replace(" ", "-") for title in titles]
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
