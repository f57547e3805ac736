"""The browser's modules keep to their rooms, and Django finds every import of theirs."""

import re
from os.path import normpath
from pathlib import Path

import pytest

from tests.harness.installation import ROOT

SCRIPTS = sorted(ROOT.glob("webapp/**/static/**/*.js"))
MODELS = [path for path in SCRIPTS if path.parent.name == "models"]
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
PAGE = re.compile(r"\b(document|window|HTML\w*|\w*Element|Node|localStorage|matchMedia)\b")
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""")

# What a module in each room may import, besides its own room.
BELOW = {
    "models": set(),
    "viewer": {"models", "controls/page-elements.js"},
    "controls": {"models", "viewer"},
    "pages": {"models", "viewer", "controls"},
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def address(path: Path) -> Path:
    """Return where a script is served: all applications share one tree, so that one may import from another."""
    return Path("/", *path.parts[path.parts.index("static") :])


ADDRESSES = {address(path) for path in SCRIPTS}


@pytest.mark.parametrize("path", MODELS, ids=name)
def test_a_model_never_mentions_the_page(path):
    assert PAGE.findall(COMMENT.sub("", path.read_text())) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_module_imports_only_from_its_room_and_those_below(path):
    room = path.parent.name
    # Types in comments count too: a model that is described by a control is no model.
    for specifier in IMPORT.findall(path.read_text()):
        target = Path(normpath(address(path).parent / specifier))
        assert target in ADDRESSES, f"{specifier} is not there"
        imported = f"{target.parent.name}/{target.name}"
        assert {target.parent.name, imported} & {room, *BELOW[room]}, f"{room} above {imported}"


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_static_import_ends_with_a_semicolon_or_its_hashed_name_is_never_written(path):
    code = COMMENT.sub("", path.read_text())
    for specifier, after in re.findall(r"""^(?:import|export)\b[^;"']*["'](\.[^"']*)["'](.?)""", code, re.MULTILINE):
        assert after == ";", specifier
