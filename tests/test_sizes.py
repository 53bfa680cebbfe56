"""A file is read from its beginning to its end, and a function fits on a screen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE, FUNCTION = 300, 40  # lines
PYTHON = ["db", "web", "ws-server", "script", "tests/bench"]
SCRIPTS = "web/chat_web/static/js"

REASONS = {  # why a file is longer
    "ws-server/examples/terminal_chat.py": "an example: one file, copied to another machine and started there",
}

# Biome puts a function's end below its beginning, as far from the edge.
BEGIN = re.compile(r"^( *)(?! |(?:\} )?(?:if|else|for|while|switch|catch)\b)(?:.*\)|.*=>) \{$")


def files() -> list[Path]:
    python = [path for folder in PYTHON for path in (ROOT / folder).rglob("*.py")]
    return sorted([*python, *(ROOT / SCRIPTS).rglob("*.js")])


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the functions of a file: each one's first line and how many lines it has."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield lines[node.lineno - 1], (node.end_lineno or node.lineno) - node.lineno + 1
        return
    for first, line in enumerate(lines):
        if begin := BEGIN.match(line):
            end = next(last for last in range(first + 1, len(lines)) if lines[last].startswith(f"{begin[1]}}}"))
            yield line, end - first + 1


def test_no_file_is_longer_than_300_lines_without_a_reason() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert len(lengths) > 100
    assert sorted(name for name, length in lengths.items() if length > FILE) == sorted(REASONS)


def test_no_function_is_longer_than_40_lines() -> None:
    found = {path: list(functions(path)) for path in files()}
    assert sum(map(len, found.values())) > 500
    long = [
        f"{path.relative_to(ROOT)}: {first.strip()} ({length} lines)"
        for path, those in found.items()
        for first, length in those
        if length > FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.js", "export async function go(one) {\n  if (one) {\n    two();\n  }\n}\n", [5]),
        ("a.js", "const go = (one) => {\n  one();\n};\n", [3]),
        ("a.js", "class A {\n  go(one) {\n    one();\n  }\n}\n", [3]),
        ("a.py", "class A:\n    @decorated\n    async def go(self) -> None:\n        pass\n", [2]),
    ],
)
def test_a_function_has_the_lines_from_its_name_to_its_end(
    tmp_path: Path, name: str, text: str, expected: list[int]
) -> None:
    (tmp_path / name).write_text(text)
    assert [length for _, length in functions(tmp_path / name)] == expected
