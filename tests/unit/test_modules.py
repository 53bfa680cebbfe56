"""The page's modules as one file: each keeps names of its own, and what it does not understand is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from chat_web.modules import join_modules, link_module, order

SOURCES = {
    "main": 'import { say } from "./words.js";\nimport { LIMIT as limit } from "./api.js";\nconsole.log(say(limit));\n',
    "words": 'import { LIMIT } from "./api.js";\nconst own = LIMIT;\nexport const say = (n) => `${own} and ${n}`;\n',
    "api": "const own = 7;\nexport const LIMIT = own;\nexport function ask() {}\n",
    "alone": "export const nothing = 0;\n",
}


def run(script: str) -> str:
    """What a script prints when it runs as a module."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("not run: node is not installed")
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    return done.stdout


def test_modules_with_the_same_names_inside_run_as_one() -> None:
    joined = join_modules(SOURCES, "main")
    assert run(joined) == "7 and 7\n"
    assert "nothing" not in joined


def test_what_the_page_names_hides_no_global_from_its_modules() -> None:
    sources = {
        "main": 'import { version } from "./api.js";\nconst process = await 0;\nconsole.log(version(), process);\n',
        "api": "export const version = () => typeof process.version;\n",
    }
    assert run(join_modules(sources, "main")) == "string 0\n"


def test_a_module_stands_behind_those_that_it_imports() -> None:
    assert order(SOURCES, "main") == ["api", "words", "main"]


def test_a_module_that_is_loaded_later_shares_what_the_page_has() -> None:
    later = 'import { LIMIT } from "./api.js";\nexport const twice = 2 * LIMIT;\n'
    linked = link_module({**SOURCES, "later": later}, "later", "main")
    assert linked.startswith('import { $api } from "./main.js";\n')
    assert "export const twice" in linked


def test_a_module_that_is_loaded_later_brings_what_the_page_has_not(tmp_path: Path) -> None:
    half = 'import { LIMIT } from "./api.js";\nimport { nothing } from "./alone.js";\nexport const n = LIMIT / 2;\n'
    sources = {
        **SOURCES,
        "later": 'import { n } from "./half.js";\nimport { LIMIT } from "./api.js";\nexport const all = n + LIMIT;\n',
        "half": half,
    }
    linked = link_module(sources, "later", "main")
    assert linked.startswith('import { $api } from "./main.js";\nconst $alone')
    (tmp_path / "main.js").write_text(join_modules(sources, "main"))
    (tmp_path / "later.js").write_text(linked)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    assert run(f"console.log((await import('{tmp_path}/later.js')).all)") == "7 and 7\n10.5\n"


def test_modules_that_import_each_other_are_refused() -> None:
    circle = {"main": 'import { a } from "./a.js";\n', "a": 'import { b } from "./main.js";\nexport const a = 1;\n'}
    with pytest.raises(ValueError, match="main → a → main"):
        join_modules(circle, "main")


@pytest.mark.parametrize(
    "line", ["export default 7;", 'import all from "./api.js";', "export { own };", 'import "./api.js";']
)
def test_a_module_that_cannot_be_joined_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="cannot be joined"):
        join_modules({"main": 'import { a } from "./a.js";\n', "a": f"{line}\n", "api": ""}, "main")
