"""Browser libraries, served from where npm puts them; the tree holds no copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name for it.
from django.core.files.storage import FileSystemStorage, Storage

# Package, folder inside it, and files: only these are served, under the package's name.
LIBRARIES = {
    "openseadragon": ("build/openseadragon", ("openseadragon.min.js", "openseadragon.min.js.map")),
}


class NpmFinder(BaseFinder):
    """The finder of `PACKAGE/FILE` for each file named above."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files: dict[str, Path] = {}
        self.storages: dict[str, Storage] = {}
        for package, (folder, names) in LIBRARIES.items():
            root = settings.BASE_DIR / "node_modules" / package / folder
            self.files |= {f"{package}/{name}": root / name for name in names}
            storage = FileSystemStorage(location=root)
            storage.prefix = package  # type: ignore[attr-defined]  # Where collectstatic puts them.
            self.storages[package] = storage

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Name the files that npm has yet to install."""
        missing_files = [name for name, path in self.files.items() if not path.is_file()]
        if not missing_files:
            return []
        hint = "run `npm ci`, or make, which does it"
        # A warning, as commands and tests run without the browser's libraries.
        return [Warning(f"not installed: {', '.join(missing_files)}", hint=hint, id="connoisseur.W002")]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return the file's path, or all paths in a list; nothing for files of others."""
        # From a fixed list: node_modules holds thousands of files that nobody is to be served.
        paths = [str(self.files[path])] if path in self.files and self.files[path].is_file() else []
        return paths if find_all else (paths[0] if paths else [])

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Yield the name of each file within its folder, with the storage that reads it."""
        for name, path in self.files.items():
            if path.is_file():
                package, _, file = name.partition("/")
                yield file, self.storages[package]
