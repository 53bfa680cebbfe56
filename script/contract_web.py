"""What do web's endpoints take and answer, as OpenAPI 3.1? Written from the types that parse and answer.

`script/contract` puts the result into docs/openapi.json; a test fails where that file is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from chat_web.answers import Health, Refused
from chat_web.backend.endpoint import ENDPOINTS, FOR_EVERY_REQUEST, Endpoint
from chat_web.refusals import REASONS, REFUSALS, status_of
from contract_file import ROOT, Json, as_text, in_ecma, newest_version

FILE = ROOT / "docs" / "openapi.json"
ABOUT = """\
What ChatApp's pages use, and any program may. Each path below `/backend/` also answers with `.php` behind it, as in the
prototype (`/backend/e_login.php`): the same request, the same answer.

A body is a JSON object or the fields of a form; unknown fields are ignored. JSON is answered with JSON. A form is
answered with the way to a page (302), or with a page that says why not.

Who asks is the cookie that `e_login` sets: `session`, or `__Host-session` where PUBLIC_URL is https. WebSocket frames
are in asyncapi.json."""

HEALTH = Endpoint(
    method="GET",
    path="/healthz",
    doc="Say whether the service can do its work: it asks the database.",
    query=None,
    fields=None,
    needs_login=False,
    answer=Health,
    status=200,
    refusals=tuple(code for code in FOR_EVERY_REQUEST if code != "wrong_address"),
)
SHOWN = Endpoint(
    method="GET",
    path="/files/{file_id}",
    doc="Send a file to who may see it.\nIts type is that of its first bytes, of most `application/octet-stream`.",
    query=None,
    fields=None,
    needs_login=True,
    answer=bytes,
    status=200,
    refusals=(*FOR_EVERY_REQUEST, "not_logged_in", "forbidden", "not_found", "no_such_file"),
    headers=dict.fromkeys(("Content-Disposition", "ETag"), "As RFC 9110 has it."),
    media="*/*",
)
FILE_SCHEMA: Json = {}  # in OpenAPI 3.1, bytes that are no text have none
PAGE = {"text/html": {"schema": {"type": "string"}}}
ANY_BYTES = {"content": {"*/*": {"schema": FILE_SCHEMA}}}
SHOWN_MORE: Json = {  # what only a file has
    "operationId": "file",
    "parameters": [{"name": "file_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
}
SHOWN_PARTLY: Json = {
    "206": {"description": "One range of its bytes, as `Range` names it.", **ANY_BYTES},
    "304": {"description": "The copy that the client holds is good (`If-None-Match`)."},
    "416": {"description": "No byte of it is in the range.", **ANY_BYTES},
}
FORM_ANSWER = {
    "description": "A form: the way to a page, which also says why it was refused (`?error=<code>`).",
    "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
    "content": PAGE,
}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds until it is worth trying again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}


def describe() -> Json:
    """Return the whole document."""
    endpoints = [*ENDPOINTS, SHOWN, HEALTH]
    schemas = _schemas(endpoints)
    schemas["Refused"]["properties"]["code"]["enum"] = list(REFUSALS)
    schemas["Refused"]["properties"]["reason"]["enum"] = list(REASONS)
    paths: Json = {endpoint.path: {endpoint.method.lower(): _operation(endpoint)} for endpoint in endpoints}
    shown = paths[SHOWN.path]["get"] | SHOWN_MORE
    paths[SHOWN.path]["get"] = shown | {"responses": dict(sorted({**shown["responses"], **SHOWN_PARTLY}.items()))}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ChatApp",
            "version": newest_version(),
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "session"}},
        },
    }


def _refer(kinds: list[Any]) -> tuple[list[Json], dict[str, Json]]:
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return in_ecma(list(schemas)), in_ecma(components)


def _schemas(endpoints: list[Endpoint]) -> dict[str, Json]:
    bodies = [kind for endpoint in endpoints for kind in (endpoint.fields, endpoint.answer) if kind is not None]
    return _refer([*bodies, Refused])[1]


def _operation(endpoint: Endpoint) -> Json:
    summary, _, more = endpoint.doc.partition("\n")
    operation: Json = {
        "operationId": endpoint.path.rpartition("/")[2] if endpoint.path != "/healthz" else "healthz",
        "summary": summary,
        "description": " ".join(more.split()),
        "security": [{"session": []}] if endpoint.needs_login else [{}, {"session": []}],
        "responses": dict(sorted(_responses(endpoint))),
    }
    if endpoint.query is not None:
        operation["parameters"] = list(_parameters(endpoint.query))
    if endpoint.fields is not None:
        schema = _refer([endpoint.fields])[0][0]
        kinds = ("application/json", "application/x-www-form-urlencoded")
        operation["requestBody"] = {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}
    return {name: value for name, value in operation.items() if value}


def _parameters(kind: type[msgspec.Struct]) -> Iterator[Json]:
    _, components = _refer([kind])
    schema = components[kind.__name__]
    for name, described in schema["properties"].items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": described}


def _responses(endpoint: Endpoint) -> Iterator[tuple[str, Json]]:
    """Each status that an endpoint answers with, and what comes with it."""
    schema = FILE_SCHEMA if endpoint.answer is bytes else _refer([endpoint.answer])[0][0]
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in endpoint.headers.items()}
    yield (
        str(endpoint.status),
        {
            "description": "It is done.",
            **({"headers": headers} if headers else {}),
            "content": {endpoint.media: {"schema": schema}},
        },
    )
    if endpoint.is_change and endpoint.leads_to_page:
        yield "302", FORM_ANSWER
    for status, codes in groupby(sorted(endpoint.refusals, key=status_of), key=status_of):
        yield str(status), _refused(status, list(codes), endpoint.is_change)


def _refused(status: int, codes: list[str], may_be_form: bool) -> Json:
    with_codes = {"properties": {"code": {"enum": codes}}}
    content: Json = {"application/json": {"schema": {"allOf": [_refer([Refused])[0][0], with_codes]}}}
    return {
        "description": " ".join(f"`{code}`: {REFUSALS[code][1]}" for code in codes),
        **({"headers": RETRY_AFTER} if status in (429, 503) else {}),
        "content": {**content, **PAGE} if may_be_form else content,
    }


if __name__ == "__main__":
    FILE.write_text(as_text(describe()), encoding="utf-8")
