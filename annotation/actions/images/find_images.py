"""Find a campaign's images by what files from elsewhere call them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

from annotation.models import Campaign, Image
from annotation.phrases import phrase as _


class ImagesByName:
    """Find images of campaigns by the names files give them: a hash, a file name, with or without its ending."""

    def __init__(self, *campaigns: Campaign) -> None:
        self.found: dict[str, set[int]] = defaultdict(set)
        images = Image.objects.filter(entries__campaign__in=campaigns)
        for key, sha256, name in images.values_list("pk", "sha256", "original_name"):
            for form in (sha256, *_forms(name)):
                self.found[form].add(key)

    def find(self, name: str) -> Image | str:
        """Return the image, or why there is none."""
        for form in (name, *_forms(name)):
            keys = self.found.get(form, set())
            # Folders of a source may hold files of one name; a guess would put answers to the wrong image.
            if len(keys) > 1:
                return _(
                    "%(name)r is the name of %(count)s images of the campaign; its SHA-256 is accepted",
                    name=name,
                    count=len(keys),
                )
            if keys:
                return Image.objects.get(pk=next(iter(keys)))
        return _("the campaign has no image %(name)r; a SHA-256 or the name of an imported file is accepted", name=name)


def _forms(name: str) -> list[str]:
    """Return a file name and its other forms, the surest first; ArtiMuse-10K puts `image` before some."""
    base = PurePosixPath(name.replace("\\", "/")).name
    stem = PurePosixPath(base).stem
    short = [form.removeprefix("image") for form in (base, stem) if form.startswith("image")]
    return list(dict.fromkeys(form for form in (base, stem, *short) if form))
