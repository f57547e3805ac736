"""Browser libraries are served from where npm puts them, and only the files that are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders

from webapp.finders import NpmFinder

SCRIPT = "openseadragon/openseadragon.min.js"


def installed(root: Path) -> Path:
    path = root / "node_modules/openseadragon/build/openseadragon/openseadragon.min.js"
    path.parent.mkdir(parents=True)
    for name in (path.name, f"{path.name}.map", "openseadragon.js"):
        (path.parent / name).write_text("//")
    return path


def test_what_npm_installed_is_found_and_nothing_else_of_the_package(settings: Any, tmp_path: Path):
    path = installed(tmp_path)
    settings.BASE_DIR = tmp_path
    finder = NpmFinder()
    assert finder.find(SCRIPT) == str(path)
    assert finder.find(SCRIPT, find_all=True) == [str(path)]
    assert finder.find("openseadragon/openseadragon.js") == []
    assert finder.find("openseadragon/../../../../manage.py") == []
    collected = {f"{vars(storage)['prefix']}/{name}" for name, storage in finder.list([])}
    assert collected == {SCRIPT, f"{SCRIPT}.map"}
    assert finder.check() == []


def test_what_is_not_installed_is_named_with_what_to_do(settings: Any, tmp_path: Path):
    settings.BASE_DIR = tmp_path
    finder = NpmFinder()
    assert finder.find(SCRIPT) == []
    (warning,) = finder.check()
    assert SCRIPT in warning.msg
    assert "npm ci" in str(warning.hint)


def test_the_finder_is_asked():
    assert any(isinstance(finder, NpmFinder) for finder in finders.get_finders())
