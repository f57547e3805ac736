"""Store annotations collected elsewhere: marked as imported, never counted with those given here.

What is good is kept, what is not is listed with file, place and field; a second run adds only what is new. So does a
later release of a campaign, and what it says anew is added as a further revision.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.errors import RatingsRefused
from annotation.imports.connoisseur import check_files
from annotation.imports.formats import READERS, guess, read_records, source_of
from annotation.imports.vocabulary import Version, Vocabulary, check_mapping
from annotation.models import Campaign, RubricVersion

from .ratings_importer import RatingsImporter
from .ratings_report import RatingsReport


def import_ratings(
    campaign: Campaign,
    path: Path,
    *,
    by: AbstractBaseUser | None,
    form: str = "",
    mapping: Any = None,
    source: str = "",
) -> RatingsReport:
    """Store the annotations and reference scores of a file in one transaction, and return what became of them.

    `form` is one of `annotation.imports.formats.READERS`, or empty to find out by looking; `mapping` translates the
    file's names; `source` is what its raters are known by in later runs, the file's name where none is given, while a
    release is known by its campaign. Annotations keep the arm the file or the mapping declares, else it is unknown.
    Raise RatingsRefused, before anything is written, when the file as a whole cannot be read.
    """
    policy.require(policy.may_organise, by, campaign)
    if not path.exists():
        raise RatingsRefused(f"{path}: is not there")
    form = form or guess(path)
    if form not in READERS:
        raise RatingsRefused(f"format {form!r} is unknown; accepted: {', '.join(READERS)}")
    if form == "connoisseur":
        check_files(path)
    versions = _versions(campaign)
    known_versions = [Version(name, version.content_hash, version.rubric) for name, version in versions.items()]
    words = Vocabulary(campaign.rubric, check_mapping(mapping or {}), known_versions)
    # Opened only now: whatever refuses the file as a whole has been asked, and nobody had to wait for it.
    with transaction.atomic():
        report = RatingsReport(campaign.slug, form)
        importer = RatingsImporter(campaign, source_of(path, form, source), report, versions)
        for item in read_records(form, path, words):
            importer.take(item)
        importer.finish(path.name, by)
    return report


def _versions(campaign: Campaign) -> dict[str, RubricVersion]:
    """Return the published versions of the campaign's rubric by name, its own first."""
    own = campaign.rubric_version
    other_versions = RubricVersion.objects.published().filter(slug=own.slug).exclude(pk=own.pk)
    return {str(version): version for version in (own, *other_versions)}
