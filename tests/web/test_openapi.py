"""Is docs/openapi.json what the endpoints are? It is as fresh as the code, and a running server keeps to it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, given, seed, settings
from hypothesis.strategies import booleans
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import contract_web
from contract_file import as_text
from stack import Stack
from tests.conftest import StackMaker
from tests.support.file_samples import png
from tests.support.http import HttpClient
from tests.support.people import PASSWORD, People, Person
from tests.support.shared_files import upload

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENT = contract_web.describe()
SEED = 20261124
OPERATIONS = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
# Each of these hashes a password, which takes a quarter of a second on purpose.
SLOW = ("e_register", "e_login", "e_change_password", "e_delete_account")
NEVER_DONE = ("e_login", "e_register", "e_reset_password", "e_delete_account", "e_change_password")
HOW_MANY, HOW_MANY_SLOW = 30, 8  # requests that fit the file, and as many that do not


def test_the_file_is_what_the_endpoints_are() -> None:
    written = contract_web.FILE.read_text(encoding="utf-8")
    assert written == as_text(DOCUMENT), "run script/contract"


def test_the_file_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_to_a_stranger_is_in_the_file(stack: Stack, ada: Person, operation: str) -> None:
    statuses = fire(
        stack, operation, cookies={}, known={"username": ada.name, "password": PASSWORD}, count=count_for(operation)
    )
    if {} not in operation_of(operation)["security"]:
        assert set(statuses) <= {400, 401} | ({404} if operation.endswith("}") else set())  # a path that is none


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_to_a_user_is_in_the_file(
    stack: Stack, ada: Person, bob: Person, chat: int, operation: str
) -> None:
    known = {"chat_id": chat, "user_id": bob.id, "username": bob.name, "old_password": PASSWORD}
    if operation.endswith("{file_id}"):
        known["file_id"] = upload(stack, chat, ada, png()).id
    if operation.endswith("/e_end_device"):
        known["id"] = other_device(stack, ada)
    statuses = fire(stack, operation, cookies=ada.http.cookies, known=known, count=count_for(operation))
    # One may end the login that asks, and wrong credentials are a 401 of their own.
    assert 401 not in statuses or operation.endswith(("/e_login", "/e_end_device"))
    if not operation.endswith(NEVER_DONE):
        assert {200, 201, 302} & set(statuses)


def test_every_answer_under_the_usual_limits_is_in_the_file(own_stack: StackMaker) -> None:
    stack = own_stack(limits=True, LIMIT_LOOKUPS="2/minute", LIMIT_WRITES="2/minute")
    ada = People(stack).register("ada")
    known = {"username": ada.name}
    statuses = {
        operation: [
            status for cookies in ({}, ada.http.cookies) for status in fire(stack, operation, cookies, known, 4)
        ]
        for operation in OPERATIONS
        if not operation.endswith(SLOW)
    }
    limited = {operation.rpartition("/")[2] for operation, answers in statuses.items() if 429 in answers}
    assert limited >= {"check_user_existence", "e_block", "e_privacy", "e_invite"}


def other_device(stack: Stack, person: Person) -> int:
    """Log somebody in elsewhere; return that login's id."""
    person.log_in(HttpClient(stack.web.url))
    devices = person.http.get("/backend/get_account").json()["devices"]
    return int(next(device["id"] for device in devices if not device["is_current"]))


def count_for(operation: str) -> int:
    return HOW_MANY_SLOW if operation.endswith(SLOW) else HOW_MANY


def operation_of(operation: str) -> dict[str, Any]:
    method, _, path = operation.partition(" ")
    described: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]
    return described


def fire(stack: Stack, operation: str, cookies: dict[str, str], known: dict[str, Any], count: int) -> list[int]:
    """Send requests that fit an operation and requests that do not; return the statuses of the answers.

    Every other one names what is there, where it has a field for it: fields of `known`.
    """
    method, _, path = operation.partition(" ")
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.config.update(base_url=stack.web.url)
    statuses: list[int] = []

    def send(case: Case[Any], names_known: bool) -> None:
        for fields in (case.query, case.body, case.path_parameters):
            if names_known and isinstance(fields, dict):
                fields.update({name: value for name, value in known.items() if name in fields})
        response = case.call(cookies=cookies, allow_redirects=False)
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    takes_something = {"parameters", "requestBody"} & set(operation_of(operation))
    for mode in schemathesis.GenerationMode if takes_something else [schemathesis.GenerationMode.POSITIVE]:
        cases = schema[path][method].as_strategy(generation_mode=mode)
        bounded = settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
        seed(SEED)(bounded(given(cases, booleans())(send)))()
    return statuses
