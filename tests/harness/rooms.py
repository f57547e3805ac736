"""The list of rooms in CONTRIBUTING.md: each package, and how it describes itself.

`python -m tests.harness.rooms` writes it anew.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.harness.installation import ROOT

HOUSES = ("webapp", "annotation", "mlworker", "rendering")
WITHOUT_LINE = {"migrations"}  # Django's.
PAGE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- rooms -->\n", "<!-- end of rooms -->\n"


def packages(*houses: str) -> list[Path]:
    """Return the packages of the houses, from the repository's root, each before those in it."""
    folders = sorted(path.parent.relative_to(ROOT) for house in houses for path in (ROOT / house).rglob("__init__.py"))
    return [folder for folder in folders if folder.name not in WITHOUT_LINE]


def first_line(folder: Path) -> str:
    """Return the first line of a package's docstring."""
    words = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return words.partition("\n")[0]


def table() -> str:
    rows = [f"| `{folder}/` | {first_line(folder)} |\n" for house in HOUSES for folder in packages(house)]
    return "".join(["| Room | Is |\n|---|---|\n", *rows])


def listed_rooms(page: str) -> str:
    """Return the list that stands in the page."""
    return page.partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    PAGE.write_text(
        re.sub(
            f"{BEGIN}.*{END}", lambda _: f"{BEGIN}{table()}{END}", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL
        ),
        encoding="utf-8",
    )
