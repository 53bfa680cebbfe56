"""Does the db container bring any volume to this release, or say why not?"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from database import MIGRATIONS, ROOT
from tests.support.compose import PROJECT, Compose, docker, inspect, logs, wait_for_health, wait_for_log
from tests.support.schema import required_version

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

PASSWORD = "chatpassword"
INSIDE = "/usr/local/lib/chatapp/migrations"
INIT = "/docker-entrypoint-initdb.d/10-schema.sql"


class Db:
    """One db container on a volume that outlives it."""

    def __init__(self, image: str) -> None:
        self.image = image
        self.name = f"{PROJECT}-{uuid.uuid4().hex[:8]}"

    def start(self, *options: str) -> None:
        """Start the container anew on the same volume."""
        self.remove()
        docker(
            *("run", "--detach", "--name", self.name, "--volume", f"{self.name}:/var/lib/mysql"),
            *("--health-interval=1s", "--health-start-period=60s", *options, self.image),
        )

    def sql(self, statement: str, password: str = PASSWORD) -> str:
        """Run SQL as the application's user; return the bare values."""
        command = 'MYSQL_PWD="$1" mysql --no-defaults --host=127.0.0.1 --user=chatuser -BN chat_app -e "$2"'
        return docker("exec", self.name, "bash", "-c", command, "-", password, statement)

    def versions(self) -> list[int]:
        return [int(word) for word in self.sql("SELECT version FROM schema_version ORDER BY version").split()]

    def refuses_to_be_healthy(self) -> None:
        """Assert that it has come as far as it does, and that its health check says no."""
        wait_for_log(self.name, "NOT ready for this release")
        wait_for_log(self.name, "port: 3306")
        with pytest.raises(AssertionError, match="the schema is version"):
            docker("exec", self.name, "/usr/local/lib/chatapp/healthcheck")

    def remove(self) -> None:
        with contextlib.suppress(AssertionError):
            docker("rm", "--force", self.name)

    def remove_all(self) -> None:
        self.remove()
        docker("volume", "rm", "--force", self.name)


@pytest.fixture
def db(built: Compose) -> Iterator[Db]:
    db = Db(f"{built.project}-db")
    yield db
    db.remove_all()


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """This release's migrations in a folder that a test adds the next ones to."""
    tmp_path.chmod(0o755)
    for file in MIGRATIONS.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text())
    return tmp_path


def add(migrations: Path, step: int, sql: str) -> str:
    name = f"{required_version() + step:04}_next.sql"
    (migrations / name).write_text(sql)
    return name


def test_a_volume_of_the_first_release_gets_the_schema_of_a_new_one(db: Db, tmp_path: Path) -> None:
    tables = (
        "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'chat_app' ORDER BY 1, 2"
    )
    db.start()
    wait_for_health(db.name)
    new = db.sql(tables)
    db.remove_all()

    (tmp_path / "none").mkdir()
    old_release = (f"{ROOT}/tests/db/schema/version_1.sql:{INIT}:ro", f"{tmp_path}/none:{INSIDE}:ro")
    db.start("--volume", old_release[0], "--volume", old_release[1])
    wait_for_health(db.name)
    assert db.versions() == [1]

    db.start()
    wait_for_health(db.name)
    assert db.versions() == list(range(1, required_version() + 1))
    assert db.sql(tables) == new


def test_migrations_run_in_order_and_once_and_a_failed_one_again(db: Db, migrations: Path) -> None:
    with_migrations = ("--volume", f"{migrations}:{INSIDE}:ro")
    db.start()
    wait_for_health(db.name)
    db.sql("INSERT INTO users (username, password) VALUES ('ada', 'x')")

    add(migrations, 1, "ALTER TABLE users ADD COLUMN visits INT NOT NULL DEFAULT 1;")
    failing = add(migrations, 2, "UPDATE nowhere SET visits = visits + 1;")
    db.start(*with_migrations)
    db.refuses_to_be_healthy()
    assert f"{failing} failed" in logs(db.name)
    assert "nowhere" in logs(db.name)
    assert db.versions()[-1] == required_version() + 1

    add(migrations, 2, "UPDATE users SET visits = visits + 1;")
    for _ in range(2):
        db.start(*with_migrations)
        wait_for_health(db.name)
        assert db.sql("SELECT visits FROM users") == "2"
        assert db.versions()[-2:] == [required_version() + 1, required_version() + 2]


def test_a_volume_of_a_later_release_is_never_healthy(db: Db) -> None:
    db.start()
    wait_for_health(db.name)
    db.sql(f"INSERT INTO schema_version (version) VALUES ({required_version() + 1})")
    db.start()
    db.refuses_to_be_healthy()
    assert "later release" in logs(db.name)


def test_sigterm_ends_a_container_that_is_migrating(db: Db, migrations: Path) -> None:
    db.start()
    wait_for_health(db.name)
    slow = add(migrations, 1, "SELECT SLEEP(60);")
    db.start("--volume", f"{migrations}:{INSIDE}:ro")
    wait_for_log(db.name, f"applying {slow}")
    docker("stop", "--time", "30", db.name)
    assert inspect(db.name)["State"]["ExitCode"] == 143, "Docker had to kill it"
    db.start()
    wait_for_health(db.name)
    assert db.versions()[-1] == required_version()


def test_a_first_start_that_was_cut_short_begins_again(db: Db) -> None:
    db.start()
    wait_for_log(db.name, "Initializing database files")
    docker("kill", db.name)
    docker("start", db.name)
    wait_for_health(db.name)
    assert db.versions() == [required_version()]


def test_a_changed_password_counts_from_the_next_start_whatever_is_in_it(db: Db) -> None:
    db.start()
    wait_for_health(db.name)
    password = """it's "a\\b" #1 $HOME `id` %s;--"""
    db.start("--env", f"DB_PASSWORD={password}")
    wait_for_health(db.name)
    assert db.sql("SELECT 1", password) == "1"
    with pytest.raises(AssertionError, match="Access denied"):
        db.sql("SELECT 1", PASSWORD)


def test_the_password_can_come_from_a_file(db: Db, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "password").write_text("from a file\n")
    inside = "/run/secrets/db_password"
    db.start("--volume", f"{tmp_path}/password:{inside}:ro", "--env", f"DB_PASSWORD_FILE={inside}")
    wait_for_health(db.name)
    assert db.sql("SELECT 1", "from a file") == "1"
    assert "from a file" not in logs(db.name)


@pytest.fixture(scope="module")
def new_db(built: Compose) -> Iterator[Db]:
    """One that no test changes; its root has the password `known`."""
    db = Db(f"{built.project}-db")
    db.start("--env", "MYSQL_ROOT_PASSWORD=known")
    wait_for_health(db.name)
    yield db
    db.remove_all()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE users",
        "CREATE TABLE notes (id INT)",
        "TRUNCATE users",
        "SELECT * FROM mysql.user",
        "CREATE USER eve",
    ],
)
def test_the_applications_user_can_only_read_and_write_rows(new_db: Db, statement: str) -> None:
    with pytest.raises(AssertionError, match="denied"):
        new_db.sql(statement)


def test_root_cannot_log_in_over_the_network(new_db: Db) -> None:
    as_root = ("exec", "--env", "MYSQL_PWD=known", new_db.name, "mysql", "--user=root", "--execute=SELECT 1")
    with pytest.raises(AssertionError, match="Access denied"):
        docker(*as_root, "--host=127.0.0.1")
    docker(*as_root)


def test_a_commit_is_on_the_disk_and_everything_is_utf8_and_utc(new_db: Db) -> None:
    settings = "@@innodb_flush_log_at_trx_commit, @@character_set_server, @@time_zone, @@log_bin"
    assert new_db.sql(f"SELECT {settings}").split() == ["1", "utf8mb4", "+00:00", "0"]
    assert inspect(new_db.name)["Config"]["User"] == "mysql"
