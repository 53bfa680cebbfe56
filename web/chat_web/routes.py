"""Under which paths does a view answer? Under its own and under the prototype's, which ended in `.php`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint
from flask.typing import RouteCallable

View = TypeVar("View", bound=RouteCallable)


def route_with_php_alias(blueprint: Blueprint, path: str, method: str) -> Callable[[View], View]:
    """Register a view for `path` and `path.php` (`/` and `/index.php`)."""

    def register(view: View) -> View:
        for rule in (path, "/index.php" if path == "/" else f"{path}.php"):
            blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
        return view

    return register
