"""What does an endpoint take, and what may it answer? A view's parameters and its return type say it.

The same types parse a request and describe it in `docs/openapi.json` (see script/contract_web.py), so that the two
cannot differ.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_type_hints

import msgspec
from flask import Blueprint, Response

from .. import rates
from ..routes import route_with_php_alias
from ..sessions import get_current_login
from .fields import read_fields, read_query

FOR_EVERY_REQUEST = ("bad_request", "wrong_address", "too_large", "unavailable")
FOR_EVERY_CHANGE = ("forbidden",)
View = Callable[..., Response]


@dataclass(frozen=True)
class Endpoint:
    """One method of one path of the contract."""

    method: str
    path: str  # it answers under the same with `.php` as well
    doc: str
    query: type[msgspec.Struct] | None
    fields: type[msgspec.Struct] | None
    needs_login: bool
    answer: Any  # a type of answers.py, or several; bytes where it is a file
    status: int
    refusals: tuple[str, ...]  # the codes of all of them
    headers: Mapping[str, str] = field(default_factory=dict)  # that a successful answer may have, and what they say
    count: Callable[[int], None] = rates.count_write  # counts a request with a login that is no GET, for its user
    leads_to_page: bool = True  # a form is answered with the way to one
    media: str = "application/json"

    @property
    def is_change(self) -> bool:
        """Say whether it may change something; then a form may come too."""
        return self.method == "POST"


ENDPOINTS: list[Endpoint] = []
"""All endpoints below /backend/, as soon as their modules are imported."""


def endpoint(
    blueprint: Blueprint,
    method: str,
    name: str,
    *refusals: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Callable[[View], View]:
    """Register a view for `/backend/<name>`, given what its parameters ask for, and add it to ENDPOINTS.

    `login`: the live login, else 401; a change counts for its user (429). `query` and `fields`: the query or body as
    the structure that the parameter's type names, else 400. The view returns `Answer[Body]`, where successful with
    `status`; `refusals` are the codes that the view itself may raise, `headers` describes those that it may add;
    `more` are further fields of Endpoint.
    """

    def register(view: View) -> View:
        described = _describe(method, f"/backend/{name}", view, refusals, status, headers or {})
        described = dataclasses.replace(described, **more)
        ENDPOINTS.append(described)

        @functools.wraps(view)
        def answer() -> Response:
            return view(**_read_parameters(described))

        route_with_php_alias(blueprint, described.path, method)(answer)
        return view

    return register


def _read_parameters(described: Endpoint) -> dict[str, object]:
    given: dict[str, object] = {}
    if described.needs_login:
        given["login"] = login = get_current_login()
        if described.is_change:
            described.count(login.user_id)
    if described.query is not None:
        given["query"] = read_query(described.query)
    if described.fields is not None:
        given["fields"] = read_fields(described.fields)
    return given


def _describe(
    method: str, path: str, view: View, refusals: tuple[str, ...], status: int, headers: Mapping[str, str]
) -> Endpoint:
    types = get_type_hints(view)
    is_change, needs_login = method == "POST", "login" in types
    always = FOR_EVERY_REQUEST + (FOR_EVERY_CHANGE if is_change else ())
    with_login = ("not_logged_in", *(("rate_limited",) if is_change else ())) if needs_login else ()
    return Endpoint(
        method=method,
        path=path,
        doc=view.__doc__ or "",
        query=types.get("query"),
        fields=types.get("fields"),
        needs_login=needs_login,
        answer=next(iter(get_args(types["return"])), None),
        status=status,
        refusals=tuple(dict.fromkeys((*always, *with_login, *refusals))),
        headers=headers,
    )
