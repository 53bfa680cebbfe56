"""How do many small modules of script reach the browser in one request?

Each is read as it is and wrapped into a function that returns what it exports; those it imports stand before it. So
every module keeps names of its own, and there is no build step. This looks at lines, not at the language: a module
imports by `import { a, b as c } from "./name.js";` at the beginning of a line, and exports where it declares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async function|function|class|const) (\w+))", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b(?!\().*", re.MULTILINE)


def join_modules(sources: Mapping[str, str], entry: str) -> str:
    """Return one module: `entry`, behind all that it imports, directly or not. What it holds it exports as `$name`.

    Raises ValueError where modules import each other in a circle, or one is written in another way than this can read.
    """
    names = order(sources, entry)[:-1]
    wrapped = [f"const ${name} = (() => {{\n{wrap(name, sources[name])}}})();\n" for name in names]
    exports = ", ".join(f"${name}" for name in names)
    # The entry has a scope of its own too: what it names must not hide a global from the others.
    body = f"await (async () => {{\n{take_imports(entry, sources[entry])}}})();\n"
    return "".join(wrapped) + body + f"export {{ {exports} }};\n"


def link_module(sources: Mapping[str, str], name: str, entry: str) -> str:
    """Return a module that is loaded later, behind what it alone imports; the rest comes from what `entry` became."""
    here = set(order(sources, entry))
    own = [module for module in order(sources, name)[:-1] if module not in here]
    used = {match[2] for module in (*own, name) for match in IMPORT.finditer(sources[module])}
    places = ", ".join(f"${module}" for module in sorted(used - set(own)))
    wrapped = [f"const ${module} = (() => {{\n{wrap(module, sources[module])}}})();\n" for module in own]
    return f'import {{ {places} }} from "./{entry}.js";\n{"".join(wrapped)}{_bind(sources[name])}'


def order(sources: Mapping[str, str], entry: str) -> list[str]:
    """Return the names of `entry` and all that it imports, each behind those that it imports."""
    done: list[str] = []
    under_way: list[str] = []

    def visit(name: str) -> None:
        if name in under_way:
            raise ValueError(f"modules import each other in a circle: {' → '.join([*under_way, name])}")
        if name in done:
            return
        under_way.append(name)
        for match in IMPORT.finditer(sources[name]):
            visit(match[2])
        under_way.pop()
        done.append(name)

    visit(entry)
    return done


def wrap(name: str, source: str) -> str:
    """Return the body of a function that runs a module and returns what it exports."""
    exports = [match[2] for match in EXPORT.finditer(source)]
    body = EXPORT.sub(r"\1", source)
    return f"{take_imports(name, body)}return {{ {', '.join(exports)} }};\n"


def take_imports(name: str, source: str) -> str:
    """Return the source of a module with its imports taken from the modules before it. Raises ValueError, see above."""
    bound = _bind(source)
    if left := LEFT.search(bound):
        raise ValueError(f"{name}.js: cannot be joined with others: {left[0]}")
    return bound


def _bind(source: str) -> str:
    def bind(match: re.Match[str]) -> str:
        names = ", ".join(name.strip().replace(" as ", ": ") for name in match[1].split(",") if name.strip())
        return f"const {{ {names} }} = ${match[2]};\n"

    return IMPORT.sub(bind, source)
