"""Who knows the passwords and the key? Only the containers that need them, and nobody who reads a log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.compose import SERVICES, Compose, docker, inspect, logs
from tests.support.http import HttpClient

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

SECRET = "a secret from a file, with 'quotes\" and \\ in it"
KEYS = "/var/lib/chatapp/keys"
WARNING = "the database's password is the documented default"


@pytest.fixture
def with_secret(built: Compose, tmp_path: Path) -> Iterator[Compose]:
    """The same images and volumes with deploy/secrets.yml; an existing database takes the new password over."""
    tmp_path.chmod(0o700)
    file = tmp_path / "db_password"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o444)
    compose = Compose("deploy/secrets.yml", project=built.project, SECRETS_FOLDER=str(tmp_path))
    compose.up()
    yield compose
    compose.down()


def test_every_service_warns_while_the_default_password_is_in_use(compose: Compose) -> None:
    for service in SERVICES:
        warnings = [line for line in logs(compose.container(service)).splitlines() if WARNING in line]
        assert warnings, service
        assert all("WARNING" in line for line in warnings), warnings
        assert all("DB_PASSWORD" in line for line in warnings), warnings
        assert "chatpassword" not in logs(compose.container(service))


def test_a_password_from_a_secret_is_used_and_shown_nowhere(with_secret: Compose) -> None:
    browser = HttpClient(f"http://127.0.0.1:{with_secret.web_port}")
    assert browser.get("/healthz").status == 200
    assert HttpClient(f"http://127.0.0.1:{with_secret.ws_port}").get("/healthz").status == 200
    for service in SERVICES:
        container = with_secret.container(service)
        assert WARNING not in logs(container)
        shown = logs(container) + docker("top", container, "-eo", "pid,args") + json.dumps(inspect(container))
        assert SECRET not in shown
        assert json.dumps(SECRET)[1:-1] not in shown
        assert "db_password" in shown  # it is the right container: the file is named
    mysql = "MYSQL_PWD=chatpassword mysql --no-defaults --host=127.0.0.1 --user=chatuser -e 'SELECT 1'"
    with pytest.raises(AssertionError, match="Access denied"):
        with_secret.inside("db", "bash", "-c", mysql)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (("DB_PASSWORD=one", "DB_PASSWORD_FILE=/etc/hostname"), "DB_PASSWORD and DB_PASSWORD_FILE are both set"),
        (("DB_PASSWORD_FILE=/nothing",), "DB_PASSWORD_FILE: /nothing cannot be read"),
    ],
)
def test_a_secret_that_cannot_be_used_stops_the_service_and_is_named(
    built: Compose, service: str, settings: tuple[str, ...], complaint: str
) -> None:
    options = [f"--env={setting}" for setting in settings]
    with pytest.raises(AssertionError, match=complaint):
        docker("run", "--rm", *options, f"{built.project}-{service}")


def test_only_the_services_that_open_messages_have_the_key(compose: Compose) -> None:
    for service in SERVICES:
        mounts = inspect(compose.container(service))["Mounts"]
        volumes = {mount["Name"]: mount["Destination"] for mount in mounts if mount["Type"] == "volume"}
        with_key = {inside for name, inside in volumes.items() if name.endswith("_keys")}
        assert with_key == (set() if service == "db" else {KEYS})
    for service in ("web", "ws-server"):
        assert compose.inside(service, "stat", "--format=%a %u", KEYS, f"{KEYS}/message-keys") == "700 10001\n600 10001"
    key = compose.inside("web", "cat", f"{KEYS}/message-keys").split()[-1]
    compose.inside("db", "bash", "-c", '! grep -rqsF -e "$1" /var/lib/mysql /tmp /proc/1/environ', "-", key)
