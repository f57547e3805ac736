"""Publish a release: freeze what goes in, place newcomers in splits, write the folder, give it its name at the end."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Avg, F, Max, Q, QuerySet
from django.utils import timezone

from annotation.errors import Conflict, ReleaseRefused
from annotation.exporters.aggregates import WHICH_COUNT
from annotation.exporters.benchmarks import lists_in
from annotation.exporters.diff import MAJOR, MINOR, PATCH
from annotation.exporters.folder import Written, write_release
from annotation.exporters.leakage import Benchmark
from annotation.exporters.manifest import NAME as MANIFEST
from annotation.exporters.manifest import sha256_of
from annotation.exporters.splits import Member, place
from annotation.exporters.versions import parts
from annotation.models import (
    Annotation,
    Campaign,
    CampaignImage,
    Consensus,
    EventChain,
    Image,
    NearDuplicateGroup,
    Release,
    Report,
    Revision,
)
from annotation.models.annotations import AnnotationQuerySet
from annotation.phrases import phrase as _

from . import release_contents
from .measure_agreement import is_current, measure
from .record import record

DOI = re.compile(r"10\.\d{4,9}/\S+")


def publish(
    campaign: Campaign,
    version: str,
    *,
    out: Path,
    by: AbstractBaseUser | None,
    released_at: datetime | None = None,
    report: Report | None = None,
    doi: str = "",
) -> Release:
    """Write release `version` of a campaign to the new folder `out/SLUG-VERSION` and return its record.

    Without `report` the newest one is taken, or a new one made where answers came in since. The folder gets its name
    only when it is complete. A build that fails leaves a record that says why, and the splits it gave to images,
    which hold for ever. `doi` was reserved for it and stands inside. Raise ReleaseRefused with the reason.
    """
    folder = out.resolve() / f"{campaign.slug}-{version}"
    check(campaign, version, folder)
    if doi and not DOI.fullmatch(doi):
        raise ReleaseRefused(_("%(doi)s is no DOI; one such as 10.5281/zenodo.1234 is accepted", doi=doi))
    if report is not None and report.campaign_id != campaign.pk:
        raise ReleaseRefused(_("%(report)s is not about campaign %(campaign)s", report=report, campaign=campaign.slug))
    with _workplace(folder) as unfinished:
        report = report or _current_report(campaign)
        moment = released_at or timezone.now().replace(microsecond=0)
        release = _freeze(campaign, version, folder, report, by, moment, doi)
        try:
            _finish(release, build(release, unfinished), unfinished, by)
        except BaseException as error:
            if not unfinished.exists():  # It got its name, but the record of that was not accepted.
                folder.rename(unfinished)
            release.state, release.error = Release.State.FAILED, str(error) or type(error).__name__
            release.save(update_fields=["state", "error"])
            raise
    return release


def build(release: Release, folder: Path) -> Written:
    """Write the files of a release record into an empty folder: the same record gives the same bytes.

    Raise Conflict when the rows are no longer those the record was published with, ReleaseRefused when a picture is
    unusable.
    """
    written = write_release(
        folder,
        release_contents.facts(release),
        release_contents.records(release),
        previous=_previous_folder(release),
        benchmarks=_benchmarks(release),
    )
    if release.content_hash not in ("", written.content_sha256):
        raise Conflict(_("the rows of release %(release)s have changed since it was published", release=release))
    return written


def check(campaign: Campaign, version: str, folder: Path) -> None:
    """Raise ReleaseRefused when this version of this campaign may not be published."""
    try:
        wanted = parts(version)
    except ValueError as error:
        raise ReleaseRefused(str(error)) from error
    newest = newest_release(campaign)
    if newest is not None and wanted <= parts(newest.version):
        raise ReleaseRefused(
            _(
                "version %(version)s does not come after %(newest)s, the newest one of %(campaign)s",
                version=version,
                newest=newest.version,
                campaign=campaign.slug,
            )
        )
    if folder.exists():
        raise ReleaseRefused(_("%(folder)s is there already; choose another folder or version", folder=folder))
    if not campaign.is_demo and campaign.annotations.filter(simulated=True).exists():
        raise ReleaseRefused(
            _("%(campaign)s holds simulated answers, which only a demo campaign may release", campaign=campaign.slug)
        )
    if not _counted(campaign).exists():
        raise ReleaseRefused(
            _("%(campaign)s has no answer yet that counts, so there is nothing to release", campaign=campaign.slug)
        )


def _counted(campaign: Campaign) -> AnnotationQuerySet:
    return Annotation.objects.filter(campaign=campaign).counted().untouched_by_model()


def newest_release(campaign: Campaign) -> Release | None:
    """Return the campaign's published release with the highest version."""
    return max(campaign.releases.done(), key=lambda release: parts(release.version), default=None)


def likely_level(campaign: Campaign) -> str:
    """Foresee which number of the version the next release will have to raise, without building it."""
    newest = newest_release(campaign)
    if newest is None or "last_revision" not in newest.query:
        return MINOR
    old = newest.query
    released = release_contents.entries(campaign, old).values("image")
    answered = Revision.objects.filter(pk__gt=old["last_revision"], annotation__campaign=campaign)
    settled = Consensus.objects.filter(pk__gt=old["last_consensus"], review__campaign=campaign)
    if (
        answered.filter(annotation__image__in=released).exists()
        or settled.filter(review__image__in=released).exists()
        or campaign.withdrawals.count() != len(old["withdrawn"])
        or campaign.entries.filter(excluded=True, image__in=released).exists()
    ):
        return MAJOR
    return MINOR if answered.exists() else PATCH


def _previous_folder(release: Release) -> Path | None:
    """Return the folder of the release before. Raise ReleaseRefused when it is not as it was published.

    What changed can only be stated against the very files that were published.
    """
    previous = release.query["previous"]
    if not previous:
        return None
    folder = Path(previous["folder"])
    try:
        there = sha256_of(folder / MANIFEST) == previous["manifest_sha256"]
    except OSError:
        there = False
    if not there:
        raise ReleaseRefused(
            _(
                "release %(version)s is no longer in %(folder)s as it was published; put it back, so that what changed "
                "since can be told",
                version=previous["version"],
                folder=folder,
            )
        )
    return folder


def _benchmarks(release: Release) -> list[Benchmark]:
    """Return the lists of fingerprints the record names. Raise Conflict when one is no longer as it was."""
    lists = {benchmark.title: benchmark for benchmark in lists_in(settings.BENCHMARKS_DIR)}
    named = release.query["benchmarks"]
    for entry in named:
        if entry["title"] not in lists or lists[entry["title"]].sha256 != entry["sha256"]:
            raise Conflict(
                _(
                    "the list %(title)s.csv in %(folder)s is not as it was for %(release)s",
                    title=entry["title"],
                    folder=settings.BENCHMARKS_DIR,
                    release=release,
                )
            )
    return [lists[entry["title"]] for entry in named]


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside the final one, held by a lock that ends with this process, however it ends.

    So what a killed build leaves never has the final name, and the next build clears it away. Raise ReleaseRefused
    when another process is at it, or the folder cannot be made.
    """
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        handle = os.open(unfinished, os.O_RDONLY)
    except OSError as error:
        raise ReleaseRefused(
            _("%(folder)s cannot be written to: %(problem)s", folder=folder.parent, problem=error.strerror)
        ) from error
    try:
        _lock(handle, folder)
        try:
            for left in unfinished.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield unfinished
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)  # Finished, it has another name.
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ReleaseRefused(
            _("%(name)s is being built right now; wait until that is done", name=folder.name)
        ) from None


def _current_report(campaign: Campaign) -> Report:
    """Return the newest report on the whole campaign, or a new one where answers came in or were withdrawn since."""
    newest = campaign.reports.whole().first()
    return newest if newest and is_current(newest) else measure(campaign, by=None)


@transaction.atomic
def _freeze(
    campaign: Campaign,
    version: str,
    folder: Path,
    report: Report,
    by: AbstractBaseUser | None,
    released_at: datetime,
    doi: str,
) -> Release:
    """Make the record that says what goes in, and place the images that have no split yet.

    The campaign's event chain is locked meanwhile, so that answers stored later stay out.
    """
    EventChain.objects.select_for_update().filter(campaign=campaign).first()
    stopped = campaign.releases.filter(version=version, state=Release.State.BUILDING, folder=str(folder))
    stopped.update(state=Release.State.FAILED, error="its build was stopped")
    other = campaign.releases.filter(version=version).exclude(state=Release.State.FAILED).first()
    if other is not None:
        raise ReleaseRefused(
            _(
                "%(campaign)s %(version)s is %(state)s in %(folder)s; "
                "if that build was killed, publish to that place again",
                campaign=campaign.slug,
                version=version,
                state=other.get_state_display(),
                folder=other.folder,
            )
        )
    last = Revision.objects.filter(annotation__campaign=campaign).aggregate(Max("pk"))["pk__max"]
    settled = Consensus.objects.filter(review__campaign=campaign).aggregate(Max("pk"))["pk__max"]
    excluded = campaign.entries.filter(Q(excluded=True) | Q(image__withdrawals__isnull=False))
    left_out = sorted(set(excluded.values_list("image__sha256", flat=True)))
    withdrawn = campaign.withdrawals.filter(person__isnull=False).order_by("person__pseudonym")
    query: dict[str, Any] = {
        "answers": WHICH_COUNT,
        "last_revision": last,
        "last_consensus": settled or 0,
        "left_out": left_out,
        "people_left_out": list(withdrawn.values_list("person__pseudonym", flat=True)),
        "seed": campaign.seed,
        "title": campaign.title,
        "description": campaign.description,
        "answers_per_image": campaign.answers_per_image,
        "doi": doi,
    }
    query |= release_contents.about(campaign, newest_release(campaign))
    answered = release_contents.entries(campaign, query)
    query["without_answers"] = campaign.entries.count() - answered.count() - len(left_out)
    query |= _place(campaign, query, answered)
    release = Release.objects.create(
        campaign=campaign,
        version=version,
        query=query,
        report=report,
        is_demo=campaign.is_demo,
        folder=str(folder),
        requested_by_id=by.pk if by else None,
        released_at=released_at,
    )
    details = {"version": version, "held_back": len(query["held_back"])}
    release.event_head = record(campaign, "release.begun", release, by=by, content=query, details=details).hash
    release.save(update_fields=["event_head"])
    return release


def _place(campaign: Campaign, query: Mapping[str, Any], answered: QuerySet[CampaignImage]) -> dict[str, Any]:
    """Place the images that have no split yet, for ever; return what is held back and which groups are tied."""
    groups = answered.values("image__group")
    # Two campaigns that publish at once take turns over the groups they share.
    list(NearDuplicateGroup.objects.select_for_update().filter(pk__in=groups).order_by("pk").values_list("pk"))
    counted = (
        release_contents.counted(campaign, query).order_by().values("image").annotate(mean=Avg("revisions__holistic"))
    )
    scores = dict(counted.values_list("image__sha256", "mean"))
    fields = ("image__sha256", "image__group_id", "subcategory", "image__split")
    members = {
        row[0]: Member(row[0], row[1], row[2], row[3], score=float(scores[row[0]]) / 100)
        for row in answered.values_list(*fields)
    }
    placed_before = Image.objects.filter(group__in=groups).exclude(split="").order_by("sha256")
    everyone = members.copy()
    names: dict[tuple[Any, str], str] = {}
    for sha256, group, subcategory, split, name in placed_before.values_list(
        "sha256", "group_id", "subcategory", "split", "split_group"
    ):
        everyone.setdefault(sha256, Member(sha256, group, subcategory, split))
        names.setdefault((group, split), name)  # That of the smallest hash.
    placement = place(everyone.values(), campaign.seed)
    _keep_places(placement.placed)
    _keep_names(placement.placed, everyone, names)
    ties: dict[Any, dict[str, str]] = defaultdict(dict)
    for member in sorted(members.values(), key=lambda member: member.sha256):
        if member.split:
            ties[member.group].setdefault(member.split, member.sha256)
    return {
        "held_back": [
            {"sha256": sha256, "would_tie": list(splits)} for sha256, splits in sorted(placement.held_back.items())
        ],
        "tied": sorted(sorted(names.values()) for names in ties.values() if len(names) > 1),
    }


def _keep_places(placed: dict[str, tuple[str, str]]) -> None:
    destinations: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sha256, destination in sorted(placed.items()):
        destinations[destination].append(sha256)
    for (split, reason), images in sorted(destinations.items()):
        for some in release_contents.batches(images, 500):
            Image.objects.filter(sha256__in=some).update(split=split, split_reason=reason)


def _keep_names(
    placed: dict[str, tuple[str, str]], members: Mapping[str, Member], names: dict[tuple[Any, str], str]
) -> None:
    """Name the groups of newcomers for ever: as the members placed before, else after the smallest hash."""
    called: dict[str, list[str]] = defaultdict(list)
    for sha256, (split, _why) in sorted(placed.items()):
        called[names.setdefault((members[sha256].group, split), sha256)].append(sha256)
    alone = [name for name, images in called.items() if images == [name]]
    for some in release_contents.batches(alone, 500):
        Image.objects.filter(sha256__in=some).update(split_group=F("sha256"))
    for name, images in called.items():
        if images != [name]:
            Image.objects.filter(sha256__in=images).update(split_group=name)


@transaction.atomic
def _finish(release: Release, written: Written, unfinished: Path, by: AbstractBaseUser | None) -> None:
    """Record the release as done and, last of all, give its folder the final name."""
    release.state = Release.State.DONE
    release.manifest_hash, release.content_hash = written.manifest_sha256, written.content_sha256
    release.save(update_fields=["state", "manifest_hash", "content_hash"])
    content = {"version": release.version, "manifest": release.manifest_hash, "rows": release.content_hash}
    record(release.campaign, "release.published", release, by=by, content=content, details=content)
    unfinished.rename(release.folder)
