"""Is there one schema, whichever way a database came to it?"""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

import pymysql
import pytest

from database import INIT_SQL, MIGRATIONS, Database
from schema import run_script
from stack import StartFailed
from tests.support.schema import numbered_files, required_version

SCHEMAS = Path(__file__).parent / "schema"
# The schema of each release is kept as it was.
RELEASED = {"before 1.0.0": 1, "1.0.0": 6, "1.1.0": 8, "1.2.0": 11, "1.3.0": 12}
VERSION_6 = SCHEMAS / "version_6.sql"


def tables(database: Database) -> dict[str, list[str]]:
    """Every table as its columns, keys and options; the order of columns is no difference that anybody sees."""
    names = [next(iter(row.values())) for row in database.query("SHOW TABLES")]
    return {name: definition(database, name) for name in names}


def definition(database: Database, table: str) -> list[str]:
    text = database.query(f"SHOW CREATE TABLE `{table}`")[0]["Create Table"]
    return sorted(line.strip(" ,") for line in re.sub(r" AUTO_INCREMENT=\d+", "", text).splitlines())


def versions(database: Database) -> list[int]:
    return [row["version"] for row in database.query("SELECT version FROM schema_version ORDER BY version")]


def test_init_sql_ends_with_the_version_of_the_last_migration(database: Database) -> None:
    assert versions(database) == [required_version()]


def test_migrations_are_numbered_without_a_gap_from_two_on() -> None:
    assert sorted(numbered_files(MIGRATIONS)) == list(range(2, required_version() + 1))


ALTER = re.compile(r"\bALTER\s+TABLE\b[^;']*", re.IGNORECASE)
WITHOUT_A_COPY = re.compile(
    r",\s*ALGORITHM\s*=\s*(INSTANT|INPLACE\s*,\s*LOCK\s*=\s*NONE)\s*$", re.IGNORECASE
)  # LOCK cannot be named beside INSTANT


def copying_alters(sql: str) -> list[str]:
    """Return the ALTERs that do not say that they neither copy a table nor make its writers wait."""
    text = re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)
    return [alter for alter in ALTER.findall(text) if not WITHOUT_A_COPY.search(alter)]


def test_every_alter_from_0009_on_says_how_so_that_a_copy_is_refused() -> None:
    """ADD COLUMN and ADD KEY in one ALTER rebuilt a million rows for 11 s, with every sender waiting."""
    for number, path in numbered_files(MIGRATIONS).items():
        assert number < 9 or copying_alters(path.read_text()) == [], path.name


@pytest.mark.parametrize(
    ("sql", "is_refused"),
    [
        ("ALTER TABLE users ADD COLUMN visits INT;", True),
        ("ALTER TABLE users ADD COLUMN visits INT, ALGORITHM = INSTANT;", False),
        ("alter table users add key visits (visits), algorithm=inplace, lock=none", False),
        ("ALTER TABLE users ADD KEY visits (visits), ALGORITHM = INPLACE;", True),
        ("ALTER TABLE users ADD KEY visits (visits), ALGORITHM = COPY;", True),
        ("-- ALGORITHM = INSTANT\nALTER TABLE users ADD COLUMN visits INT;", True),
        ("SET @step = IF(1, 'ALTER TABLE users DROP COLUMN visits', 'DO 0');", True),
        ("ALTER TABLE a ADD b INT, ALGORITHM = INSTANT; ALTER TABLE a ADD c INT;", True),
    ],
)
def test_an_alter_that_does_not_say_how_is_found(sql: str, is_refused: bool) -> None:
    assert bool(copying_alters(sql)) is is_refused


@pytest.mark.parametrize("release", RELEASED)
def test_a_volume_of_each_release_and_a_new_one_have_the_same_schema(tmp_path: Path, release: str) -> None:
    number = RELEASED[release]
    schema = SCHEMAS / f"version_{number}.sql"
    with Database(tmp_path / "old", init_sql=schema, migrations=up_to(number, tmp_path)) as old:
        old.query("INSERT INTO users (username, password) VALUES ('ada', 'x')")
    with Database(tmp_path / "old") as old, Database(tmp_path / "new", init_sql=INIT_SQL) as new:
        assert tables(old) == tables(new)
        assert versions(old) == list(range(number, required_version() + 1))
        assert old.query("SELECT username FROM users") == [{"username": "ada"}]


def test_choices_and_last_seen_times_of_release_1_0_0_are_kept(tmp_path: Path) -> None:
    with Database(tmp_path / "old", init_sql=VERSION_6, migrations=up_to(6, tmp_path)) as old:
        old.query(
            "INSERT INTO users (username, password, show_receipts, show_presence, last_seen_at) VALUES"
            " ('ada', 'x', TRUE, TRUE, '2026-11-20 12:34:56.789'), ('bob', 'x', FALSE, TRUE, NULL),"
            " ('eve', 'x', TRUE, FALSE, '2026-11-21 00:00:00')"
        )
    with Database(tmp_path / "old") as now:
        assert versions(now)[-1] == required_version()
        names = {row["username"]: row["id"] for row in now.query("SELECT id, username FROM users")}
        choices = [now.query("SELECT * FROM user_privacy WHERE user_id = %s", names[name]) for name in ("bob", "eve")]
        assert [(row["show_receipts"], row["show_presence"]) for (row,) in choices] == [(0, 1), (1, 0)]
        assert len(now.query("SELECT * FROM user_privacy")) == 2
        seen = now.query("SELECT user_id, last_seen_at FROM user_last_seen ORDER BY user_id")
        assert [(row["user_id"], row["last_seen_at"].isoformat(timespec="milliseconds")) for row in seen] == [
            (names["ada"], "2026-11-20T12:34:56.789"),
            (names["eve"], "2026-11-21T00:00:00.000"),
        ]


@pytest.mark.parametrize("cut_off", [False, True])
def test_receipts_of_release_1_1_0_are_kept_for_both_members(tmp_path: Path, cut_off: bool) -> None:
    with Database(tmp_path / "old", init_sql=SCHEMAS / "version_8.sql", migrations=up_to(8, tmp_path)) as old:
        old.query("INSERT INTO users (username, password) VALUES ('ada', 'x'), ('bob', 'x'), ('eve', 'x')")
        old.query(
            "INSERT INTO chats (user1_id, user2_id, user1_delivered_seq, user1_read_seq, user2_delivered_seq,"
            " user2_read_seq, user1_shown_delivered_seq, user1_shown_read_seq, user2_shown_delivered_seq,"
            " user2_shown_read_seq) SELECT a.id, b.id, 9, 8, 7, 6, 5, 4, 3, 2 FROM users a, users b"
            " WHERE a.username = 'bob' AND b.username IN ('ada', 'eve')"
        )
        if cut_off:  # after the copy, and then 1.1.0 went on with it
            with contextlib.closing(old.connect()) as connection:
                run_script(connection, numbered_files(MIGRATIONS)[9].read_text())
            old.query("UPDATE chats SET user1_read_seq = 9")
    with Database(tmp_path / "old") as now:
        rows = now.query(
            "SELECT c.id, u.username, m.delivered_seq, m.read_seq, m.shown_delivered_seq, m.shown_read_seq"
            " FROM members m JOIN users u ON u.id = m.user_id JOIN chats c ON c.id = m.chat_id ORDER BY 1, 2"
        )
    bobs = ("bob", 9, 9 if cut_off else 8, 5, 4)
    assert [tuple(row.values())[1:] for row in rows] == [("ada", 7, 6, 3, 2), bobs, bobs, ("eve", 7, 6, 3, 2)]


@pytest.mark.parametrize("number", range(7, required_version() + 1))
def test_a_start_that_was_cut_off_after_a_migration_runs_it_again(tmp_path: Path, number: int) -> None:
    """Its statements are done and committed, but the runner has not noted so yet."""
    with Database(tmp_path / "old", init_sql=VERSION_6, migrations=up_to(number, tmp_path)) as old:
        old.query("DELETE FROM schema_version WHERE version = %s", number)
    with Database(tmp_path / "old") as again, Database(tmp_path / "new") as new:
        assert tables(again) == tables(new)


def up_to(number: int, tmp_path: Path) -> Path:
    """Return a folder with the migrations up to this one, as an earlier release had them."""
    folder = tmp_path / f"up_to_{number}"
    folder.mkdir()
    for version, path in numbered_files(MIGRATIONS).items():
        if version <= number:
            shutil.copy(path, folder)
    return folder


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The release's migrations, to which a test adds the next ones."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def add(migrations: Path, step: int, sql: str) -> None:
    (migrations / f"{required_version() + step:04}_next.sql").write_text(sql)


def test_migrations_run_in_order_and_once(tmp_path: Path, migrations: Path) -> None:
    with Database(tmp_path / "database"):
        pass
    add(migrations, 1, "ALTER TABLE users ADD COLUMN visits INT NOT NULL DEFAULT 0;")
    add(
        migrations,
        2,
        "INSERT INTO users (username, password, visits) VALUES ('ada', 'x', 1); UPDATE users SET visits = 2;",
    )
    for _ in range(2):
        with Database(tmp_path / "database", migrations=migrations) as database:
            assert database.query("SELECT visits FROM users") == [{"visits": 2}]
            assert versions(database)[-2:] == [required_version() + 1, required_version() + 2]


def test_a_migration_that_failed_is_tried_again_at_the_next_start(tmp_path: Path, migrations: Path) -> None:
    add(migrations, 1, "ALTER TABLE nowhere ADD COLUMN visits INT;")
    database = Database(tmp_path / "database", migrations=migrations)
    name = f"{required_version() + 1:04}_next.sql"
    with pytest.raises(
        StartFailed, match=f"{name} failed; the schema stays at version {required_version()}"
    ) as refused:
        database.start()
    assert "nowhere" in str(refused.value)
    assert not database.process.is_running

    add(migrations, 1, "ALTER TABLE users ADD COLUMN visits INT;")
    with database:
        assert versions(database)[-1] == required_version() + 1


def test_a_volume_of_a_later_release_is_refused(tmp_path: Path) -> None:
    with Database(tmp_path / "database") as database:
        database.query("INSERT INTO schema_version (version) VALUES (%s)", required_version() + 1)
    with pytest.raises(StartFailed, match="knows only"):
        database.start()


def test_a_release_with_a_gap_in_its_migrations_is_refused(tmp_path: Path, migrations: Path) -> None:
    with Database(tmp_path / "database"):
        pass
    add(migrations, 2, "DO 0;")
    with pytest.raises(StartFailed, match=f"no migration {required_version() + 1}"):
        Database(tmp_path / "database", migrations=migrations).start()


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    database = Database(tmp_path / "database")
    with database:
        database.query("DROP DATABASE chat_app")
        with contextlib.closing(database.connect(database=None)) as connection:
            run_script(connection, "CREATE DATABASE chat_app; CREATE TABLE chat_app.notes (id INT)")
    with pytest.raises(StartFailed, match="not a database of ChatApp"):
        database.start()


def test_rights_that_somebody_gave_the_applications_user_end_at_the_next_start(tmp_path: Path) -> None:
    with Database(tmp_path / "database") as database:
        database.query("GRANT ALL PRIVILEGES ON *.* TO 'chatuser'@'%'")
    with database:
        grants = [next(iter(row.values())) for row in database.query("SHOW GRANTS FOR 'chatuser'@'%'")]
    assert [grant.split(" ON ")[0] for grant in grants] == ["GRANT USAGE", "GRANT SELECT, INSERT, UPDATE, DELETE"]


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE messages",
        "CREATE TABLE notes (id INT)",
        "ALTER TABLE users ADD COLUMN admin INT",
        "TRUNCATE users",
        "CREATE USER mallory",
        "SELECT * FROM mysql.user",
        "SELECT LOAD_FILE('/etc/passwd') FROM mysql.user",
    ],
)
def test_the_applications_user_can_only_read_and_write_rows(database: Database, statement: str) -> None:
    connection = pymysql.connect(
        unix_socket=str(database.socket), user=database.user, password=database.password, database=database.name
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM users")
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            cursor.execute(statement)
