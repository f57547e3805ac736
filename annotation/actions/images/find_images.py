"""Find a campaign's images by what files from elsewhere call them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, unquote_plus, urlsplit

from annotation.models import Campaign, Image
from annotation.phrases import phrase as _

UPLOAD = re.compile("^[0-9a-f]{8}-")
NOT_KEPT = re.compile(r"[^-\w.]")


class ImagesByName:
    """Images of campaigns by the names that files give them: a hash, a file name, with or without its ending."""

    def __init__(self, *campaigns: Campaign) -> None:
        self.exact: dict[str, set[int]] = defaultdict(set)
        self.alike: dict[str, set[int]] = defaultdict(set)
        images = Image.objects.filter(entries__campaign__in=campaigns)
        for key, sha256, name in images.values_list("pk", "sha256", "original_name"):
            for form in (sha256, _plain(name)):
                self.exact[form].add(key)
            for form in _forms(name):
                self.alike[form.casefold()].add(key)

    def find(self, name: str) -> Image | str:
        """Return the image, or why there is none."""
        for keys in self._candidates(name):
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

    def _candidates(self, name: str) -> Iterator[set[int]]:
        """Yield the images of each form of a name, the surest first."""
        forms = [form for spelling in _spellings(name) for form in (spelling, *_forms(spelling))]
        for form in forms:
            yield self.exact.get(form, set())
        for form in forms:
            yield self.alike.get(form.casefold(), set())


def _spellings(name: str) -> list[str]:
    """Return a name as it stands, and decoded where it is part of an address: %20 is a space, and so may + be."""
    try:
        # What signs an address may hold slashes, which would end up as the name of the file.
        path = urlsplit(name).path if "://" in name else name
    except ValueError:
        path = name
    decoded = unquote(path)
    return list(dict.fromkeys([name, path, decoded, unquote(decoded), unquote_plus(path)]))


def _plain(name: str) -> str:
    """Return a file name as it is compared: Macs part accents from letters, and others do not."""
    return unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)


def _forms(name: str) -> list[str]:
    """Return a file name and its other forms, the surest first.

    ArtiMuse-10K puts `image` before some names. Label Studio puts eight hex digits before those of uploads, and keeps
    only letters, digits and -_. of the rest, with underscores for spaces.
    """
    base = _plain(name)
    forms = [base, PurePosixPath(base).stem]
    forms += [UPLOAD.sub("", form) for form in forms]
    forms += [NOT_KEPT.sub("", form.replace(" ", "_")) for form in forms]
    forms += [form.removeprefix("image") for form in forms]
    return list(dict.fromkeys(form for form in forms if form))
