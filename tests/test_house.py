"""The house keeps its own rules: where kernels compile, how long a file is, what an `__init__` holds."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_file_opens_with_a_sentence_and_is_read_at_one_sitting(path):
    text = path.read_text()
    if path.name == "__init__.py" and path.parent.name != "rampart":
        assert text == "", "an __init__ below the top holds nothing"
        return
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "a module opens with one sentence on what lives there"
    assert len(text.splitlines()) <= 350, "a newcomer reads a file at one sitting"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_public_functions_say_what_they_return(path):
    tree = ast.parse(path.read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_no_file_names_a_registry_or_leaves_work_behind():
    marks = re.compile(
        r"pypi\.org|pythonhosted|registry\.npmjs|NotImplementedError|\bTO" + r"DO\b|\bFIX" + r"ME\b"
    )
    tracked = [
        p for folder in ("src", "tests", "tools", "docs", "requirements") for p in (ROOT / folder).rglob("*")
    ]
    texts = [p for p in tracked if p.suffix in {".py", ".md", ".txt", ".sh", ".toml"} and p != Path(__file__)]
    assert len(texts) > 20
    assert [relative(p) for p in texts if marks.search(p.read_text())] == []
