"""The shape of the code: sizes, no vendor's name where all vendors are served, nothing of the machines that built it."""

from __future__ import annotations

import ast
import re

from providers.registry import PROVIDERS
from tests.architecture.sources import ROOT, Module, files, inside, modules, modules_of_tests

LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
TOP_LEVEL = {
    ".ci", ".gitignore", "Makefile", "Procfile", "README.md", "config", "dashboard", "docs", "manage.py", "providers", "pyproject.toml",
    "requirements.txt", "static", "templates", "tests",
}  # fmt: skip
FOREIGN = re.compile(
    "|".join(
        ("/" + "work/", "/" + "home/", "/" + "root/", "/" + "Users/", "/tmp/" + "build", r"\.\./" + "shared", "pythonhosted" + r"\.org")
    ),
)
"""Paths and hosts of machines on which the project was made."""


def test_modules_are_short() -> None:
    sizes = {module.name: len(module.text.splitlines()) for module in (*modules(), *modules_of_tests())}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    sizes = {
        f"{module.name}.{function.name}": size(function) for module in (*modules(), *modules_of_tests()) for function in functions(module)
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


def functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def size(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_the_desk_names_no_provider() -> None:
    naming = {module.name: strings(module) & PROVIDERS.keys() for module in modules() if inside(module.name, "dashboard")}
    assert {name: words for name, words in naming.items() if words} == {}


def strings(module: Module) -> set[str]:
    return {node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_no_template_names_a_provider() -> None:
    templates = {path: set(re.findall(r"[a-z]+", path.read_text(encoding="utf-8"))) for path in (ROOT / "templates").rglob("*.html")}
    assert {path.name: words & PROVIDERS.keys() for path, words in templates.items() if words & PROVIDERS.keys()} == {}


def test_no_test_leans_on_another_module_of_tests() -> None:
    """But for those that are planted and caught: what two modules share stands in neither."""
    leaning = {
        (module.name, name) for module in modules_of_tests() for name in module.imports() if re.match(r"tests\.(\w+\.)*test_\w+", name)
    }
    assert {module for module, _name in leaning} <= {"tests.faults.test_planted"}


def test_the_top_level_is_the_agreed_one() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in files()}
    assert found - TOP_LEVEL == set()


def test_no_file_knows_the_machines_that_made_it() -> None:
    telling = []
    for path in files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        telling += [f"{path.relative_to(ROOT)}: {found[0]}" for found in FOREIGN.finditer(text)]
    assert telling == []
