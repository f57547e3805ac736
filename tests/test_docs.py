"""Hold the docs to the code: every setting, command and API route is described."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.harness.installation import ROOT
from webapp.api.v1.urls import urlpatterns

DOCS = ROOT / "docs"


def read(*names):
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def test_every_setting_is_described():
    source = read(
        "webapp/settings.py",
        "mlworker/environment.py",
        "webapp/management/commands/seed_demo.py",
        "mlworker/predictors/openai/settings.py",
    )
    named = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) - {"CELERY_BROKER_URL"}
    described = set(re.findall(r"^\| `([A-Z_]+)`", read("docs/settings.md"), re.MULTILINE))
    assert len(named) > 10
    assert named <= described
    assert described <= named


def test_every_command_is_described():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} - {"__init__"}
    described = set(re.findall(r"`manage\.py (\w+)", read("docs/commands.md")))
    assert commands == described


def test_every_api_route_is_described():
    described = read("docs/api.md")
    for pattern in urlpatterns:
        assert f"/api/v1/{pattern.pattern}`" in described


def test_every_direct_dependency_has_its_line_and_every_line_its_dependency():
    python, browser = tomllib.loads(read("pyproject.toml")), json.loads(read("package.json"))
    groups = [python["project"]["dependencies"], *python["dependency-groups"].values()]
    named = [Requirement(line).name for group in groups for line in group]
    first_cells = re.findall(r"^\| ([a-z@][^|]*) \|", read("docs/dependencies.md"), re.MULTILINE)
    described = [name for cell in first_cells for name in cell.split(", ")]
    assert sorted(described) == sorted([*named, *browser["dependencies"], *browser["devDependencies"]])


@pytest.mark.parametrize("page", [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=str)
def test_links_between_pages_lead_somewhere(page: Path):
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_is_on_the_map():
    listed = read("docs/index.md")
    assert [page.name for page in DOCS.glob("*.md") if page.name != "index.md" and page.name not in listed] == []
