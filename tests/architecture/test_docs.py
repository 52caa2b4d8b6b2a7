"""What the documents say is so: settings, commands, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.services.failpoints import POINTS
from tests.architecture.sources import ROOT, files
from tests.faults.plants import PLANTS

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [path for path in files() if path.suffix == ".md"]
NOT_FOR_PEOPLE = {"TEST_DATABASE"}


def test_every_setting_is_documented_and_nothing_else() -> None:
    code = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in ("settings.py", "logging.py"))
    readers = r"(?:env\.\w+|secret|secret_list|keys|switch|whole|number|numbers|word|text|database)"
    read = set(re.findall(rf'{readers}\(\s*"([A-Z_]+)"', code)) - NOT_FOR_PEOPLE
    told = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert read == told


def test_every_command_of_ours_is_named_in_the_readme() -> None:
    commands = {path.stem for path in (ROOT / "dashboard" / "management" / "commands").glob("*.py")} - {"__init__"}
    assert {name for name in commands if f"manage.py {name}" not in README and f"`{name}`" not in README} == set()


def test_every_dependency_has_its_reason() -> None:
    pinned = re.findall(r"^([A-Za-z0-9-]+)(?:\[\w+\])?==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    table = README.split("## Dependencies")[1].lower()
    assert [name for name in pinned if name.lower() not in table] == []


def test_every_module_has_its_place_on_the_maps() -> None:
    for folder, document in (("dashboard/services", "dashboard/README.md"), ("providers", "providers/README.md")):
        told = set(re.findall(r"`(\w+)(?:\.py)?`", (ROOT / document).read_text(encoding="utf-8")))
        assert {path.stem for path in (ROOT / folder).glob("*.py")} - told == {"__init__"}, document


def test_the_figures_of_the_engine_are_those_of_its_tests() -> None:
    assert f"SIGKILL at each of {len(POINTS)} named points" in README
    assert f"| {len(PLANTS)} planted bugs |" in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []
